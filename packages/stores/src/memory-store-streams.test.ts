/** Owns the behaviour of MemoryStore's streams: who is told what, in which order, whatever subscribers do. */
import { type Change, createIndexer, type ResourceEvent, StoreError } from '@firn/core';
import { config, firstValueFrom, type Observable, take } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { list, type Pod, paths, pod, refused, stillClock, told } from './pod.fixture.ts';

const { onUnhandledError } = config;

afterEach(() => {
  vi.useRealTimers();
  config.onUnhandledError = onUnhandledError;
});

const added = (...names: string[]): ResourceEvent<Pod>[] =>
  names.map((name) => ({ type: 'ADDED', object: pod(name) }));

const byApp = createIndexer({ indexBy: ['metadata.namespace', 'metadata.labels.app'] });

/** A watch event; without a label its pod is left out and reported. */
function seen(name: string, app?: string): ResourceEvent<Pod> {
  const object = pod(`shop/${name}`, app === undefined ? {} : { labels: { app } });
  return { type: 'MODIFIED', object, origin: 'watch' };
}

function everyStream(store: MemoryStore<Pod>): Record<string, Observable<unknown>> {
  const { changes$, events$, errors$, snapshots$ } = store;
  return {
    changes$,
    events$,
    errors$,
    snapshots$,
    query$: store.query$('shop'),
    'query$ of all': store.query$(),
  };
}

describe('a write from inside a subscriber', () => {
  it('is applied at once and told after the batch under way, to all in the same order', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const seen: string[][] = [[], []];
    store.changes$.subscribe((change) => {
      seen[0]?.push(told(change));
      if (change.ref.name !== 'a') return;
      store.add(pod('shop/x'));
      store.add(pod('shop/y'));
      expect(paths(store.list())).toEqual(['shop/a', 'shop/b', 'shop/x', 'shop/y']);
    });
    store.changes$.subscribe((change) => seen[1]?.push(told(change)));
    store.apply(added('shop/a', 'shop/b'));
    const expected = ['added shop/a', 'added shop/b', 'added shop/x', 'added shop/y'];
    expect(seen).toEqual([expected, expected]);
  });

  it('does not recurse: a chain of 10,000 does not overflow the stack', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    let last = 0;
    store.changes$.subscribe(({ modCount }) => {
      last = modCount;
      if (modCount < 10_000) store.update(pod('shop/a', {}, modCount));
    });
    store.add(pod('shop/a'));
    expect(last).toBe(10_000);
  });

  it.each(['changes$', 'events$', 'errors$', 'snapshots$', 'query$', 'query$ of all'])(
    'from %s never comes inside another call of a subscriber',
    (name) => {
      const store = new MemoryStore<Pod>({ indexer: byApp, clock: stillClock });
      let depth = 0;
      let calls = 0;
      const check = (): void => {
        expect(depth++).toBe(0);
        if (++calls < 20) store.apply([seen('a', 'front'), seen('b', 'back'), seen('c')]);
        depth--;
      };
      everyStream(store)[name]?.subscribe(check);
      for (const stream of Object.values(everyStream(store))) stream.subscribe(check);
      if (calls === 0) store.apply(seen('a'));
      expect(calls).toBeGreaterThanOrEqual(20);
    },
  );

  it('that is refused throws where it was called, and changes nothing of what is under way', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const codes: string[] = [];
    const seen: string[] = [];
    store.changes$.subscribe(() => codes.push(refused(() => store.add(pod('shop/b'), ['shop'])).code));
    store.changes$.subscribe((change) => seen.push(told(change)));
    store.add(pod('shop/a'));
    expect([codes, seen, store.size]).toEqual([['INVALID_KEYS'], ['added shop/a'], 1]);
  });
});

