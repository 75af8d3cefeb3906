/** Owns the behaviour of what `events$` shows: each event as it was applied, frozen. */
import { createIndexer, type ResourceEvent } from '@firn/core';
import { ParsedEntry } from '@firn/core/engine';
import { describe, expect, it } from 'vitest';
import { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
import { type Pod, pod, stillClock } from './pod.fixture.ts';

function watched(options: MemoryStoreOptions = { numKeys: 2 }): {
  store: MemoryStore<Pod>;
  events: ResourceEvent<Pod>[];
} {
  const store = new MemoryStore<Pod>({ ...options, clock: stillClock });
  const events: ResourceEvent<Pod>[] = [];
  store.events$.subscribe((event) => events.push(event));
  return { store, events };
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

const byApp = createIndexer({ indexBy: ['metadata.labels.app'], ignoreFields: ['metadata.managedFields'] });

describe('an event of a resource', () => {
  it('shows the stored resource with the keys it was stored under', () => {
    const { store, events } = watched({ indexer: byApp });
    const object = pod('shop/a', { labels: { app: 'front' }, managedFields: ['x'] });
    store.apply({ type: 'MODIFIED', object, origin: 'watch' });
    const stored = store.find('shop', 'a');
    expect(events).toEqual([{ type: 'MODIFIED', object: stored, keys: ['front'], origin: 'watch' }]);
    expect((events[0] as { object: unknown }).object).toBe(stored);
  });

  it('shows the new resource of a recreate', () => {
    const { store, events } = watched();
    store.add(pod('shop/a', { uid: 'old' }));
    store.add(pod('shop/a', { uid: 'new' }));
    expect(events.at(-1)).toMatchObject({
      type: 'ADDED',
      object: { metadata: { uid: 'new' } },
      origin: 'call',
    });
  });

  it('that was old news shows what it brought, less the ignored fields', () => {
    const { store, events } = watched({ indexer: byApp });
    const labels = { app: 'front' };
    store.apply({ type: 'ADDED', object: pod('shop/a', { labels, resourceVersion: '9' }), origin: 'watch' });
    const older = pod('shop/a', { labels, resourceVersion: '8', managedFields: ['x'] });
    store.apply({ type: 'MODIFIED', object: older, keys: ['back'], origin: 'watch' });
    expect(events[1]).toEqual({
      type: 'MODIFIED',
      object: pod('shop/a', { labels, resourceVersion: '8' }),
      keys: ['back'],
      origin: 'watch',
    });
    expect(events.every(isDeeplyFrozen)).toBe(true);
    expect(Object.isFrozen(older.metadata)).toBe(false);
  });

  it('whose keys cannot be extracted shows what it brought, not the older version it removed', () => {
    const { store, events } = watched({ indexer: byApp });
    store.apply({ type: 'ADDED', object: pod('shop/a', { labels: { app: 'x' } }), origin: 'watch' });
    store.apply({ type: 'MODIFIED', object: pod('shop/a', { labels: {} }), origin: 'watch' });
    expect(store.size).toBe(0);
    expect(events[1]).toEqual({ type: 'MODIFIED', object: pod('shop/a', { labels: {} }), origin: 'watch' });
  });

  it('given as an entry shows its resource', () => {
    const { store, events } = watched();
    const entry = (resourceVersion: string): Pod =>
      new ParsedEntry<Pod>({
        namespace: 'shop',
        name: 'a',
        uid: 'u',
        resourceVersion,
        keys: Object.freeze(['shop', 'a']),
        secondary: undefined,
        source: { materialise: () => pod('shop/a', { resourceVersion }) },
      }) as unknown as Pod;
    store.apply({ type: 'ADDED', object: entry('2'), origin: 'watch' });
    store.apply({ type: 'MODIFIED', object: entry('1'), origin: 'watch' });
    expect(events.map((event) => 'object' in event && event.object)).toEqual([
      pod('shop/a', { resourceVersion: '2' }),
      pod('shop/a', { resourceVersion: '1' }),
    ]);
  });

  it('is shown as it was applied, even if the caller edits it before it is told', () => {
    const { store } = watched();
    const events: unknown[] = [];
    const keys = ['shop', 'b'];
    const given = pod('shop/b', { resourceVersion: '1' });
    const event = { type: 'DELETED' as 'DELETED' | 'ADDED', object: given, keys, origin: 'watch' as const };
    store.changes$.subscribe(({ ref }) => {
      if (ref.name !== 'a') return;
      store.apply(event);
      event.type = 'ADDED';
      given.metadata.name = 'edited';
      keys[1] = 'edited';
    });
    store.events$.subscribe((shown) => events.push(shown));
    store.add(pod('shop/a'));
    expect(events[1]).toEqual({
      type: 'DELETED',
      object: { namespace: 'shop', name: 'b', resourceVersion: '1', keys: [] },
      keys: ['shop', 'b'],
      origin: 'watch',
    });
  });
});

describe('a deletion', () => {
  it('names the resource and the keys it was stored under, and not the resource itself', () => {
    const { store, events } = watched({ numKeys: 1 });
    store.add(pod('shop/a', { uid: 'u', resourceVersion: '5' }), ['front']);
    store.apply({
      type: 'DELETED',
      object: pod('shop/a', { uid: 'u', resourceVersion: '6' }),
      origin: 'watch',
    });
    const ref = { namespace: 'shop', name: 'a', uid: 'u', resourceVersion: '6', keys: ['front'] };
    expect(events[1]).toEqual({ type: 'DELETED', object: ref, keys: ['front'], origin: 'watch' });
    expect(isDeeplyFrozen(events[1])).toBe(true);
  });

  it('by call names no version: which one it has is not known', () => {
    const { store, events } = watched();
    const versions: unknown[] = [];
    store.changes$.subscribe((change) => versions.push(change.resourceVersion));
    store.add(pod('shop/a', { resourceVersion: '5' }));
    store.add(pod('shop/b', { resourceVersion: '6' }));
    store.delete('shop', 'a');
    store.remove({ namespace: 'shop', name: 'b' });
    expect(versions).toEqual(['5', '6', undefined, undefined]);
    expect(events[2]).toEqual({
      type: 'DELETED',
      object: { namespace: 'shop', name: 'a', keys: ['shop', 'a'] },
      keys: ['shop', 'a'],
      origin: 'call',
    });
  });
});

describe('the other events', () => {
  it('show a list by its objects, as often as they are read, whatever came after it', () => {
    const { store, events } = watched();
    const objects = [pod('shop/b'), pod('shop/a'), pod('shop/b', {}, 'later')];
    store.apply([
      { type: 'REPLACED', objects, resourceVersion: '7' },
      { type: 'DELETED', object: pod('shop/a') },
    ]);
    const [event] = events;
    if (event?.type !== 'REPLACED') throw new Error('REPLACED was expected');
    const expected = [pod('shop/a'), pod('shop/b', {}, 'later')];
    expect([event.resourceVersion, event.objects.length]).toEqual(['7', 2]);
    expect([[...event.objects], [...event.objects]]).toEqual([expected, expected]);
  });

  it('show bookmarks and clearings as they are, and nothing of a batch that was refused', () => {
    const { store, events } = watched();
    store.apply([{ type: 'BOOKMARK', resourceVersion: '7' }, { type: 'CLEARED' }]);
    expect(() => store.apply([{ type: 'CLEARED' }, { type: 'NEWS' } as never])).toThrow();
    expect(events).toEqual([{ type: 'BOOKMARK', resourceVersion: '7' }, { type: 'CLEARED' }]);
    expect(events.every(isDeeplyFrozen)).toBe(true);
  });
});
