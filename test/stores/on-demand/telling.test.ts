/** Owns what an on-demand store tells its subscribers: references, and nothing of what they refer to. */
import { inspect } from 'node:util';
import { createIndexer, type FirnError, type ResourceEvent, type ResourceRef } from '@firn/core';
import type { RefChange } from '@firn/stores';
import { describe, expect, it } from 'vitest';
import { cached, known, Outcome, Scene, type Secret, secret } from './scene.ts';

function watched(scene: Scene): { changes: RefChange<Secret>[]; events: ResourceEvent<Secret>[] } {
  const seen = { changes: [] as RefChange<Secret>[], events: [] as ResourceEvent<Secret>[] };
  scene.store.changes$.subscribe((change) => seen.changes.push(change as RefChange<Secret>));
  scene.store.events$.subscribe((event) => seen.events.push(event));
  return seen;
}

const ref = (resourceVersion: string, uid = 'u1'): ResourceRef => {
  return { namespace: 'shop', name: 'a', uid, resourceVersion, keys: ['shop', 'a'] };
};

describe('changes', () => {
  it('tell what became of references, and fetch nothing', async () => {
    const scene = new Scene();
    const { changes } = watched(scene);
    scene.watch(['ADDED', secret('a', '10')]);
    scene.watch(['MODIFIED', secret('a', '11')]);
    scene.watch(['ADDED', secret('a', '12', 'u2')]);
    scene.watch(['DELETED', secret('a', '13', 'u2')]);
    const told = changes.map(({ type, ref: now, previousRef, cause, modCount }) => {
      return { type, now, previousRef, cause, modCount };
    });
    const cause = 'watch';
    expect(told).toEqual([
      { type: 'added', now: ref('10'), previousRef: undefined, cause, modCount: 1 },
      { type: 'modified', now: ref('11'), previousRef: ref('10'), cause, modCount: 2 },
      { type: 'deleted', now: ref('11'), previousRef: ref('11'), cause, modCount: 3 },
      { type: 'added', now: ref('12', 'u2'), previousRef: undefined, cause, modCount: 3 },
      { type: 'deleted', now: ref('12', 'u2'), previousRef: ref('12', 'u2'), cause, modCount: 4 },
    ]);
    await scene.settle();
    expect(scene.requests).toEqual([]);
    expect(changes.every((change) => Object.isFrozen(change) && Object.isFrozen(change.ref))).toBe(true);
  });

  it('fetch what they are about when they are asked to', async () => {
    const scene = new Scene();
    const { changes } = watched(scene);
    scene.watch(['ADDED', secret('a', '10')]);
    const fetched = new Outcome((changes[0] as RefChange<Secret>).fetch());
    await scene.answer(secret('a', '10'));
    expect(fetched.value).toEqual(secret('a', '10'));
  });

  it('give undefined for what is deleted, was deleted since, or was recreated since', async () => {
    const scene = new Scene();
    const { changes } = watched(scene);
    scene.watch(['ADDED', secret('a', '10')]);
    scene.watch(['ADDED', secret('a', '12', 'u2')]);
    const [added, deleted, recreated] = changes;
    expect([await added?.fetch(), await deleted?.fetch()]).toEqual([undefined, undefined]);
    scene.watch(['DELETED', secret('a', '13', 'u2')]);
    expect(await recreated?.fetch()).toBe(undefined);
    expect(scene.requests).toEqual([]);
  });

  it('give undefined for what is recreated while it is fetched', async () => {
    const scene = new Scene();
    const { changes } = watched(scene);
    scene.watch(['ADDED', secret('a', '10')]);
    const fetched = new Outcome((changes[0] as RefChange<Secret>).fetch());
    await scene.settle();
    scene.watch(['ADDED', secret('a', '12', 'u2')]);
    await scene.answer(secret('a', '12', 'u2'));
    expect(fetched.shown).toBe('nothing');
  });

  it('reject when the store was closed', async () => {
    const scene = new Scene();
    const { changes } = watched(scene);
    scene.watch(['ADDED', secret('a', '10')]);
    scene.store.close();
    const fetched = new Outcome((changes[0] as RefChange<Secret>).fetch());
    await scene.settle();
    expect(fetched.shown).toBe('CLOSED');
  });

  it('of one call tell each subscriber, and those of a relist too', async () => {
    const scene = await cached();
    const { changes } = watched(scene);
    scene.relist(secret('b', '10'));
    expect(changes.map(({ type, ref: { name }, cause }) => `${type} ${name} ${cause}`)).toEqual([
      'deleted a relist',
      'added b relist',
    ]);
  });

  it('read what they tell of: a subscriber that asks is not given what was cached before', async () => {
    const scene = await cached();
    const asked: Outcome[] = [];
    scene.store.changes$.subscribe(() => asked.push(scene.get('shop', 'a')));
    scene.watch(['MODIFIED', secret('a', '11')]);
    await scene.answer(secret('a', '11'));
    expect(asked.map((one) => one.shown)).toEqual(['a@11']);
  });
});

