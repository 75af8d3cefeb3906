/** Owns the full storage strategy: every resource in memory, as immutable snapshots. */
import {
  type Change,
  emptySnapshot,
  type FirnError,
  type Indexer,
  type Resource,
  type ResourceEvent,
  type ResourceIndex,
  type ResourceRef,
  type ResourceWritten,
  type Snapshot,
  StoreError,
  type StoreOperation,
} from '@firn/core';
import { checkKeys, type EntryContext, inspectAsJson, keysForError } from '@firn/core/engine';
import type { Observable } from 'rxjs';
import { type Clock, systemClock } from './clock.ts';
import { FullStoreEngine } from './full-store-engine.ts';
import type { Freshness, Store } from './store.ts';
import type { StoreWriter } from './store-writer.ts';

/** How a MemoryStore is made: the number of keys, or an indexer that says it, or both. */
export interface MemoryStoreOptions {
  readonly numKeys?: number;
  readonly indexer?: Indexer;
  /** Where time comes from; the machine's clock when left out. */
  readonly clock?: Clock;
}

// Assigned by the class below: the only way to its writing end.
let createWriter: <T>(store: MemoryStore<T>) => StoreWriter<T>;

/**
 * A store that holds every resource.
 *
 * Reading never waits and never copies: results are frozen and shared. The same exact `get` on an unchanged store
 * gives the same array.
 *
 * @example
 * ```ts
 * const store = new MemoryStore<V1Ingress>(2);
 * store.changes$.subscribe((change) => console.log(change.type, change.ref.name));
 * store.add(ingress, ['default', 'my-ingress']);
 * store.get('default');               // all of the namespace
 * store.get('default', 'my-ingress'); // one
 * ```
 */
export class MemoryStore<T> implements Store<T> {
  readonly #engine: FullStoreEngine<T>;
  #freshness: Freshness = Object.freeze({ stale: false });

  /** @throws {ConfigError} `INVALID_NUM_KEYS` when the number of keys is missing or disagrees with the indexer. */
  constructor(options: number | MemoryStoreOptions) {
    const {
      numKeys,
      indexer,
      clock = systemClock,
    }: MemoryStoreOptions = typeof options === 'number' ? { numKeys: options } : (options ?? {});
    const snapshot = emptySnapshot<T>({
      ...(numKeys === undefined ? undefined : { numKeys }),
      ...(indexer === undefined ? undefined : { indexer }),
    });
    this.#engine = new FullStoreEngine(snapshot, clock);
  }

  static {
    inspectAsJson(MemoryStore.prototype);
    createWriter = (store) => {
      const engine = store.#engine;
      return Object.freeze({
        store,
        apply: (events: Parameters<typeof engine.apply>[0]) => store.#open('apply').apply(events),
        beginList: () => engine.beginList(),
        commitList: (list: ReturnType<typeof engine.beginList>, resourceVersion: string) =>
          store.#open('apply').commitList(list, resourceVersion),
        setFreshness: (freshness: Freshness) => {
          store.#freshness = Object.freeze({ ...freshness });
        },
        get resourceVersion() {
          return engine.current.resourceVersion;
        },
        get publishing() {
          return engine.publications.busy;
        },
        whenPublished: () => engine.publications.whenIdle(),
      });
    };
  }

  get size(): number {
    return this.#engine.current.size;
  }

  get modCount(): number {
    return this.#engine.current.modCount;
  }

  get numKeys(): number {
    return this.#engine.current.numKeys;
  }

  get freshness(): Freshness {
    return this.#freshness;
  }

  /** The current state; stays as it is while the store goes on. */
  get snapshot(): Snapshot<T> {
    return this.#engine.snapshot;
  }

  get changes$(): Observable<Change<T>> {
    return this.#engine.changes.observable;
  }

  get events$(): Observable<ResourceEvent<T>> {
    return this.#engine.events.observable;
  }

  get errors$(): Observable<FirnError> {
    return this.#engine.errors.observable;
  }

  /** The current snapshot, then a new one at the end of each batch that changed contents. */
  get snapshots$(): Observable<Snapshot<T>> {
    return this.#engine.observeSnapshots();
  }