describe('errors$', () => {
  it('tells what was left out and why, after the changes of its batch and before the snapshot', () => {
    const store = new MemoryStore<Pod>({ indexer: byApp, clock: stillClock });
    const order: string[] = [];
    store.snapshots$.subscribe(({ modCount }) => order.push(`snapshot ${modCount}`));
    store.errors$.subscribe((error) => order.push(`${error.constructor.name}`));
    store.changes$.subscribe((change) => order.push(told(change)));
    store.apply([seen('a', 'front'), seen('b'), seen('c', 'front')]);
    store.apply(seen('a'));
    expect(order).toEqual([
      'snapshot 0',
      'added shop/a',
      'added shop/c',
      'IndexError',
      'snapshot 2',
      'deleted shop/a',
      'IndexError',
      'snapshot 3',
    ]);
  });

  it('tells of a list too, whether or not anybody looks at its changes', () => {
    const store = new MemoryStore<Pod>({ indexer: byApp, clock: stillClock });
    const errors: unknown[] = [];
    store.errors$.subscribe((error) => errors.push(error));
    store.apply({ type: 'REPLACED', objects: [pod('shop/a'), pod('shop/b')], resourceVersion: '5' });
    expect(errors).toMatchObject([
      { namespace: 'shop', resourceName: 'a', expression: 'metadata.labels.app' },
      { namespace: 'shop', resourceName: 'b', expression: 'metadata.labels.app' },
    ]);
    expect(store.size).toBe(0);
  });
});

describe('who subscribes during a publication', () => {
  it('is told later batches only: nothing that was applied before', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const late: string[] = [];
    const known: string[] = [];
    let joined = false;
    store.changes$.subscribe(() => {
      if (joined) return;
      joined = true;
      store.add(pod('shop/before'));
      known.push(...paths(store.list()));
      store.changes$.subscribe((change) => late.push(told(change)));
      store.add(pod('shop/after'));
    });
    store.apply(added('shop/a', 'shop/b'));
    expect(known).toEqual(['shop/a', 'shop/b', 'shop/before']);
    expect(late).toEqual(['added shop/after']);
  });

  it('reaches the present from what it read when it subscribed, whatever is still under way', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const replicas: Map<string, unknown>[] = [];
    store.changes$.subscribe((change) => {
      if (change.modCount > 60) return;
      store.add(pod(`shop/${change.modCount % 7}`, {}, change.modCount));
      if (change.modCount % 3 === 0) store.remove({ namespace: 'shop', name: `${change.modCount % 5}` });
      const replica = new Map<string, unknown>(store.list().map((one) => [one.metadata.name, one]));
      store.changes$.subscribe(({ type, ref, object, previous }) => {
        expect(previous).toBe(replica.get(ref.name));
        if (type === 'deleted') replica.delete(ref.name);
        else replica.set(ref.name, object);
      });
      replicas.push(replica);
    });
    store.add(pod('shop/start'));
    const present = new Map(store.list().map((one) => [one.metadata.name, one]));
    expect(replicas.length).toBeGreaterThan(20);
    for (const replica of replicas) expect(replica).toEqual(present);
  });
});

describe('unsubscribing from inside a subscriber', () => {
  it.each(['changes$', 'events$', 'snapshots$', 'query$', 'query$ of all'])(
    'takes effect at once: itself and others, on %s',
    (name) => {
      const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
      const stream = everyStream(store)[name] as Observable<unknown>;
      const calls: string[] = [];
      const replay = name.startsWith('query') || name === 'snapshots$' ? 1 : 0;
      const first = stream.subscribe(() => {
        if (calls.push('first') === 1 + replay * 3) {
          first.unsubscribe();
          second.unsubscribe();
        }
      });
      const second = stream.subscribe(() => calls.push('second'));
      stream.subscribe(() => calls.push('third'));
      const before = calls.length;
      store.add(pod('shop/a'));
      store.add(pod('shop/b'));
      expect(calls.slice(before)).toEqual(['first', 'third', 'third']);
    },
  );

  it('works for one that takes the first value only, even if it comes while subscribing', async () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const seen: string[] = [];
    for (const [name, stream] of Object.entries(everyStream(store))) {
      stream.pipe(take(1)).subscribe(() => seen.push(name));
    }
    expect(seen).toEqual(['snapshots$', 'query$', 'query$ of all']);
    store.add(pod('shop/a'));
    expect(seen).toEqual(['snapshots$', 'query$', 'query$ of all', 'events$', 'changes$']);
    expect((await firstValueFrom(store.snapshots$)).size).toBe(1);
  });
});

