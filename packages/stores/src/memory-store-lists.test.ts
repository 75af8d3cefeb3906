/** Owns the behaviour of big lists: swapped in at once, told in slices, with the event loop in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Change } from '@firn/core';
import { ParsedEntry, StagedList } from '@firn/core/engine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryStore, writerOf } from './memory-store.ts';
import { list, type Pod, paths, pod, pods, refused, steppingClock, told } from './pod.fixture.ts';
import type { StoreWriter } from './store-writer.ts';

const names = Array.from({ length: 12 }, (_, i) => `shop/${String(i).padStart(2, '0')}`);

/** A store whose lists are told in slices of `10 / step` changes. */
function sliced(step = 5): { store: MemoryStore<Pod>; writer: StoreWriter<Pod> } {
  const store = new MemoryStore<Pod>({ numKeys: 2, clock: steppingClock(step) });
  return { store, writer: writerOf(store) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a big list', () => {
  it('rule 19: is visible at once, and its changes come in slices with turns of the event loop between', async () => {
    const { store, writer } = sliced();
    const seen: string[] = [];
    store.changes$.subscribe((change) => {
      expect(store.size).toBe(12);
      seen.push(told(change));
    });
    store.apply(list(names));
    expect(store.size).toBe(12);
    const counts = [seen.length];
    while (writer.publishing) {
      await nextTurn();
      counts.push(seen.length);
    }
    expect(seen).toEqual(names.map((name) => `added ${name}`));
    expect(counts).toEqual([2, 4, 6, 8, 10, 12, 12]);
  });

  it('tells deletes first, then adds and updates, each in order, all with one count', async () => {
    const { store, writer } = sliced();
    store.apply(list(['shop/a', 'shop/b', 'shop/c', 'shop/e']));
    const seen: string[] = [];
    store.changes$.subscribe((change) => seen.push(`${told(change)} ${change.cause} ${change.modCount}`));
    const objects = [
      pod('shop/f', { uid: 'shop/f', resourceVersion: '2' }),
      pod('shop/e', { uid: 'new', resourceVersion: '2' }),
      pod('shop/c', { uid: 'shop/c', resourceVersion: '1' }),
      pod('shop/b', { uid: 'shop/b', resourceVersion: '2' }),
    ];
    store.apply({ type: 'REPLACED', objects, resourceVersion: '200' });
    await writer.whenPublished();
    expect(seen).toEqual([
      'deleted shop/a relist 2',
      'deleted shop/e relist 2',
      'modified shop/b relist 2',
      'added shop/e relist 2',
      'added shop/f relist 2',
    ]);
  });

  it('keeps later batches waiting: applied at once, told after it, in order', async () => {
    const { store, writer } = sliced();
    const seen: string[] = [];
    store.changes$.subscribe((change) => seen.push(told(change)));
    store.snapshots$.subscribe(({ modCount }) => seen.push(`snapshot ${modCount}`));
    store.query$('other').subscribe((found) => seen.push(`query ${found.length}`));
    store.apply(list(names.slice(0, 5)));
    store.add(pod('other/a'));
    await nextTurn();
    store.remove({ namespace: 'shop', name: '04' });
    expect(paths(store.list())).toEqual(['other/a', 'shop/00', 'shop/01', 'shop/02', 'shop/03']);
    await writer.whenPublished();
    expect(seen).toEqual([
      'snapshot 0',
      'query 0',
      ...names.slice(0, 5).map((name) => `added ${name}`),
      'snapshot 1',
      'added other/a',
      'snapshot 2',
      'query 1',
      'deleted shop/04',
      'snapshot 3',
    ]);
  });

  it('tells a late subscriber nothing of itself; what it reads is the present', async () => {
    const { store, writer } = sliced();
    store.changes$.subscribe();
    store.apply(list(names));
    await nextTurn();
    const late: unknown[] = [];
    store.changes$.subscribe((change) => late.push(told(change)));
    store.snapshots$.subscribe(({ size }) => late.push(size));
    store.query$('shop').subscribe(({ length }) => late.push(length));
    store.add(pod('shop/late'));
    await writer.whenPublished();
    expect(late).toEqual([12, 12, 'added shop/late', 13, 13]);
  });

  it('is dropped in the middle when the store is closed', async () => {
    const { store, writer } = sliced();
    const seen: string[] = [];
    store.changes$.subscribe({
      next: (change) => seen.push(told(change)),
      complete: () => seen.push('complete'),
    });
    store.apply(list(names));
    const published = writer.whenPublished();
    store.close();
    await published;
    await nextTurn();
    expect(seen).toEqual(['added shop/00', 'added shop/01', 'complete']);
    expect(writer.publishing).toBe(false);
  });

  it('goes on for the others when a subscriber leaves in the middle', async () => {
    const { store, writer } = sliced();
    const seen: string[] = [];
    let first = 0;
    const leaving = store.changes$.subscribe(() => {
      if (++first === 3) leaving.unsubscribe();
    });
    store.changes$.subscribe((change) => seen.push(told(change)));
    store.apply(list(names));
    await writer.whenPublished();
    expect([first, seen.length]).toEqual([3, 12]);
  });

  it('is told in slices when everything is cleared, too', async () => {
    const { store, writer } = sliced();
    store.apply(list(names));
    const seen: string[] = [];
    store.changes$.subscribe((change) => seen.push(told(change)));
    store.clear();
    expect([store.size, seen.length, writer.publishing]).toEqual([0, 2, true]);
    await writer.whenPublished();
    expect(seen).toEqual(names.map((name) => `deleted ${name}`));
  });
});

