/** Owns the on-demand storage strategy: references in memory, resources fetched when they are asked for. */
import type { FirnError, Resource, ResourceEvent, ResourceRef } from '@firn/core';
import {
  checkKeys,
  type Entry,
  emptyReferences,
  entriesUnder,
  inspectAsJson,
  ownForm,
  stateOf,
} from '@firn/core/engine';
import { firstValueFrom, map, type Observable } from 'rxjs';
import { systemClock } from '../clock.ts';
import { createWriter, type WriterParts } from '../engine-writer.ts';
import type { Freshness, RefChange, Store } from '../store.ts';
import { StoreCalls } from '../store-calls.ts';
import { StoreEngine } from '../store-engine.ts';
import type { StoreWriter } from '../store-writer.ts';
import { type CachedStoreOptions, readCachedStoreOptions, type StoreLogger } from './cached-store-options.ts';
import type { Asked } from './gathering.ts';
import { createKeyNames, type KeyNames } from './key-names.ts';
import { OnDemandReads } from './on-demand-reads.ts';
import { ReferenceChange } from './reference-change.ts';

/** How resources were got since the store was made. */
export interface CacheStats {
  /** Read from the cache. */
  readonly hits: number;
  /** Requested. */
  readonly misses: number;
  /** Waited for a request that was under way already. */
  readonly shared: number;
  /** Left the cache because it was full. */
  readonly evictions: number;
  /** Left the cache because their time was over. */
  readonly expirations: number;
}

// Assigned by the class below: the only way to its private fields.
let partsOf: <T>(store: CachedStore<T>) => WriterParts<T>;

/**
 * A store that holds references, and fetches resources when they are asked for.
 *
 * What was fetched is kept for a while, frozen. A change or deletion that the watch tells of ends that at once, and a
 * response that is older than what the watch has said is never shown. Requests for the same resource are shared.
 *
 * @example
 * ```ts
 * const store = new CachedStore<V1Secret>({ numKeys: 2, client: createResourceClient(kubeConfig), gvr: 'v1/secrets' });
 * store.add(undefined, ['default', 'my-secret']);               // a reference: nothing is fetched
 * const [secret] = await store.get('default', 'my-secret');     // fetched, then kept
 * ```
 */
export class CachedStore<T> implements Store<T> {
  readonly #engine: StoreEngine<T>;
  readonly #calls: StoreCalls<T>;
  readonly #reads: OnDemandReads<T>;
  readonly #keyNames: KeyNames;
  readonly #logger: StoreLogger | undefined;
  #hasWarned = false;
  #freshness: Freshness = Object.freeze({ stale: false });

  /**
   * @throws {ConfigError} `INVALID_NUM_KEYS`, `NO_CLIENT`, `INVALID_GVR`, `INVALID_DURATION`, `INVALID_VALUE`.
   */
  constructor(options: CachedStoreOptions) {
    const settings = readCachedStoreOptions(options);
    const { numKeys, indexer, namespace, logger, clock = systemClock, random = noChance } = options;
    const snapshot = emptyReferences<T>({
      ...(numKeys === undefined ? undefined : { numKeys }),
      ...(indexer === undefined ? undefined : { indexer }),
    });
    this.#reads = new OnDemandReads({ engine: () => this.#engine, settings, indexer, clock, random });
    this.#engine = new StoreEngine(snapshot, clock, this.#reads.reconcile);
    this.#calls = new StoreCalls(this.#engine);
    this.#keyNames = createKeyNames(snapshot.numKeys, indexer, namespace);
    this.#logger = logger;
  }

