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
  type Snapshot,
} from '@firn/core';
import { checkKeys, inspectAsJson } from '@firn/core/engine';
import type { Observable } from 'rxjs';
import { type Clock, systemClock } from './clock.ts';
import { createWriter, type WriterParts } from './engine-writer.ts';
import type { Freshness, Store } from './store.ts';
import { StoreCalls } from './store-calls.ts';
import { StoreEngine } from './store-engine.ts';
import type { StoreWriter } from './store-writer.ts';

/** How a MemoryStore is made: the number of keys, or an indexer that says it, or both. */
export interface MemoryStoreOptions {
  readonly numKeys?: number;
  readonly indexer?: Indexer;
  /** Where time comes from; the machine's clock when left out. */
  readonly clock?: Clock;
}

// Assigned by the class below: the only way to its private fields.
let partsOf: <T>(store: MemoryStore<T>) => WriterParts<T>;

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
  readonly #engine: StoreEngine<T>;
  readonly #calls: StoreCalls<T>;
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
    this.#engine = new StoreEngine(snapshot, clock);
    this.#calls = new StoreCalls(this.#engine);
  }

  static {
    inspectAsJson(MemoryStore.prototype);
    partsOf = (store) => ({
      store,
      engine: store.#engine,
      calls: store.#calls,
      setFreshness: (freshness) => {
        store.#freshness = freshness;
      },
    });
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
    const { current: snapshot, exactReads } = this.#calls.open('get', keys);
    if (keys.length !== snapshot.numKeys) return snapshot.get(...keys);
    const known = exactReads.find(keys);
    if (known !== undefined) return known;
    const results = snapshot.get(...keys);
    exactReads.remember(keys, results);
    return results;
  }

  list(): readonly Resource<T>[] {
    return this.#calls.open('list').current.list();
  }

  find(namespace: string, name: string): Resource<T> | undefined {
    return this.#calls.open('get').current.find(namespace, name);
  }

  refs(...keys: string[]): readonly ResourceRef[] {
    return this.#calls.open('get', keys).current.refs(...keys);
  }

  /**
   * A secondary index: each `get` looks into the current state.
   *
   * @throws {ConfigError} `UNKNOWN_INDEX` with the names there are.
   */
  index(name: string): ResourceIndex<T> {
    this.#calls.open('get').current.index(name);
    return Object.freeze({
      get: (...keys: string[]) =>
        this.#calls
          .open('get', keys)
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
    const engine = this.#calls.open('get', keys);
    if (keys.length > 0) checkKeys(keys, this.numKeys, 'get', 'prefix');
    return engine.observeQuery(Object.freeze([...keys]));
  }

  add(object: T | Resource<T>, keys?: readonly string[]): void {
    this.#calls.write('add', object, keys);
  }

  update(object: T | Resource<T>, keys?: readonly string[]): void {
    this.#calls.write('update', object, keys);
  }

  delete(...keys: string[]): void {
    this.#calls.delete(keys);
  }

  remove(identity: { readonly namespace: string; readonly name: string }): void {
    this.#calls.remove(identity);
  }

  clear(): void {
    this.#calls.clear();
  }

  apply(event: ResourceEvent<T> | readonly ResourceEvent<T>[]): void {
    this.#calls.apply(event);
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
}

/** The writing end of a store: whoever feeds it holds it, readers never see it. */
export function writerOf<T>(store: MemoryStore<T>): StoreWriter<T> {
  return createWriter(partsOf(store));
}
