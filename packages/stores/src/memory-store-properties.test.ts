/** Owns the proof, over random operations, that what MemoryStore tells always adds up to what it holds. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Change, Resource, ResourceEvent, Snapshot } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore, writerOf } from './memory-store.ts';
import { type Pod, pod, steppingClock, stillClock } from './pod.fixture.ts';

/** What the store should hold of a resource. */
interface Kept {
  readonly keys: readonly string[];
  readonly v: number;
}
type Model = Map<string, Kept>;

interface Named {
  readonly path: string;
  readonly keys: readonly [string, string];
  readonly v: number;
}
type Operation =
  | ({ readonly op: 'add' | 'update' } & Named)
  | { readonly op: 'delete'; readonly keys: readonly [string, string] }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'replace'; readonly all: readonly Named[] }
  | { readonly op: 'batch'; readonly all: readonly Named[]; readonly gone: string; readonly bad: boolean }
  | { readonly op: 'clear' | 'bookmark' | 'turn' };

const key = fc.constantFrom('', 'a', 'a/b', 'b');
const path = fc
  .tuple(fc.constantFrom('', 'n', 'n-m'), fc.constantFrom('x', 'y', 'z', 'Z'))
  .map((p) => p.join('/'));
const keys = fc.tuple(key, key);
const named = fc.record({ path, keys, v: fc.nat(3) });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('add', 'update'), path, keys, v: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('delete'), keys }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('remove'), path }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('replace'), all: fc.array(named, { maxLength: 6 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('batch'),
      all: fc.array(named, { maxLength: 4 }),
      gone: path,
      bad: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('clear', 'bookmark', 'turn') }) },
);

/** Its resource version follows from what it says, so that lists find the same version again. */
function podOf({ path: name, v }: Pick<Named, 'path' | 'v'>): Pod {
  return pod(name, { uid: v === 3 ? 'recreated' : 'first', resourceVersion: String(v + 1) }, v);
}

function identity(name: string): { namespace: string; name: string; keys: readonly string[] } {
  const [namespace = '', own = ''] = name.split('/');
  return { namespace, name: own, keys: [] };
}

/** Without an indexer, a list files its resources under namespace and name. */
function listed(name: string): readonly string[] {
  return name.split('/');
}

/** Does an operation to the store and to the model. */
function perform(operation: Operation, store: MemoryStore<Pod>, model: Model): void {
  switch (operation.op) {
    case 'add':
    case 'update':
      store[operation.op](podOf(operation), operation.keys);
      model.set(operation.path, operation);
      return;
    case 'delete':
      store.delete(...operation.keys);
      for (const [name, kept] of model) if (isUnder(kept, operation.keys)) model.delete(name);
      return;
    case 'remove':
      store.remove(identity(operation.path));
      model.delete(operation.path);
      return;
    case 'replace':
      store.apply({ type: 'REPLACED', objects: operation.all.map(podOf), resourceVersion: '9' });
      keepListed(operation.all, store, model);
      return;
    case 'batch': {
      const events: ResourceEvent<Pod>[] = operation.all.map((one) => ({
        type: 'MODIFIED',
        object: podOf(one),
        keys: one.keys,
      }));
      events.push({ type: 'DELETED', object: identity(operation.gone) });
      if (operation.bad) {
        expect(() => store.apply([...events, { type: 'ADDED', object: {} as Pod }])).toThrow();
        return;
      }
      store.apply(events);
      for (const one of operation.all) model.set(one.path, one);
      model.delete(operation.gone);
      return;
    }
    case 'clear':
      store.clear();
      model.clear();
      return;
    case 'bookmark':
      store.apply({ type: 'BOOKMARK', resourceVersion: '8' });
      return;
    case 'turn':
      return;
  }
}

/** A resource whose version is stored already keeps its entry, and so the keys it was given by call. */
function keepListed(all: readonly Named[], store: MemoryStore<Pod>, model: Model): void {
  model.clear();
  for (const one of all) {
    const [ref] = store.refs().filter(({ namespace, name }) => `${namespace}/${name}` === one.path);
    model.set(one.path, { v: one.v, keys: ref?.keys ?? listed(one.path) });
  }
}

function isUnder({ keys: own }: Kept, prefix: readonly string[]): boolean {
  return prefix.every((one, i) => own[i] === one);
}

/** The model's answer to a query, in the order of namespace and name. */
function expected(model: Model, prefix: readonly string[]): Pod[] {
  const found = [...model].filter(([, kept]) => isUnder(kept, prefix));
  const order = ([name]: [string, unknown]): string => name.replace('/', '\0');
  found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return found.map(([name, { v }]) => podOf({ path: name, v }));
}

/** Keeps a Map in step with a store by its changes alone. */
class Replica {
  readonly contents = new Map<string, Resource<Pod>>();
  modCount = 0;

  readonly follow = (change: Change<Pod>): void => {
    const name = `${change.ref.namespace}/${change.ref.name}`;
    expect(change.previous).toBe(this.contents.get(name));
    expect(change.modCount).toBeGreaterThanOrEqual(this.modCount);
    this.modCount = change.modCount;
    if (change.type === 'deleted') this.contents.delete(name);
    else this.contents.set(name, change.object);
  };
}

