/** Owns the fetching of many resources of a namespace at once: by one list, where that is cheaper than many gets. */
import type { Resource, StoreError } from '@firn/core';
import { copyAsJson, type Entry, nextTurn } from '@firn/core/engine';
import type { Observable } from 'rxjs';
import type { ResourceList } from '../resource-client.ts';
import { untilCurrent } from './attempts.ts';
import { type FetchSubject, statusOf } from './fetch-error.ts';
import { takeObject } from './fetched-object.ts';
import type { CachedResource } from './resource-cache.ts';
import { type FetchSurroundings, identityKey, queued, type ResourceFetcher } from './resource-fetcher.ts';
import { isUpToDate, provesAbsence } from './response-check.ts';
import { SharedFetches } from './shared-fetches.ts';

/** From so many missing resources of one namespace on, a list is asked for. */
export const LIST_FROM = 16;
/** Unless there are so many times more references in the namespace. */
const LARGEST_SHARE = 4;
const PAGE = 500;
/** Of whoever may not list, or of what cannot be listed. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([403, 404, 405, 501]);

/** What a list has brought. */
export interface Listing<T> {
  /** What it says of a reference: the resource, that it is gone, or nothing that is up to date. */
  answer(reference: Entry<T>): Resource<T> | 'gone' | 'unknown';
}

/** By name; nothing of those that nobody knew when their page was read. */
type Taken<T> = Map<string, CachedResource<T> | undefined>;

/** Lists namespaces; one list at a time of each, however many wait for it. */
export class NamespaceLists<T> {
  readonly #surroundings: FetchSurroundings<T>;
  readonly #fetcher: ResourceFetcher<T>;
  readonly #shared = new SharedFetches<Listing<T>>();
  #refused = false;

  constructor(surroundings: FetchSurroundings<T>, fetcher: ResourceFetcher<T>) {
    this.#surroundings = surroundings;
    this.#fetcher = fetcher;
  }

  /** Whether a list is the cheaper way to so many resources, of so many of the namespace. */
  isWorthwhile(missing: number, ofAll: number): boolean {
    if (this.#refused || this.#surroundings.client.list === undefined) return false;
    return missing >= LIST_FROM && missing * LARGEST_SHARE >= ofAll;
  }

  /**
   * The list of a namespace, under way or new. Fails as gets do.
   *
   * @param joined is called when it is under way already.
   */
  of(namespace: string, ofAll: number, joined: () => void): Observable<Listing<T>> {
    const { queue } = this.#surroundings;
    const begin = (): Observable<Listing<T>> =>
      queued(queue, (signal) => this.#read(namespace, ofAll * LARGEST_SHARE + PAGE, signal));
    return this.#shared.of(namespace, begin, joined);
  }

  /** A list that failed is not tried again where that cannot help. */
  failed({ cause }: StoreError): void {
    if (REFUSALS.has(statusOf(cause))) this.#refused = true;
  }

  /** Nobody joins lists under way any more. */
  startAnew(): void {
    this.#shared.keepApart();
  }

  async #read(namespace: string, most: number, signal: AbortSignal): Promise<Listing<T>> {
    const { client, gvr, resource, attempts } = this.#surroundings;
    const subject: FetchSubject = { resource, verb: 'list', namespace, name: '', keys: [] };
    const taken: Taken<T> = new Map();
    const epoch = this.#fetcher.epoch;
    let next: string | undefined;
    let version: string | undefined;
    let count = 0;
    do {
      const request = { namespace, limit: PAGE, continue: next };
      const page: ResourceList = await untilCurrent(
        (inner) => (client.list as NonNullable<typeof client.list>)(gvr, request, { signal: inner }),
        subject,
        attempts,
        signal,
      );
      version ??= page.resourceVersion;
      next = page.continue || undefined;
      count += page.items.length;
      this.#take(namespace, page, taken, epoch);
      await nextTurn();
    } while (next !== undefined && count < most && !signal.aborted);
    const complete = next === undefined ? version : undefined;
    return { answer: (reference) => answer(reference, taken, complete) };
  }

  #take(namespace: string, { items }: ResourceList, taken: Taken<T>, epoch: number): void {
    const { find, indexer, cache } = this.#surroundings;
    for (const item of items) {
      const { namespace: own, name = '' } = item.metadata ?? {};
      const reference = find(namespace, name);
      if ((own || namespace) !== namespace) continue;
      if (reference === undefined) {
        taken.set(name, undefined);
        continue;
      }
      const object = takeObject<T>(copyAsJson(item) as object, indexer);
      const isKept = epoch === this.#fetcher.epoch && isUpToDate(object, reference);
      taken.set(name, isKept ? cache.keepNewest(identityKey({ namespace, name }), object) : object);
    }
  }
}

function answer<T>(
  reference: Entry<T>,
  taken: Taken<T>,
  version: string | undefined,
): Resource<T> | 'gone' | 'unknown' {
  const object = taken.get(reference.name);
  if (object !== undefined) return isUpToDate(object, reference) ? object.resource : 'unknown';
  if (taken.has(reference.name) || version === undefined) return 'unknown';
  return provesAbsence(version, reference) ? 'gone' : 'unknown';
}