describe('what a list or a clearing left behind', () => {
  it.each<[string, (store: MemoryStore<Pod>) => void]>([
    ['a list', (store) => store.apply(list(names, '2'))],
    ['a clearing', (store) => store.clear()],
  ])('keeps no later change waiting: %s', (_, replace) => {
    const { store, writer } = sliced();
    store.apply(list(names));
    replace(store);
    const seen: string[] = [];
    store.changes$.subscribe((change) => seen.push(told(change)));
    expect(writer.publishing).toBe(false);
    store.add(pod('shop/new'));
    expect(seen).toEqual(['added shop/new']);
  });

  it('is let go of afterwards, in later turns', async () => {
    const { store, writer } = sliced();
    const released: string[] = [];
    const staged = writer.beginList();
    staged.append(names.map((name) => new NotingEntry(name, () => released.push(name))));
    writer.commitList(staged, '7');
    store.clear();
    expect(released).toEqual([]);
    while (released.length < names.length) await nextTurn();
    expect(released).toEqual(names);
  });
});

/** An entry that notes when it is let go of. */
class NotingEntry extends ParsedEntry<Pod> {
  readonly #note: () => void;

  constructor(path: string, note: () => void) {
    const [namespace = '', name = ''] = path.split('/');
    const version = { uid: undefined, resourceVersion: '1', keys: undefined, secondary: undefined };
    super({ namespace, name, ...version, source: { materialise: () => pod(path) } });
    this.#note = note;
  }

  override release(): void {
    this.#note();
  }
}

describe('when nobody subscribes', () => {
  /** Lets staged lists give changes that count how often they are read. */
  function countReads(): () => number {
    let reads = 0;
    const { commit } = StagedList.prototype;
    vi.spyOn(StagedList.prototype, 'commit').mockImplementation(function (
      this: StagedList<unknown>,
      ...args
    ) {
      const replaced = commit.apply(this, args);
      const changes: Iterable<Change<unknown>> = {
        [Symbol.iterator]() {
          reads++;
          return replaced.changes[Symbol.iterator]();
        },
      };
      return { ...replaced, changes };
    });
    return () => reads;
  }

  it('no change of a list is built; live queries and snapshots need none either', () => {
    const reads = countReads();
    const store = new MemoryStore<Pod>(2);
    store.apply(list(names));
    store.get('shop', '00');
    store.query$('shop').subscribe();
    store.snapshots$.subscribe();
    store.events$.subscribe();
    store.apply(list(names, '2', '200'));
    expect(reads()).toBe(0);
    store.changes$.subscribe();
    store.apply(list(names, '3', '300'));
    expect(reads()).toBe(1);
  });
});

