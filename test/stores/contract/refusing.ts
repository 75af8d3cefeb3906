/** Owns the part of the store contract about calls that are refused: how they fail, and that nothing changes. */
import { createIndexer } from '@firn/core';
import { expect } from 'vitest';
import { type Contract, type Pod, pod, refused, type Subject } from './subject.ts';

/** A store with something in it, whose streams must stay silent. */
function watched(subject: Subject): { subject: Subject; seen: unknown[] } {
  subject.add(pod('shop/a', { resourceVersion: '1' }, 'old'), 'shop', 'a');
  const seen: unknown[] = [];
  subject.store.changes$.subscribe((change) => seen.push(change));
  subject.store.events$.subscribe((event) => seen.push(event));
  subject.store.errors$.subscribe((error) => seen.push(error));
  return { subject, seen };
}

const bad = (value: unknown): Pod => value as Pod;

export function describeRefusing(contract: Contract): void {
  contract('refuses keys that are too few, too many, none, not text, or have a NUL', async (create) => {
    const { subject, seen } = watched(create());
    const { store } = subject;
    const before = await subject.state();
    const b = pod('shop/b');
    const calls: [operation: string, keys: string[], call: () => unknown][] = [
      ['add', ['shop'], () => store.add(b, ['shop'])],
      ['add', ['shop', 'b', 'c'], () => store.add(b, ['shop', 'b', 'c'])],
      ['add', [], () => store.add(b, [])],
      ['add', ['shop', 'b\0'], () => store.add(b, ['shop', 'b\0'])],
      ['add', ['shop', '1'], () => store.add(b, ['shop', 1 as unknown as string])],
      ['update', ['shop'], () => store.update(b, ['shop'])],
      ['update', ['a', 'b', 'c'], () => store.update(b, ['a', 'b', 'c'])],
      ['update', [], () => store.update(b, 'shop' as unknown as string[])],
      ['delete', ['shop'], () => store.delete('shop')],
      ['delete', [], () => store.delete()],
      ['delete', ['shop', 'a', 'x'], () => store.delete('shop', 'a', 'x')],
      ['delete', ['shop', '\0'], () => store.delete('shop', '\0')],
      ['get', [], () => store.get()],
      ['get', ['shop', 'a', 'x'], () => store.get('shop', 'a', 'x')],
      ['get', ['sh\0op'], () => store.get('sh\0op')],
      ['get', ['shop', 'undefined'], () => store.get('shop', undefined as unknown as string)],
      ['get', ['shop', 'a', 'x'], () => store.refs('shop', 'a', 'x')],
      ['apply', ['shop'], () => store.apply({ type: 'ADDED', object: b, keys: ['shop'] })],
    ];
    for (const [operation, keys, call] of calls) {
      const error = await refused(call);
      expect(error).toMatchObject({ code: 'INVALID_KEYS', retryable: false, operation, keys });
    }
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('refuses what is not a resource', async (create) => {
    const { subject, seen } = watched(create());
    const before = await subject.state();
    const loop: Record<string, unknown> = { metadata: { name: 'loop', namespace: 'shop' } };
    loop.self = loop;
    let deep: unknown = 0;
    for (let level = 0; level < 600; level++) deep = [deep];
    const objects = [
      null,
      undefined,
      7,
      'text',
      [],
      {},
      { metadata: null },
      { metadata: {} },
      { metadata: { name: '' } },
      { metadata: { name: 'a\0' } },
      { metadata: { name: 7 } },
      { metadata: { name: 'a', namespace: {} } },
      { metadata: { name: 'a', resourceVersion: 7 } },
      loop,
      { metadata: { name: 'deep' }, deep },
      { metadata: { name: 'big' }, big: 1n },
    ];
    for (const object of objects) {
      const keys = ['shop', 'x'];
      for (const [operation, call] of [
        ['add', () => subject.store.add(bad(object), keys)],
        ['update', () => subject.store.update(bad(object), keys)],
        ['apply', () => subject.store.apply({ type: 'MODIFIED', object: bad(object), keys })],
      ] as const) {
        if (subject.takesKeysAlone && operation !== 'apply' && (object ?? null) === null) continue;
        expect(await refused(call)).toMatchObject({ code: 'INVALID_OBJECT', operation, keys });
      }
    }
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('refuses a list that holds something without metadata, whatever its names', async (create) => {
    const { subject, seen } = watched(create());
    const before = await subject.state();
    for (const object of [null, 'b', {}, { name: 'b' }, { metadata: null, namespace: 'shop', name: 'b' }]) {
      const objects = [pod('shop/c'), bad(object)];
      const list = { type: 'REPLACED' as const, objects, resourceVersion: '5' };
      expect(await refused(() => subject.store.apply(list))).toMatchObject({
        code: 'INVALID_OBJECT',
        operation: 'apply',
        keys: [],
      });
    }
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('refuses what is not an event', async (create) => {
    const { subject, seen } = watched(create());
    const before = await subject.state();
    const events = [
      null,
      undefined,
      {},
      { type: 'RENAMED' },
      { type: 'BOOKMARK' },
      { type: 'REPLACED', resourceVersion: '1' },
      { type: 'REPLACED', objects: [], resourceVersion: 1 },
      { type: 'DELETED' },
      { type: Symbol('ADDED') },
      { type: Object.create(null) },
    ];
    for (const event of events) {
      expect((await refused(() => subject.store.apply(event as never))).operation).toBe('apply');
      expect((await refused(() => subject.store.apply([event as never]))).operation).toBe('apply');
    }
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('refuses a batch as a whole when one of its events is refused', async (create) => {
    const { subject, seen } = watched(create());
    const before = await subject.state();
    const good = { type: 'ADDED', object: pod('shop/b'), keys: ['shop', 'b'] } as const;
    for (const event of [
      { type: 'ADDED', object: pod('shop/c'), keys: ['shop'] },
      { type: 'ADDED', object: bad({}), keys: ['shop', 'c'] },
      { type: 'REPLACED', objects: [pod('shop/c'), bad({})], resourceVersion: '5' },
      { type: 'NEWS' } as never,
    ] as const) {
      await refused(() => subject.store.apply([good, { type: 'CLEARED' }, event, good]));
    }
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('passes on what a list throws while it is read, and is untouched', async (create) => {
    const { subject, seen } = watched(create());
    const before = await subject.state();
    const objects = {
      length: 2,
      *[Symbol.iterator]() {
        yield pod('shop/b');
        throw new Error('no more');
      },
    };
    expect(() => subject.store.apply({ type: 'REPLACED', objects, resourceVersion: '5' })).toThrow('no more');
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('refuses to remove what is not an identity', async (create) => {
    const { subject, seen } = watched(create());
    const before = await subject.state();
    for (const identity of [undefined, null, 'shop/a', {}, { name: 'a' }, { namespace: 'shop', name: '' }]) {
      const call = (): void => subject.store.remove(identity as never);
      expect(await refused(call)).toMatchObject({ code: 'INVALID_OBJECT', operation: 'remove' });
    }
    expect(await subject.state()).toEqual(before);
    expect(seen).toEqual([]);
  });

  contract('refuses to store without keys where nothing gives them', async (create) => {
    const subject = create({ numKeys: 3 });
    expect(await refused(() => subject.store.add(pod('shop/a')))).toMatchObject({
      code: 'NO_KEYS',
      operation: 'add',
    });
    expect(await refused(() => subject.store.update(pod('shop/a')))).toMatchObject({
      code: 'NO_KEYS',
      operation: 'update',
    });
    expect(subject.store.size).toBe(0);
  });

  contract('names the underlying error when a call gives a resource without index keys', async (create) => {
    const subject = create({ indexer: createIndexer({ indexBy: ['metadata.labels.app'] }) });
    const error = await refused(() => subject.store.add(pod('shop/a')));
    expect(error).toMatchObject({ operation: 'add', cause: { expression: 'metadata.labels.app' } });
    expect(subject.store.size).toBe(0);
  });

  contract('says in the message what is wrong, without the resource', async (create) => {
    const subject = create();
    const object = { ...pod('shop/a'), secret: 'hidden-content' };
    const error = await refused(() => subject.store.add(object, ['shop']));
    expect(error.message).toContain('add("shop")');
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('hidden-content');
  });
}
