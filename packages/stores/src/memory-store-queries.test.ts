/** Owns the behaviour of what replays: snapshots, and live queries that speak only of their own result. */
import type { Resource, ResourceEvent } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { list, type Pod, paths, pod, refused, stillClock } from './pod.fixture.ts';

/** Collects the results of a live query as lists of `namespace/name`. */
function results(store: MemoryStore<Pod>, ...keys: string[]): string[][] {
  const seen: string[][] = [];
  store.query$(...keys).subscribe((found) => seen.push(paths(found)));
  return seen;
}

describe('snapshots$', () => {
  it('gives the present, then a snapshot at the end of each batch that changed contents', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    store.add(pod('shop/a'));
    const seen: number[] = [];
    store.snapshots$.subscribe((snapshot) => {
      expect(snapshot).toBe(store.snapshot);
      seen.push(snapshot.modCount);
    });
    store.apply([
      { type: 'ADDED', object: pod('shop/b') },
      { type: 'ADDED', object: pod('shop/c') },
    ]);
    store.apply({ type: 'BOOKMARK', resourceVersion: '7' });
    store.remove({ namespace: 'shop', name: 'missing' });
    store.clear();
    expect(seen).toEqual([1, 3, 4]);
  });

  it('comes after the changes that made it, and before those of the next batch', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const seen: string[] = [];
    store.snapshots$.subscribe(({ modCount }) => seen.push(`snapshot ${modCount}`));
    store.changes$.subscribe(({ modCount }) => {
      seen.push(`change ${modCount}`);
      if (modCount === 1) store.clear();
    });
    store.apply([
      { type: 'ADDED', object: pod('shop/a') },
      { type: 'ADDED', object: pod('shop/b') },
    ]);
    expect(seen).toEqual([
      'snapshot 0',
      'change 1',
      'change 2',
      'snapshot 2',
      'change 3',
      'change 3',
      'snapshot 3',
    ]);
  });

  it('never shows a late subscriber something older than the present it was given', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const late: number[] = [];
    let joined = false;
    store.changes$.subscribe(() => {
      if (joined) return;
      joined = true;
      store.add(pod('shop/b'));
      store.add(pod('shop/c'));
      store.snapshots$.subscribe(({ modCount }) => late.push(modCount));
      store.add(pod('shop/d'));
    });
    store.add(pod('shop/a'));
    expect(late).toEqual([3, 4]);
  });

  it('tells a write in answer to the present afterwards', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const seen: number[] = [];
    store.snapshots$.subscribe(({ modCount }) => {
      if (modCount < 3) store.add(pod('shop/a'));
      seen.push(modCount);
    });
    expect(seen).toEqual([0, 1, 2, 3]);
  });
});

