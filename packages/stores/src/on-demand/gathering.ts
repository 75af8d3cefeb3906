/** Owns a look-up of several references: what is cached, what has to be fetched and how, and what becomes of failures. */
import { type Resource, StoreError, type StoreOperation } from '@firn/core';
import type { Entry } from '@firn/core/engine';
import { catchError, concat, defer, EMPTY, from, map, mergeMap, type Observable, of, tap } from 'rxjs';
import { isGeneral } from './fetch-error.ts';
import { LIST_FROM, type NamespaceLists } from './namespace-lists.ts';
import type { ResourceFetcher } from './resource-fetcher.ts';

/** The look-up, for its errors. */
export interface Asked {
  readonly operation: StoreOperation;
  readonly keys: readonly string[];
}

/** What a look-up needs of its store. */
export interface GatheringContext<T> {
  readonly fetcher: ResourceFetcher<T>;
  readonly lists: NamespaceLists<T>;
  readonly find: (namespace: string, name: string) => Entry<T> | undefined;
  /** How many references a namespace has. */
  readonly countOf: (namespace: string) => number;
  /** How many requests of one look-up are under way at once. */
  readonly concurrency: number;
}

/** One look-up under way. */
export class Gathering<T> {
  readonly #context: GatheringContext<T>;
  readonly #entries: readonly Entry<T>[];
  readonly #asked: Asked;
  readonly #found = new Map<Entry<T>, Resource<T>>();
  readonly #errors: StoreError[] = [];
  /** Those that would fail for the same reason are not tried. */
  #isOver = false;
  #untried = 0;

  constructor(context: GatheringContext<T>, entries: readonly Entry<T>[], asked: Asked) {
    this.#context = context;
    this.#entries = entries;
    this.#asked = asked;
  }

  /** The resources in the order of their references, without those that are gone; or a `StoreError` with all causes. */
  results(): Observable<readonly Resource<T>[]> {
    const missing = this.#entries.filter((entry) => {
      const cached = this.#context.fetcher.cached(entry);
      if (cached !== undefined) this.#found.set(entry, cached);
      return cached === undefined;
    });
    if (missing.length === 0) return of(this.#all());
    return concat(
      from(this.#tasks(missing)).pipe(mergeMap((task) => task, this.#context.concurrency)),
      defer(() => of(this.#outcome())),
    ).pipe(mergeMap((results) => (results === undefined ? EMPTY : of(results))));
  }

  #tasks(missing: readonly Entry<T>[]): Observable<undefined>[] {
    const tasks: Observable<undefined>[] = [];
    for (const [namespace, entries] of byNamespace(missing)) {
      const { lists, countOf } = this.#context;
      // Counting takes as long as the namespace is large.
      const ofAll = entries.length < LIST_FROM ? Number.POSITIVE_INFINITY : countOf(namespace);
      if (lists.isWorthwhile(entries.length, ofAll)) tasks.push(this.#list(namespace, ofAll, entries));
      else for (const entry of entries) tasks.push(this.#fetch(entry));
    }
    return tasks;
  }

  #fetch(entry: Entry<T>): Observable<undefined> {
    return defer(() => {
      if (this.#isOver) {
        this.#untried++;
        return EMPTY;
      }
      return this.#context.fetcher.fetch(entry).pipe(
        tap((resource) => {
          if (resource !== undefined) this.#found.set(entry, resource);
        }),
        catchError((error: StoreError) => {
          this.#failed(error);
          return EMPTY;
        }),
        mergeMap(() => EMPTY),
      );
    });
  }

  /** One list; whatever it does not settle is fetched one by one. */
  #list(namespace: string, ofAll: number, entries: readonly Entry<T>[]): Observable<undefined> {
    const { lists, fetcher, find, concurrency } = this.#context;
    let isShared = false;
    const joined = (): void => {
      isShared = true;
    };
    const rest = lists.of(namespace, ofAll, joined).pipe(
      map((listing) => {
        const left = entries.filter((entry) => {
          // The watch may have said more since the look-up began.
          const reference = find(entry.namespace, entry.name);
          if (reference === undefined) return false;
          const answer = listing.answer(reference);
          if (typeof answer === 'object') this.#found.set(entry, answer);
          return answer === 'unknown';
        });
        fetcher[isShared ? 'shared' : 'misses'] += entries.length - left.length;
        return left;
      }),
      catchError((error: StoreError) => {
        lists.failed(error);
        if (!isGeneral(error)) return of(entries);
        this.#failed(error);
        this.#untried += entries.length - 1;
        return EMPTY;
      }),
    );
    return rest.pipe(
      mergeMap((left) => from(left).pipe(mergeMap((entry) => this.#fetch(entry), concurrency))),
    );
  }

  #failed(error: StoreError): void {
    this.#errors.push(error);
    this.#isOver ||= isGeneral(error);
  }

  #outcome(): readonly Resource<T>[] {
    const [first] = this.#errors;
    if (first === undefined) return this.#all();
    // Of a single one its own error says it all.
    throw this.#entries.length === 1 ? first : this.#failure(first);
  }

  #all(): readonly Resource<T>[] {
    const results: Resource<T>[] = [];
    for (const entry of this.#entries) {
      const resource = this.#found.get(entry);
      if (resource !== undefined) results.push(resource);
    }
    return Object.freeze(results);
  }

  #failure(first: StoreError): StoreError {
    const { operation, keys } = this.#asked;
    const untried = this.#untried === 0 ? '' : `, and ${this.#untried} were not tried`;
    const message = `${operation}: ${this.#errors.length} of ${this.#entries.length} resources could not be fetched${untried}. The first: ${first.message}`;
    return new StoreError(message, {
      code: first.code,
      operation,
      keys,
      retryable: this.#errors.every(({ retryable }) => retryable),
      cause: new AggregateError(this.#errors, `${this.#errors.length} fetches failed.`),
    });
  }
}

function byNamespace<T>(entries: readonly Entry<T>[]): Map<string, Entry<T>[]> {
  const groups = new Map<string, Entry<T>[]>();
  for (const entry of entries) {
    const group = groups.get(entry.namespace);
    if (group === undefined) groups.set(entry.namespace, [entry]);
    else group.push(entry);
  }
  return groups;
}