  get(...keys: string[]): readonly Resource<T>[] {
    const { current: snapshot, exactReads } = this.#open('get', keys);
    if (keys.length !== snapshot.numKeys) return snapshot.get(...keys);
    const known = exactReads.find(keys);
    if (known !== undefined) return known;
    const results = snapshot.get(...keys);
    exactReads.remember(keys, results);
    return results;
  }

  list(): readonly Resource<T>[] {
    return this.#open('list').current.list();
  }

  find(namespace: string, name: string): Resource<T> | undefined {
    return this.#open('get').current.find(namespace, name);
  }

  refs(...keys: string[]): readonly ResourceRef[] {
    return this.#open('get', keys).current.refs(...keys);
  }

  /**
   * A secondary index: each `get` looks into the current state.
   *
   * @throws {ConfigError} `UNKNOWN_INDEX` with the names there are.
   */
  index(name: string): ResourceIndex<T> {
    this.#open('get').current.index(name);
    return Object.freeze({
      get: (...keys: string[]) =>
        this.#open('get', keys)
          .current.index(name)
          .get(...keys),
    });
  }

  /**
   * A live query: the result now, then after each batch that changed it. No keys: everything.
   *
   * @throws {StoreError} `INVALID_KEYS`.
   * @example
   * ```ts
   * const subscription = store.query$('shop').subscribe((ingresses) => render(ingresses));
   * ```
   */
  query$(...keys: string[]): Observable<readonly Resource<T>[]> {
    const engine = this.#open('get', keys);
    if (keys.length > 0) checkKeys(keys, this.numKeys, 'get', 'prefix');
    return engine.observeQuery(Object.freeze([...keys]));
  }

  add(object: T | Resource<T>, keys?: readonly string[]): void {
    this.#write('add', 'ADDED', object, keys);
  }

  update(object: T | Resource<T>, keys?: readonly string[]): void {
    this.#write('update', 'MODIFIED', object, keys);
  }

  delete(...keys: string[]): void {
    const engine = this.#open('delete', keys);
    checkKeys(keys, this.numKeys, 'delete');
    const stored = engine.current.refs(...keys);
    if (stored.length === 0) return;
    // Without their versions: which one the deletion has is not known.
    const events = stored.map(({ namespace, name }) => deletion(namespace, name));
    engine.apply(events, byCall('delete'));
  }

  remove(identity: { readonly namespace: string; readonly name: string }): void {
    const engine = this.#open('remove');
    const { namespace, name } = identity ?? {};
    engine.apply([deletion(namespace, name)], byCall('remove'));
  }

  clear(): void {
    this.#open('clear').apply([{ type: 'CLEARED' }], byCall('clear'));
  }

  apply(event: ResourceEvent<T> | readonly ResourceEvent<T>[]): void {
    const events = Array.isArray(event)
      ? (event as readonly ResourceEvent<T>[])
      : [event as ResourceEvent<T>];
    this.#open('apply').apply(events, byCall('apply'));
  }

  close(): void {
    this.#engine.close();
  }

  /** The same as `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What `JSON.stringify` and `inspect` show: counts, never resources. */
  toJSON(): object {
    const { size, modCount, numKeys, freshness } = this;
    return { size, modCount, numKeys, freshness };
  }

  #write(
    operation: 'add' | 'update',
    type: 'ADDED' | 'MODIFIED',
    object: T | Resource<T>,
    keys: readonly string[] | undefined,
  ): void {
    const engine = this.#open(operation, keys);
    if (keys !== undefined) checkKeys(keys, this.numKeys, operation);
    const event = { type, object, ...(keys === undefined ? undefined : { keys }) };
    engine.apply([event], byCall(operation));
  }

  #open(operation: StoreOperation, keys: readonly string[] = []): FullStoreEngine<T> {
    if (!this.#engine.closed) return this.#engine;
    throw new StoreError(`${operation}: the store is closed. Make a new one.`, {
      code: 'CLOSED',
      operation,
      keys: keysForError(keys),
    });
  }
}

function byCall(operation: StoreOperation): EntryContext {
  return { operation, owned: false, needsResource: true };
}

function deletion(namespace: string, name: string): ResourceWritten<never> {
  return { type: 'DELETED', object: { namespace, name, keys: [] } };
}

/** The writing end of a store: whoever feeds it holds it, readers never see it. */
export function writerOf<T>(store: MemoryStore<T>): StoreWriter<T> {
  return createWriter(store);
}
