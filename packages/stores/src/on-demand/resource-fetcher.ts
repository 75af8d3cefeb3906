/** Owns the fetching of single resources: from the cache, from a request under way, or by a new one. */
import type { GroupVersionResource, Indexer, Resource } from '@firn/core';
import { copyAsJson, type Entry } from '@firn/core/engine';
import { defer, Observable, of } from 'rxjs';
import type { ResourceClient } from '../resource-client.ts';
import { type AttemptContext, OUTDATED, untilCurrent } from './attempts.ts';
import { type FetchSubject, statusOf } from './fetch-error.ts';
import type { FetchQueue } from './fetch-queue.ts';
import { takeObject } from './fetched-object.ts';
import type { ResourceCache } from './resource-cache.ts';
import { isOlder, isUpToDate, type Version } from './response-check.ts';
import { SharedFetches } from './shared-fetches.ts';

/** What fetches need of their store. */
export interface FetchSurroundings<T> {
  readonly client: ResourceClient;
  readonly gvr: GroupVersionResource;
  /** The same as text, for messages. */
  readonly resource: string;
  readonly indexer: Indexer | undefined;
  readonly cache: ResourceCache<T>;
  readonly queue: FetchQueue;
  readonly attempts: AttemptContext;
  /** The reference as the watch has it now. */
  readonly find: (namespace: string, name: string) => Entry<T> | undefined;
}

/** Who is fetched. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
}

/** What is kept of a resource is kept under this. */
export function identityKey({ namespace, name }: Identity): string {
  return `${namespace}\0${name}`;
}

/** Runs `work` when there is a place for it; cancels it when nobody waits for it any more. */
export function queued<V>(queue: FetchQueue, work: (signal: AbortSignal) => Promise<V>): Observable<V> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const leave = queue.enter(() => {
      work(abort.signal).then(
        (value) => {
          subscriber.next(value);
          subscriber.complete();
        },
        (error) => subscriber.error(error),
      );
    });
    return () => {
      abort.abort();
      leave();
    };
  });
}

/** Fetches resources one by one, and counts how it got them. */
export class ResourceFetcher<T> {
  readonly #surroundings: FetchSurroundings<T>;
  readonly #shared = new SharedFetches<Resource<T> | undefined>();
  /** Counts how often the cache was to be forgotten: what was asked for before is not kept. */
  #epoch = 0;
  hits = 0;
  misses = 0;
  shared = 0;

  constructor(surroundings: FetchSurroundings<T>) {
    this.#surroundings = surroundings;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** A resource from the cache; counts as a hit. */
  cached(identity: Identity): Resource<T> | undefined {
    const cached = this.#surroundings.cache.get(identityKey(identity));
    if (cached !== undefined) this.hits++;
    return cached?.resource;
  }

  /**
   * One resource, `undefined` if it is gone, or a `StoreError`: from the cache, or by one request however many wait.
   */
  fetch(identity: Identity): Observable<Resource<T> | undefined> {
    return defer(() => {
      if (this.#surroundings.find(identity.namespace, identity.name) === undefined) return of(undefined);
      const cached = this.cached(identity);
      if (cached !== undefined) return of(cached);
      return this.#shared.of(
        identityKey(identity),
        () => {
          this.misses++;
          return this.#request(identity);
        },
        () => this.shared++,
      );
    });
  }

  /** Whatever is asked for from now on is requested anew. */
  startAnew(): void {
    this.#epoch++;
    this.#shared.keepApart();
    this.#surroundings.cache.clear();
  }

  #request(identity: Identity): Observable<Resource<T> | undefined> {
    const { queue, client, gvr, resource, attempts, find } = this.#surroundings;
    const { namespace, name } = identity;
    const epoch = this.#epoch;
    return queued(queue, (signal) => {
      const keys = find(namespace, name)?.keys ?? [];
      const subject: FetchSubject = { resource, verb: 'get', namespace, name, keys };
      const attempt = async (inner: AbortSignal): Promise<Resource<T> | undefined | typeof OUTDATED> => {
        const before = find(namespace, name);
        if (before === undefined) return this.#judge(undefined, before, subject, epoch);
        const object = await client.get(gvr, identity, { signal: inner }).catch(undefinedIfGone);
        // A client that answers nevertheless: nobody waits for it.
        inner.throwIfAborted();
        return this.#judge(object, before, subject, epoch);
      };
      return untilCurrent(attempt, subject, attempts, signal);
    });
  }

  /** What a response means, by what the watch has said until now, and had said `before` it was asked for. */
  #judge(
    object: unknown,
    before: Entry<T> | undefined,
    subject: FetchSubject,
    epoch: number,
  ): Resource<T> | undefined | typeof OUTDATED {
    const { indexer, find, cache } = this.#surroundings;
    const key = identityKey(subject);
    const reference = find(subject.namespace, subject.name);
    if (reference !== undefined && isOfBefore(object, before, reference)) return OUTDATED;
    const taken =
      object === undefined || reference === undefined
        ? undefined
        : takeObject<T>(copyAsJson(object) as object, indexer, subject);
    if (taken !== undefined && reference !== undefined && !isUpToDate(taken, reference)) return OUTDATED;
    if (epoch === this.#epoch) {
      // From here on the cache answers: what is under way would be out of date if the watch says more meanwhile.
      this.#shared.forget(key);
      if (taken !== undefined) return cache.keepNewest(key, taken).resource;
    }
    return taken?.resource;
  }
}

/** Whether an answer may be about what there was before the watch said what it says now. */
function isOfBefore(object: unknown, before: Version | undefined, now: Version): boolean {
  if (before === now || before === undefined) return false;
  // It may be the one before that is gone; and a server that was restored went back in time.
  return object === undefined || isOlder(now, before);
}

function undefinedIfGone(cause: unknown): undefined {
  if (statusOf(cause) === 404) return undefined;
  throw cause;
}
