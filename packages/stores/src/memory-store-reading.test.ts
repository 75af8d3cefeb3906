/** Owns the behaviour of MemoryStore to those who read: what stays the same object, and what follows the present. */
import { inspect } from 'node:util';
import { createIndexer } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { list, type Pod, paths, pod, pods, refused } from './pod.fixture.ts';

const byApp = createIndexer({ indexes: { app: ['metadata.labels.app'] } });

describe('making a MemoryStore', () => {
  it('takes the number of keys, an indexer, or both where they agree', () => {
    expect(new MemoryStore(3).numKeys).toBe(3);
    expect(new MemoryStore({ numKeys: 1 }).numKeys).toBe(1);
    expect(new MemoryStore({ indexer: byApp }).numKeys).toBe(2);
    expect(new MemoryStore({ indexer: byApp, numKeys: 2 }).numKeys).toBe(2);
  });

  it.each([
    [0],
    [-1],
    [1.5],
    [Number.NaN],
    [{}],
    [{ indexer: byApp, numKeys: 3 }],
    ['2' as unknown as number],
    [undefined as unknown as number],
    [null as unknown as number],
    [{ numKeys: Object.create(null) as number }],
  ])('refuses %j', (options) => {
    expect(() => new MemoryStore(options)).toThrow(expect.objectContaining({ code: 'INVALID_NUM_KEYS' }));
  });
});

describe('an exact get', () => {
  const filled = (): MemoryStore<Pod> => {
    const store = new MemoryStore<Pod>(1);
    for (const [path, key] of [
      ['shop/a', 'front'],
      ['shop/b', 'front'],
      ['shop/c', 'back'],
    ] as const) {
      store.add(pod(path), [key]);
    }
    return store;
  };

  it('gives the same array as long as nothing under its keys changes', () => {
    const store = filled();
    const front = store.get('front');
    expect(store.get('front')).toBe(front);
    store.update(pod('shop/c', {}, 'new'), ['back']);
    store.add(pod('shop/d'), ['side']);
    store.apply({ type: 'BOOKMARK', resourceVersion: '7' });
    store.delete('side');
    store.remove({ namespace: 'shop', name: 'missing' });
    expect(refused(() => store.add(pod('shop/a'), [])).code).toBe('INVALID_KEYS');
    expect(store.get('front')).toBe(front);
  });

  it.each<[string, (store: MemoryStore<Pod>) => void, string[]]>([
    ['an add', (store) => store.add(pod('shop/e'), ['front']), ['shop/a', 'shop/b', 'shop/e']],
    ['an update', (store) => store.update(pod('shop/a'), ['front']), ['shop/a', 'shop/b']],
    ['a move away', (store) => store.update(pod('shop/a'), ['back']), ['shop/b']],
    ['a move here', (store) => store.update(pod('shop/c'), ['front']), ['shop/a', 'shop/b', 'shop/c']],
    ['a delete', (store) => store.delete('front'), []],
    ['a removal', (store) => store.remove({ namespace: 'shop', name: 'a' }), ['shop/b']],
    ['clear', (store) => store.clear(), []],
  ])('gives another array after %s under its keys', (_, write, expected) => {
    const store = filled();
    const before = store.get('front');
    write(store);
    expect(store.get('front')).not.toBe(before);
    expect(paths(store.get('front'))).toEqual(expected);
    expect(paths(before)).toEqual(['shop/a', 'shop/b']);
  });

  it('gives the same array after a list that changed nothing, another after one that did', () => {
    const store = new MemoryStore<Pod>(2);
    store.apply(list(['shop/a', 'shop/b']));
    const before = store.get('shop', 'a');
    store.apply(list(['shop/a', 'shop/b'], '1', '200'));
    expect(store.get('shop', 'a')).toBe(before);
    expect(store.snapshot.resourceVersion).toBe('200');
    store.apply(list(['shop/a', 'shop/b'], '2', '300'));
    expect(store.get('shop', 'a')).not.toBe(before);
  });

  it('is not misled by a nothing that was read before', () => {
    const store = new MemoryStore<Pod>(2);
    expect(store.get('shop', 'a')).toEqual([]);
    store.add(pod('shop/a'));
    expect(paths(store.get('shop', 'a'))).toEqual(['shop/a']);
  });
});

describe('a snapshot of a store', () => {
  it('stays as it is while the store goes on', () => {
    const store = new MemoryStore<Pod>(2);
    store.add(pod('shop/a'));
    const before = store.snapshot;
    store.clear();
    expect(paths(before)).toEqual(['shop/a']);
    expect([before.modCount, store.modCount]).toEqual([1, 2]);
  });

  it('is the same object as long as nothing changes, not even the resource version', () => {
    const store = new MemoryStore<Pod>(2);
    store.apply(list(['shop/a']));
    const before = store.snapshot;
    store.remove({ namespace: 'shop', name: 'missing' });
    store.apply([]);
    store.apply({ type: 'BOOKMARK', resourceVersion: '100' });
    store.apply(list(['shop/a']));
    expect(store.snapshot).toBe(before);
    store.apply({ type: 'BOOKMARK', resourceVersion: '101' });
    expect(store.snapshot).not.toBe(before);
    expect(store.snapshot.modCount).toBe(before.modCount);
  });

  it('is there after the store was closed', () => {
    const store = new MemoryStore<Pod>(2);
    store.add(pod('shop/a'));
    store.close();
    expect(paths(store.snapshot)).toEqual(['shop/a']);
    expect([store.size, store.modCount, store.numKeys, store.freshness]).toEqual([1, 1, 2, { stale: false }]);
  });
});

describe('an index of a store', () => {
  it('looks into the present, each time', () => {
    const store = new MemoryStore<Pod>({ indexer: byApp });
    const index = store.index('app');
    expect(index.get('front')).toEqual([]);
    store.add(pod('shop/a', { labels: { app: 'front' } }));
    expect(paths(index.get('front'))).toEqual(['shop/a']);
    store.update(pod('shop/a', { labels: { app: 'back' } }));
    expect(index.get('front')).toEqual([]);
    expect(Object.isFrozen(index)).toBe(true);
  });

  it('has to be declared, needs keys, and ends with the store', () => {
    const store = new MemoryStore<Pod>({ indexer: byApp });
    const index = store.index('app');
    expect(() => store.index('host')).toThrow(expect.objectContaining({ code: 'UNKNOWN_INDEX' }));
    expect(refused(() => index.get())).toMatchObject({ code: 'INVALID_KEYS' });
    store.close();
    expect(refused(() => index.get('front'))).toMatchObject({ code: 'CLOSED', operation: 'get' });
    expect(refused(() => store.index('app'))).toMatchObject({ code: 'CLOSED', operation: 'get' });
  });
});

describe('what a store looks like', () => {
  it('is a few counters, without contents, to JSON.stringify and inspect', () => {
    const store = new MemoryStore<Pod>(2);
    store.add(pod('shop/hidden', { labels: { app: 'hidden' } }, 'hidden'));
    store.get('shop', 'hidden');
    const counters = { size: 1, modCount: 1, numKeys: 2, freshness: { stale: false } };
    expect(JSON.parse(JSON.stringify(store))).toEqual(counters);
    expect(inspect(store)).toBe(inspect(counters));
    expect(inspect({ store }, { depth: 20, showHidden: true })).not.toContain('hidden');
  });

  it('is the same frozen nothing for all empty results', () => {
    const store = new MemoryStore<Pod>(2);
    expect(store.get('shop', 'a')).toBe(store.list());
    expect(() => (store.list() as Pod[]).push(...pods('shop/a'))).toThrow(TypeError);
  });
});