describe('events', () => {
  it('carry references, whatever the watch brought', () => {
    const scene = new Scene();
    const { events } = watched(scene);
    scene.watch(['ADDED', secret('a', '10')]);
    scene.watch(['MODIFIED', secret('a', '11')]);
    scene.watch(['DELETED', secret('a', '12')]);
    const keys = ['shop', 'a'];
    expect(events).toEqual([
      { type: 'ADDED', object: ref('10'), keys, origin: 'watch' },
      { type: 'MODIFIED', object: ref('11'), keys, origin: 'watch' },
      { type: 'DELETED', object: ref('12'), keys, origin: 'watch' },
    ]);
  });

  it('carry references also where they changed nothing', () => {
    const scene = known();
    const { events } = watched(scene);
    scene.watch(['MODIFIED', secret('a', '9')]);
    scene.watch(['DELETED', secret('b', '9')]);
    expect(events).toEqual([
      { type: 'MODIFIED', object: { ...ref('9'), keys: [] }, origin: 'watch' },
      { type: 'DELETED', object: { ...ref('9'), name: 'b', keys: [] }, origin: 'watch' },
    ]);
    expect(inspect(events, { depth: 10 })).not.toContain('said');
  });

  it('carry a reference to what has no keys, and so is left out', () => {
    const indexer = createIndexer({ indexBy: ["metadata.labels['app']"] });
    const scene = new Scene({ indexer });
    const { events } = watched(scene);
    const errors: FirnError[] = [];
    scene.store.errors$.subscribe((error) => errors.push(error));
    scene.watch(['ADDED', secret('a', '10')]);
    expect(events).toEqual([{ type: 'ADDED', object: { ...ref('10'), keys: [] }, origin: 'watch' }]);
    expect([errors.length, scene.store.size]).toEqual([1, 0]);
    expect(inspect([events, errors], { depth: 10 })).not.toContain('said');
  });

  it('of a relist carry references, which later changes leave as they are', () => {
    const scene = known();
    const { events } = watched(scene);
    scene.relist(secret('a', '11'), secret('b', '10'));
    scene.watch(['MODIFIED', secret('a', '12')], ['DELETED', secret('b', '13')]);
    const [replaced] = events;
    if (replaced?.type !== 'REPLACED') throw new Error(`${replaced?.type} was told`);
    expect([...replaced.objects]).toEqual([ref('11'), { ...ref('10'), name: 'b', keys: ['shop', 'b'] }]);
    expect([replaced.objects.length, replaced.resourceVersion]).toEqual([2, '1000']);
  });
});

describe('nothing of a resource is shown', () => {
  it('by inspect and JSON.stringify of the store, of a change and of an event', async () => {
    const scene = await cached();
    const { changes, events } = watched(scene);
    scene.store.add({ ...secret('a', '11'), data: { said: 'hunter2' } });
    await scene.settle();
    const { store } = scene;
    expect(store.cacheSize).toBe(1);
    const shown = [store, changes, events, changes[0]].flatMap((value) => [
      inspect(value, { depth: 20, showHidden: true }),
      JSON.stringify(value),
    ]);
    for (const text of shown) expect(text).not.toContain('hunter2');
    expect(JSON.parse(JSON.stringify(store))).toMatchObject({ size: 1, cacheSize: 1, modCount: 2 });
    expect(JSON.parse(JSON.stringify(changes[0]))).toEqual({
      type: 'modified',
      ref: ref('11'),
      previousRef: ref('10'),
      cause: 'call',
      modCount: 2,
    });
  });
});