describe('a live query', () => {
  it('gives its result now, and again only when it changed: exact, prefix, everything', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    store.add(pod('shop/a'));
    const exact = results(store, 'shop', 'a');
    const prefix = results(store, 'shop');
    const all = results(store);
    store.add(pod('other/a'));
    store.add(pod('shop/b'));
    store.update(pod('shop/a', {}, 'new'));
    store.remove({ namespace: 'shop', name: 'a' });
    expect(exact).toEqual([['shop/a'], ['shop/a'], []]);
    expect(prefix).toEqual([['shop/a'], ['shop/a', 'shop/b'], ['shop/a', 'shop/b'], ['shop/b']]);
    expect(all).toHaveLength(5);
    expect(all.at(-1)).toEqual(['other/a', 'shop/b']);
  });

  it('gives frozen results that equal those of get', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    let last: readonly Resource<Pod>[] = [];
    store.query$('shop').subscribe((found) => {
      last = found;
    });
    store.add(pod('shop/a', {}, { deep: [1] }));
    expect(last).toEqual(store.get('shop'));
    expect(last[0]).toBe(store.find('shop', 'a'));
    expect(Object.isFrozen(last)).toBe(true);
  });

  it('speaks once for a batch, and not at all if the batch took back what it did', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const seen = results(store, 'shop');
    store.apply([
      { type: 'ADDED', object: pod('shop/a') },
      { type: 'ADDED', object: pod('shop/b') },
    ]);
    store.apply([
      { type: 'ADDED', object: pod('shop/c') },
      { type: 'DELETED', object: pod('shop/c') },
    ]);
    expect(seen).toEqual([[], ['shop/a', 'shop/b']]);
  });

  it('is silent about a list that brings nothing new for it', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    store.apply(list(['shop/a', 'other/a']));
    const shop = results(store, 'shop');
    const all = results(store);
    store.apply(list(['shop/a', 'other/a'], '1', '200'));
    expect([shop.length, all.length]).toEqual([1, 1]);
    store.apply(list(['shop/a', 'other/b'], '1', '300'));
    expect([shop.length, all.length]).toEqual([1, 2]);
    store.apply(list(['shop/a', 'other/b'], '2', '400'));
    expect([shop.length, all.length]).toEqual([2, 3]);
  });

  it('speaks when a resource is recreated under its name', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    store.add(pod('shop/a', { uid: 'old' }));
    const seen: unknown[] = [];
    store.query$('shop', 'a').subscribe(([found]) => seen.push(found?.metadata.uid));
    store.add(pod('shop/a', { uid: 'new' }));
    expect(seen).toEqual(['old', 'new']);
  });

  it('speaks when a resource moves in or out of its keys', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const front = results(store, 'front');
    const exact = results(store, 'front', '1');
    store.add(pod('shop/a'), ['back', '1']);
    store.update(pod('shop/a'), ['front', '2']);
    store.update(pod('shop/a'), ['front', '1']);
    store.update(pod('shop/a'), ['back', '1']);
    expect(front).toEqual([[], ['shop/a'], ['shop/a'], []]);
    expect(exact).toEqual([[], ['shop/a'], []]);
  });

  it('never gives a late subscriber a result older than the one it got first', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    let late: string[][] | undefined;
    store.changes$.subscribe(() => {
      if (late !== undefined) return;
      store.add(pod('shop/b'));
      store.remove({ namespace: 'shop', name: 'a' });
      late = results(store, 'shop');
      store.add(pod('shop/c'));
    });
    store.add(pod('shop/a'));
    expect(late).toEqual([['shop/b'], ['shop/b', 'shop/c']]);
  });

  it('can be asked several times, each subscription for itself', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const query = store.query$('shop');
    const seen: string[] = [];
    const first = query.subscribe((found) => seen.push(`first ${found.length}`));
    store.add(pod('shop/a'));
    query.subscribe((found) => seen.push(`second ${found.length}`));
    first.unsubscribe();
    store.add(pod('shop/b'));
    expect(seen).toEqual(['first 0', 'first 1', 'second 1', 'second 2']);
  });

  it('keeps the keys it was made with apart: tuples, not joined text', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const one = results(store, 'a/b', 'c');
    const two = results(store, 'a', 'b/c');
    const nothing = results(store, '');
    store.add(pod('shop/a'), ['a/b', 'c']);
    store.add(pod('shop/b'), ['', 'x']);
    expect([one, two, nothing]).toEqual([[[], ['shop/a']], [[]], [[], ['shop/b']]]);
  });

  it('refuses wrong keys when it is made', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    for (const keys of [['a', 'b', 'c'], ['\0'], [7 as unknown as string]]) {
      expect(refused(() => store.query$(...keys))).toMatchObject({ code: 'INVALID_KEYS', operation: 'get' });
    }
  });

  it('is told of what a watch brings as of calls', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const seen = results(store, 'shop');
    const event = (resourceVersion: string): ResourceEvent<Pod> => ({
      type: 'MODIFIED',
      object: pod('shop/a', { resourceVersion }),
      origin: 'watch',
    });
    store.apply(event('5'));
    store.apply(event('5'));
    store.apply(event('4'));
    store.apply(event('6'));
    expect(seen).toEqual([[], ['shop/a'], ['shop/a']]);
  });
});
