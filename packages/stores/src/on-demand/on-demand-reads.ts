/** Owns the reading of an on-demand store: cache, requests and lists, kept true to what its references say. */
import { formatGvr, type Indexer, type Resource, StoreError } from '@firn/core';
import { type Entry, entriesOfNamespace, entryOf, findEntry, stateOf } from '@firn/core/engine';
import { defer, map, type Observable, raceWith, Subject } from 'rxjs';
import type { Clock } from '../clock.ts';
import type { AcceptedHook, StoreEngine } from '../store-engine.ts';
import type { CachedStoreSettings } from './cached-store-options.ts';
import { FetchQueue } from './fetch-queue.ts';
import { takeObject } from './fetched-object.ts';
import { type Asked, Gathering, type GatheringContext } from './gathering.ts';
import { NamespaceLists } from './namespace-lists.ts';
import { ResourceCache } from './resource-cache.ts';
import { type FetchSurroundings, type Identity, identityKey, ResourceFetcher } from './resource-fetcher.ts';
import { isStillListed, isStillShown } from './response-check.ts';

/** What reading needs of its store. */
export interface ReadsParts<T> {
  readonly engine: () => StoreEngine<T>;
  readonly settings: CachedStoreSettings;
  readonly indexer: Indexer | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Gives resources of references. */
export class OnDemandReads<T> {
  readonly cache: ResourceCache<T>;
  readonly fetcher: ResourceFetcher<T>;
  readonly #lists: NamespaceLists<T>;
  readonly #surroundings: FetchSurroundings<T>;
  readonly #gathering: GatheringContext<T>;
  readonly #closing = new Subject<void>();
  /** What the call under way writes. */
  #given: object | undefined;

  constructor({ engine, settings, indexer, clock, random }: ReadsParts<T>) {
    const { client, gvr, concurrency, fetchTimeout: timeout } = settings;
    this.cache = new ResourceCache(settings, clock);
    const find = (namespace: string, name: string): Entry<T> | undefined =>
      findEntry(stateOf(engine().current).identity, namespace, name);
    this.#surroundings = {
      client,
      gvr,
      resource: formatGvr(gvr),
      indexer,
      cache: this.cache,
      queue: new FetchQueue(concurrency),
      attempts: { clock, random, timeout },
      find,
    };
    this.fetcher = new ResourceFetcher(this.#surroundings);
    this.#lists = new NamespaceLists(this.#surroundings, this.fetcher);
    this.#gathering = {
      fetcher: this.fetcher,
      lists: this.#lists,
      find,
      countOf: (namespace) => entriesOfNamespace(stateOf(engine().current).identity, namespace).length,
      concurrency,
    };
  }

  /** `group/version/resource`. */
  get resource(): string {
    return this.#surroundings.resource;
  }

  /** The reference of an identity, if there is one. */
  entriesOf({ namespace, name }: Identity): readonly Entry<T>[] {
    const entry = this.#surroundings.find(namespace, name);
    return entry === undefined ? [] : [entry];
  }

  /** What is asked for, if that is one resource and it is cached: most reads are, and need no stream. */
  cachedAlone(entries: readonly Entry<T>[]): readonly Resource<T>[] | undefined {
    const [entry] = entries;
    if (entry === undefined || entries.length > 1) return undefined;
    const resource = this.fetcher.cached(entry);
    return resource === undefined ? undefined : Object.freeze([resource]);
  }

  /** Their resources, once for each subscriber; an error once the store is closed. */
  look(asked: Asked, entriesOf: () => readonly Entry<T>[]): Observable<readonly Resource<T>[]> {
    const closed = this.#closing.pipe(
      map((): never => {
        throw closedMeanwhile(asked);
      }),
    );
    return defer(() => new Gathering(this.#gathering, entriesOf(), asked).results().pipe(raceWith(closed)));
  }

  /** What `write` writes is kept like what was fetched: before anybody is told, who may write something else. */
  keeping(object: object, write: () => void): void {
    this.#given = object;
    try {
      write();
    } finally {
      this.#given = undefined;
    }
  }

  /** Nothing that was requested until now is shown to whoever asks from now on. */
  startAnew(): void {
    this.fetcher.startAnew();
    this.#lists.startAnew();
  }

  /** What the watch, or a call, has said ends what was known before; of everything, where all was replaced. */
  readonly reconcile: AcceptedHook<T> = (changes) => {
    const given = this.#given;
    this.#given = undefined;
    if (this.cache.size > 0) this.#reconcileAll(changes);
    if (given === undefined) return;
    const taken = takeObject<T>(given, this.#surroundings.indexer);
    this.cache.set(identityKey(taken), taken);
  };

  /** What waits for its turn is not sent any more, though others leave and make room. */
  sendNoMore(): void {
    this.#surroundings.queue.close();
  }

  close(): void {
    this.startAnew();
    this.#closing.next();
    this.#closing.complete();
  }

  #reconcileAll(changes: Parameters<AcceptedHook<T>>[0]): void {
    if (changes === undefined) for (const key of this.cache.keys()) this.#reconcileOne(key, isStillListed);
    else for (const change of changes) this.#reconcileOne(identityKey(entryOf(change)), isStillShown);
  }

  #reconcileOne(key: string, isStill: typeof isStillShown): void {
    const cached = this.cache.peek(key);
    if (cached === undefined) return;
    const [namespace = '', name = ''] = key.split('\0');
    const reference = this.#surroundings.find(namespace, name);
    if (reference === undefined || !isStill(cached, reference)) this.cache.delete(key);
  }
}

function closedMeanwhile({ operation, keys }: Asked): StoreError {
  return new StoreError(`${operation}: the store was closed before all was fetched.`, {
    code: 'CLOSED',
    operation,
    keys,
  });
}