  static {
    inspectAsJson(CachedStore.prototype);
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

  /** Every change of the references, in order; nothing is fetched unless `fetch()` of a change is called. */
  get changes$(): Observable<RefChange<T>> {
    const fetch = (ref: ResourceRef) => this.#fetchRef(ref);
    return this.#engine.changes.observable.pipe(map((change) => new ReferenceChange(change, fetch)));
  }

  /** Every event that was applied, in order; its objects are references. */
  get events$(): Observable<ResourceEvent<T>> {
    return this.#engine.events.observable;
  }

  get errors$(): Observable<FirnError> {
    return this.#engine.errors.observable;
  }

  /** How many fetched resources are kept. */
  get cacheSize(): number {
    return this.#reads.cache.size;
  }

  get cacheStats(): CacheStats {
    const { hits, misses, shared } = this.#reads.fetcher;
    const { evictions, expirations } = this.#reads.cache;
    return Object.freeze({ hits, misses, shared, evictions, expirations });
  }

  /**
   * The resources under all keys, or under the first ones, by namespace and name; those that are gone by now are left
   * out. What is not cached is fetched: one by one, or by a list of the namespace where many are missing.
   *
   * @throws {StoreError} (as a rejection) `INVALID_KEYS`, `CLOSED`; for a single resource what became of its fetch:
   * `FORBIDDEN`, `UNAUTHORIZED`, `TOO_MANY_REQUESTS`, `REFUSED`, `UNREACHABLE`, `FETCH_TIMEOUT`, `OUTDATED_RESPONSE`,
   * `WRONG_RESPONSE`, `FETCH_FAILED`; for several the code of the first that failed, with an `AggregateError` of all
   * as its cause.
   */
  async get(...keys: string[]): Promise<readonly Resource<T>[]> {
    const entries = entriesUnder(stateOf(this.#calls.open('get', keys).current), keys);
    const cached = this.#reads.cachedAlone(entries);
    return cached ?? firstValueFrom(this.#reads.look({ operation: 'get', keys }, () => entries));
  }

  /**
   * Everything, by namespace and name: warns once, since all of it is fetched. Rejects as `get` does.
   */
  list(): Promise<readonly Resource<T>[]> {
    return firstValueFrom(
      this.#look({ operation: 'list', keys: [] }, ({ current }) => {
        this.#warnOfList(current.size);
        return stateOf(current).identity.toArray();
      }),
    );
  }

  /** One resource by identity; `undefined` if it is gone. Rejects as `get` does for a single resource. */
  async find(namespace: string, name: string): Promise<Resource<T> | undefined> {
    const [resource] = await firstValueFrom(
      this.#look({ operation: 'get', keys: [] }, () => this.#reads.entriesOf({ namespace, name })),
    );
    return resource;
  }

  /**
   * What `get` gives, once for each subscriber. Unsubscribing cancels what nobody else waits for.
   *
   * @throws {StoreError} (as an error of the stream) as `get` rejects.
   */
  fetch$(...keys: string[]): Observable<readonly Resource<T>[]> {
    return this.#look({ operation: 'get', keys }, ({ current }) => entriesUnder(stateOf(current), keys));
  }

  refs(...keys: string[]): readonly ResourceRef[] {
    return this.#calls.open('get', keys).current.refs(...keys);
  }

  /** Stores a reference. A resource that is given is kept as if it had been fetched; without one the keys have to
   * tell its namespace and name. */
  add(object: T | Resource<T> | undefined | null, keys?: readonly string[]): void {
    this.#write('add', object, keys);
  }

  /** The same as `add`. */
  update(object: T | Resource<T> | undefined | null, keys?: readonly string[]): void {
    this.#write('update', object, keys);
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

  /** Forgets what was fetched; references stay. Whatever is asked for from now on is requested anew. */
  clearCache(): void {
    this.#calls.open('clear');
    this.#reads.startAnew();
  }

  /** Drops what has been kept long enough, which happens by itself; gives how many there were. */
  evictExpired(): number {
    return this.#reads.cache.evictExpired();
  }

  close(): void {
    if (this.#engine.closed) return;
    this.#reads.sendNoMore();
    this.#engine.close();
    this.#reads.close();
  }

  /** The same as `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What `JSON.stringify` and `inspect` show: counts, never resources. */
  toJSON(): object {
    const { size, modCount, numKeys, freshness, cacheSize, cacheStats } = this;
    return { size, modCount, numKeys, freshness, cacheSize, cacheStats };
  }

  #look(
    asked: Asked,
    entriesOf: (engine: StoreEngine<T>) => readonly Entry<T>[],
  ): Observable<readonly Resource<T>[]> {
    return this.#reads.look(asked, () => entriesOf(this.#calls.open(asked.operation, asked.keys)));
  }

  #write(
    operation: 'add' | 'update',
    object: T | Resource<T> | undefined | null,
    keys: readonly string[] | undefined,
  ): void {
    if (object !== undefined && object !== null) {
      this.#calls.open(operation, keys);
      const own = ownForm(object, { operation, owned: false }, keys);
      const write = (): void => this.#calls.write(operation, own as T, keys, true);
      if (typeof own === 'object' && own !== null && 'metadata' in own) this.#reads.keeping(own, write);
      else write();
      return;
    }
    this.#calls.open(operation, keys);
    const given = keys ?? [];
    checkKeys(given, this.numKeys, operation);
    const ref = { ...this.#keyNames.read(given, operation), keys: given };
    this.#calls.write(operation, ref as unknown as T, given);
  }

  async #fetchRef(ref: ResourceRef): Promise<Resource<T> | undefined> {
    this.#calls.open('fetch', ref.keys);
    if (!this.#isStill(ref)) return undefined;
    const resource = await this.find(ref.namespace, ref.name);
    return this.#isStill(ref) ? resource : undefined;
  }

  /** Whether the resource is there, and is not another one that took its name. */
  #isStill({ namespace, name, uid }: ResourceRef): boolean {
    const [entry] = this.#reads.entriesOf({ namespace, name });
    return entry !== undefined && (uid === undefined || entry.uid === undefined || entry.uid === uid);
  }

  #warnOfList(count: number): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const gvr = this.#reads.resource;
    this.#logger?.warn(
      { gvr, count },
      `list() of an on-demand store fetches all ${count} resources. Watch them with store: 'full' if all are needed.`,
    );
  }
}

/** Nothing is left to chance. */
function noChance(): number {
  return 0;
}

/** The writing end of an on-demand store. */
export function referenceWriterOf<T>(store: CachedStore<T>): StoreWriter<T> {
  return createWriter(partsOf(store));
}