describe('a subscriber that throws', () => {
  it.each(['changes$', 'events$', 'snapshots$', 'query$', 'query$ of all'])(
    'rule 28: on %s goes to onUnhandledError; store, other subscribers and streams go on',
    (name) => {
      vi.useFakeTimers();
      const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
      const errors: unknown[] = [];
      config.onUnhandledError = (error) => errors.push(error);
      let calls = 0;
      everyStream(store)[name]?.subscribe(() => {
        calls++;
        throw new Error('mine');
      });
      const seen: Record<string, number> = {};
      for (const [key, stream] of Object.entries(everyStream(store))) {
        stream.subscribe(() => {
          seen[key] = (seen[key] ?? 0) + 1;
        });
      }
      store.add(pod('shop/a'));
      store.add(pod('shop/b'));
      expect(seen).toEqual({ changes$: 2, events$: 2, snapshots$: 3, query$: 3, 'query$ of all': 3 });
      expect(calls).toBe(seen[name]);
      vi.runAllTimers();
      expect(errors).toEqual(Array.from({ length: calls }, () => new Error('mine')));
    },
  );
});

describe('closing', () => {
  it('completes every stream, in the middle of a publication too, and nothing comes afterwards', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const ends: string[] = [];
    const after: unknown[] = [];
    let closed = false;
    store.changes$.subscribe(() => {
      store.add(pod('shop/later'));
      store.close();
      closed = true;
    });
    for (const [name, stream] of Object.entries(everyStream(store))) {
      stream.subscribe({ next: (value) => closed && after.push(value), complete: () => ends.push(name) });
    }
    store.apply(added('shop/a', 'shop/b'));
    expect(ends.sort()).toEqual(['changes$', 'errors$', 'events$', 'query$', 'query$ of all', 'snapshots$']);
    expect(after).toEqual([]);
  });

  it('completes who subscribes later, without a value', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    store.add(pod('shop/a'));
    const streams = everyStream(store);
    store.close();
    const seen: unknown[] = [];
    for (const stream of Object.values(streams)) {
      stream.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    }
    expect(seen).toEqual(Object.keys(streams).map(() => 'complete'));
    expect(refused(() => store.query$('shop'))).toMatchObject({
      code: 'CLOSED',
      operation: 'get',
      keys: ['shop'],
    });
  });

  it('from inside the first value of a live query or a snapshot ends the stream', () => {
    for (const name of ['snapshots$', 'query$']) {
      const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
      const seen: string[] = [];
      everyStream(store)[name]?.subscribe({
        next: () => {
          seen.push('next');
          store.close();
        },
        complete: () => seen.push('complete'),
      });
      expect(seen).toEqual(['next', 'complete']);
    }
  });
});

describe('a caller whose object writes into the store while it is read', () => {
  it('is refused, and what it wrote stands', () => {
    const store = new MemoryStore<Pod>({ numKeys: 2, clock: stillClock });
    const changes: Change<Pod>[] = [];
    store.changes$.subscribe((change) => changes.push(change));
    const sly = {
      ...pod('shop/sly'),
      toJSON: () => {
        store.add(pod('shop/nested'));
        return pod('shop/sly');
      },
    };
    const error = refused(() => store.add(sly));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'WRITTEN_MEANWHILE', operation: 'add' });
    expect(paths(store.list())).toEqual(['shop/nested']);
    expect(changes.map(told)).toEqual(['added shop/nested']);
    store.apply(list(['shop/z']));
    expect(changes.map(told)).toEqual(['added shop/nested', 'deleted shop/nested', 'added shop/z']);
  });
});