const QUERIES: readonly (readonly string[])[] = [[], ['a'], [''], ['a', 'b'], ['n', 'x'], ['a/b', '']];

/** Subscribes to everything, and says whether what was told adds up. */
function attach(store: MemoryStore<Pod>): () => void {
  const replica = new Replica();
  for (const one of store.list()) replica.contents.set(`${one.metadata.namespace}/${one.metadata.name}`, one);
  store.changes$.subscribe(replica.follow);
  let last: Snapshot<Pod> | undefined;
  store.snapshots$.subscribe((snapshot) => {
    expect(snapshot.modCount).toBeGreaterThan(last?.modCount ?? -1);
    last = snapshot;
  });
  const results = QUERIES.map((prefix) => {
    const query = { prefix, shown: undefined as readonly Resource<Pod>[] | undefined };
    store.query$(...prefix).subscribe((found) => {
      expect(query.shown !== undefined && isSame(found, query.shown)).toBe(false);
      query.shown = found;
    });
    return query;
  });
  return () => {
    expect([...replica.contents.values()].toSorted(byIdentity)).toEqual(store.list());
    expect(last?.modCount).toBe(store.modCount);
    for (const { prefix, shown } of results) {
      expect(shown).toEqual(prefix.length === 0 ? store.list() : store.get(...prefix));
    }
  };
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

function byIdentity(a: Resource<Pod>, b: Resource<Pod>): number {
  const order = ({ metadata }: Resource<Pod>): string => `${metadata.namespace}\0${metadata.name}`;
  return order(a) < order(b) ? -1 : 1;
}

/** Whatever it tells, it tells at once. */
function stilled(): MemoryStore<Pod> {
  return new MemoryStore({ numKeys: 2, clock: stillClock });
}

describe('whatever is done to a store', () => {
  it('it holds what a plain Map would, and refused batches leave no trace', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const store = new MemoryStore<Pod>(2);
        const model: Model = new Map();
        for (const one of operations) {
          perform(one, store, model);
          for (const prefix of QUERIES) {
            // Asked twice: the second answer comes from what the first one left behind.
            for (const _ of [1, 2]) {
              expect(prefix.length === 0 ? store.list() : store.get(...prefix)).toEqual(
                expected(model, prefix),
              );
            }
          }
          expect(store.size).toBe(model.size);
        }
      }),
    );
  });

  it('remembered look-ups are never stale, and another array only after a change under their keys', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const store = new MemoryStore<Pod>(2);
        for (const one of operations) {
          const before = store.snapshot;
          const held = store.get('a', 'b');
          perform(one, store, new Map());
          const now = store.get('a', 'b');
          expect(now).toEqual(store.snapshot.get('a', 'b'));
          if (store.snapshot.modCount === before.modCount) expect(now).toBe(held);
          const onlyOthers = 'keys' in one && one.op === 'delete' && one.keys.join() !== 'a,b';
          if (onlyOthers) expect(now).toBe(held);
        }
      }),
    );
  });

  it('its streams add up to its contents for every subscriber, early or late, in slices or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 30 }),
        fc.constantFrom(0, 4, 20),
        fc.nat(29),
        async (operations, step, joinAt) => {
          const store = new MemoryStore<Pod>({ numKeys: 2, clock: steppingClock(step) });
          const checks = [attach(store)];
          const model: Model = new Map();
          for (const [i, one] of operations.entries()) {
            if (i === joinAt) checks.push(attach(store));
            perform(one, store, model);
            if (one.op === 'turn') await nextTurn();
          }
          await writerOf(store).whenPublished();
          for (const check of checks) check();
          expect(store.list()).toEqual(expected(model, []));
        },
      ),
    );
  });

  it('the same holds when subscribers write in answer to what they are told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 15 }),
        fc.array(operation, { maxLength: 15 }),
        fc.constantFrom(0, 20),
        async (operations, answers, step) => {
          const store = new MemoryStore<Pod>({ numKeys: 2, clock: steppingClock(step) });
          const checks = [attach(store)];
          const waiting = [...answers];
          store.changes$.subscribe(() => {
            const answer = waiting.shift();
            if (answer === undefined) return;
            perform(answer, store, new Map());
            if (answer.op === 'update') checks.push(attach(store));
          });
          checks.push(attach(store));
          for (const one of operations) perform(one, store, new Map());
          await writerOf(store).whenPublished();
          for (const check of checks) check();
        },
      ),
    );
  });

  it('events come in the order in which they were applied, each before its changes', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
        const [store, copy] = [stilled(), stilled()];
        const told: string[] = [];
        const repeated: string[] = [];
        store.events$.subscribe((event) => copy.apply(event));
        store.changes$.subscribe((change) => told.push(JSON.stringify(change)));
        copy.changes$.subscribe((change) => repeated.push(JSON.stringify(change)));
        for (const one of operations) {
          perform(one, store, new Map());
          expect(repeated).toEqual(told);
        }
        expect(copy.snapshot.digest()).toBe(store.snapshot.digest());
        expect(copy.modCount).toBe(store.modCount);
      }),
    );
  });
});