describe('the writer of a store', () => {
  it('stages a list apart and swaps it in at once', () => {
    const { store, writer } = sliced(0);
    store.add(pod('shop/old'));
    const seen: string[] = [];
    store.changes$.subscribe((change) => seen.push(told(change)));
    const staged = writer.beginList();
    staged.append(pods('shop/b', 'shop/a'));
    staged.append(pods('shop/c'));
    staged.remove({ namespace: 'shop', name: 'b' });
    expect(paths(store.list())).toEqual(['shop/old']);
    store.add(pod('shop/meanwhile'));
    writer.commitList(staged, '50');
    expect(paths(store.list())).toEqual(['shop/a', 'shop/c']);
    expect(seen).toEqual([
      'added shop/meanwhile',
      'deleted shop/meanwhile',
      'deleted shop/old',
      'added shop/a',
      'added shop/c',
    ]);
    expect(writer.resourceVersion).toBe('50');
  });

  it('shows a committed list as one REPLACED event', () => {
    const { store, writer } = sliced(0);
    const seen: unknown[] = [];
    store.events$.subscribe((event) => {
      if (event.type === 'REPLACED')
        seen.push(event.resourceVersion, event.objects.length, [...event.objects]);
    });
    const staged = writer.beginList();
    staged.append(pods('shop/b', 'shop/a'));
    writer.commitList(staged, '50');
    store.clear();
    expect(seen).toEqual(['50', 2, pods('shop/a', 'shop/b')]);
  });

  it('hands objects over without a copy, and tells how fresh they are', () => {
    const { store, writer } = sliced(0);
    const object = pod('shop/a');
    writer.apply([{ type: 'ADDED', object, origin: 'watch' }]);
    expect(store.find('shop', 'a')).toBe(object);
    expect(Object.isFrozen(object)).toBe(true);
    const freshness = { stale: true, since: 5 };
    writer.setFreshness(freshness);
    freshness.since = 6;
    expect(store.freshness).toEqual({ stale: true, since: 5 });
    expect(writer.store).toBe(store);
  });

  it('is refused by a closed store', () => {
    const { store, writer } = sliced(0);
    const staged = writer.beginList();
    store.close();
    expect(refused(() => writer.apply([{ type: 'CLEARED' }]))).toMatchObject({
      code: 'CLOSED',
      operation: 'apply',
    });
    expect(refused(() => writer.commitList(staged, '50'))).toMatchObject({
      code: 'CLOSED',
      operation: 'apply',
    });
    expect(store.modCount).toBe(0);
  });
});

describe('a batch of a watch that breaks off in the middle', () => {
  const event = (
    type: 'ADDED' | 'MODIFIED' | 'DELETED',
    path: string,
    resourceVersion: string,
    uid = path,
  ) => ({
    type,
    object: pod(path, { uid, resourceVersion }),
    origin: 'watch' as const,
  });

  it.each(['held by somebody', 'held by nobody'])('changes nothing: the snapshot before it %s', (held) => {
    const { store, writer } = sliced();
    writer.apply(['a', 'b', 'c', 'd'].map((name, i) => event('ADDED', `shop/${name}`, String(i + 1))));
    writer.apply([event('MODIFIED', 'shop/a', '5')]);
    const snapshot = held === 'held by somebody' ? store.snapshot : undefined;
    const before = store.refs();
    const broken = { ...event('ADDED', 'shop/x', '11'), object: { metadata: {} } as Pod };
    const events = [
      event('ADDED', 'shop/e', '7'),
      event('MODIFIED', 'shop/a', '8'),
      event('DELETED', 'shop/b', '9'),
      event('ADDED', 'shop/c', '10', 'another'),
      broken,
    ];
    expect(() => writer.apply(events)).toThrowError(expect.objectContaining({ code: 'INVALID_OBJECT' }));
    expect(store.refs()).toEqual(before);
    expect([store.size, store.modCount]).toEqual([4, 5]);
    expect(store.find('shop', 'b')?.metadata?.resourceVersion).toBe('2');
    writer.apply([event('MODIFIED', 'shop/d', '12')]);
    expect(store.modCount).toBe(6);
    if (snapshot !== undefined) expect(snapshot.refs()).toEqual(before);
  });
});
