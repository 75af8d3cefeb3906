/** Owns what is written into an on-demand store by calls: references by their keys, and resources that fill its cache. */
import { createIndexer } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { cached, known, Scene, type Secret, secret } from './scene.ts';

describe('a reference by its keys', () => {
  it('is stored without anything being fetched', async () => {
    const scene = new Scene();
    scene.store.add(undefined, ['shop', 'a']);
    scene.store.update(null, ['shop', 'b']);
    await scene.settle();
    expect(scene.store.refs()).toEqual([
      { namespace: 'shop', name: 'a', keys: ['shop', 'a'] },
      { namespace: 'shop', name: 'b', keys: ['shop', 'b'] },
    ]);
    expect([scene.requests.length, scene.store.cacheSize, scene.store.modCount]).toEqual([0, 0, 2]);
  });

  it('takes whatever version the server answers with', async () => {
    const scene = new Scene();
    scene.store.add(undefined, ['shop', 'a']);
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@10', 1]);
  });

  it('is known to the watch from its first event on', async () => {
    const scene = new Scene();
    scene.store.add(undefined, ['shop', 'a']);
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.watch(['ADDED', secret('a', '12')]);
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['waits', 0]);
  });

  it('fetches by the identity that the field paths name, under the keys that were given', async () => {
    const indexer = createIndexer({
      indexBy: ["metadata.labels['app']", 'metadata.name', 'metadata.namespace'],
    });
    const scene = new Scene({ indexer });
    scene.store.add(undefined, ['front', 'a', 'shop']);
    const got = scene.get('front');
    await scene.answer(secret('a', '10'));
    expect(got.shown).toBe('a@10');
    expect(scene.requests.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['shop/a']);
  });

  it('is refused where nothing tells whose it is', () => {
    const scene = new Scene({ numKeys: 1 });
    expect(() => scene.store.add(undefined, ['a'])).toThrow(
      expect.objectContaining({ code: 'NO_IDENTITY', operation: 'add', keys: ['a'] }),
    );
    expect(() => scene.store.add(undefined)).toThrow(expect.objectContaining({ code: 'INVALID_KEYS' }));
    expect([scene.store.size, scene.store.modCount]).toEqual([0, 0]);
  });
});

describe('a resource that is given', () => {
  it('is read from the cache, as a frozen copy without the ignored fields', async () => {
    const indexer = createIndexer({ ignoreFields: ['metadata.managedFields', 'data.secret'] });
    const scene = new Scene({ indexer });
    const given: Secret = {
      metadata: { namespace: 'shop', name: 'a', managedFields: [1] },
      data: { secret: 'x', open: 'y' },
    };
    const before = structuredClone(given);
    scene.store.add(given);
    expect(given).toEqual(before);
    expect(Object.isFrozen(given.metadata)).toBe(false);
    given.metadata.name = 'edited';
    const [got] = await scene.store.get('shop', 'a');
    expect(got).toEqual({ metadata: { namespace: 'shop', name: 'a' }, data: { open: 'y' } });
    expect(Object.isFrozen(got?.metadata)).toBe(true);
    expect([scene.requests.length, scene.store.cacheStats.hits]).toEqual([0, 1]);
  });

  it('takes the place of what was fetched, and is forgotten when its time is over', async () => {
    const scene = await cached();
    scene.store.update({ ...secret('a', '11'), data: { said: 'by call' } });
    const got = scene.get('shop', 'a');
    await scene.settle();
    expect(got.value).toMatchObject([{ data: { said: 'by call' } }]);
    await scene.clock.advance('2m10s');
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([0, 0]);
  });

  it('is dropped when the watch tells of something newer, kept when it tells of the same', async () => {
    const scene = known();
    scene.store.update(secret('a', '11'));
    scene.watch(['MODIFIED', secret('a', '11')]);
    expect(scene.store.cacheSize).toBe(1);
    scene.watch(['MODIFIED', secret('a', '12')]);
    expect(scene.store.cacheSize).toBe(0);
  });

  it('is not kept where the call is refused', () => {
    const indexer = createIndexer({ indexBy: ["metadata.labels['app']"] });
    const scene = new Scene({ indexer });
    expect(() => scene.store.add(secret('a', '10'))).toThrow(expect.objectContaining({ operation: 'add' }));
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([0, 0]);
  });

  it('is not what is shown if a subscriber wrote something newer in answer', async () => {
    const scene = new Scene();
    scene.store.changes$.subscribe(({ ref }) => {
      if (ref.resourceVersion === '10') scene.store.update(secret('a', '11'));
    });
    scene.store.add(secret('a', '10'));
    const got = scene.get('shop', 'a');
    await scene.settle();
    expect(got.shown).toBe('a@11');
  });

  it.each([
    ['removed it', (scene: Scene) => scene.store.remove({ namespace: 'shop', name: 'a' })],
    ['closed the store', (scene: Scene) => scene.store.close()],
  ])('leaves nothing behind if a subscriber %s in answer', async (_what, answer) => {
    const scene = new Scene();
    scene.store.changes$.subscribe(({ type }) => {
      if (type === 'added') answer(scene);
    });
    scene.store.add(secret('a', '10'));
    await scene.settle();
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([0, 0]);
  });

  it('by apply stores a reference and keeps nothing', async () => {
    const scene = await cached();
    scene.store.apply({ type: 'MODIFIED', object: secret('a', '11') });
    expect([scene.store.cacheSize, scene.store.refs('shop', 'a')[0]?.resourceVersion]).toEqual([0, '11']);
  });
});

describe('deleting', () => {
  it.each([
    ['delete', (scene: Scene) => scene.store.delete('shop', 'a')],
    ['remove', (scene: Scene) => scene.store.remove({ namespace: 'shop', name: 'a' })],
    ['clear', (scene: Scene) => scene.store.clear()],
  ])('by %s drops what is cached, and its timer', async (_how, call) => {
    const scene = await cached();
    call(scene);
    const got = scene.get('shop', 'a');
    await scene.settle();
    expect([got.shown, scene.store.cacheSize, scene.clock.pending]).toEqual(['nothing', 0, 0]);
  });

  it('and adding again by its keys shows nothing of what was cached', async () => {
    const scene = await cached();
    scene.store.delete('shop', 'a');
    scene.store.add(undefined, ['shop', 'a']);
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '12', 'u2'));
    expect(got.shown).toBe('a@12');
  });
});
