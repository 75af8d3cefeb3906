/** Owns live queries: who watches which keys, and whose result a batch changed. */
import type { Change, Resource, Snapshot } from '@firn/core';
import { type Entry, entriesUnder, entryOf, previousEntryOf, resourcesOf, stateOf } from '@firn/core/engine';
import type { Subscriber } from 'rxjs';
import { completeOne, deliver } from './hot-stream.ts';

/** One subscription of a live query. */
export interface LiveQuery<T> {
  readonly keys: readonly string[];
  readonly subscriber: Subscriber<readonly Resource<T>[]>;
  /** What the subscriber was told last. */
  shown: readonly Entry<T>[];
}

/** The queries for the keys that lead here, and the way to those for longer ones. */
interface Level<T> {
  readonly queries: Set<LiveQuery<T>>;
  readonly below: Map<string, Level<T>>;
}

/** Keeps the live queries of one store. An event finds its own by its keys, without looking at the others. */
export class LiveQueries<T> {
  readonly #root: Level<T> = { queries: new Set(), below: new Map() };
  #closed = false;

  get observed(): boolean {
    return !isEmpty(this.#root);
  }

  /** Keeps a query for as long as its subscriber stays; gives its result now. */
  begin(
    keys: readonly string[],
    subscriber: Subscriber<readonly Resource<T>[]>,
    now: Snapshot<T>,
  ): readonly Resource<T>[] {
    const query: LiveQuery<T> = { keys, subscriber, shown: run(now, keys) };
    if (this.#closed) subscriber.complete();
    else {
      this.#add(query);
      subscriber.add(() => remove(this.#root, query, 0));
    }
    return resourcesOf(query.shown);
  }

  /** All queries: a whole list was replaced. */
  all(): readonly LiveQuery<T>[] {
    return [...queriesFrom(this.#root)];
  }

  /** The queries that these changes may concern. */
  touchedBy(changes: Iterable<Change<T>>): readonly LiveQuery<T>[] {
    const touched = new Set<LiveQuery<T>>();
    for (const change of changes) {
      this.#collect(entryOf(change).keys, touched);
      const previous = previousEntryOf(change);
      if (previous !== undefined) this.#collect(previous.keys, touched);
    }
    return [...touched];
  }

  complete(): void {
    this.#closed = true;
    for (const { subscriber } of this.all()) completeOne(subscriber);
  }

  #add(query: LiveQuery<T>): void {
    let level = this.#root;
    for (const key of query.keys) {
      let next = level.below.get(key);
      if (next === undefined) {
        next = { queries: new Set(), below: new Map() };
        level.below.set(key, next);
      }
      level = next;
    }
    level.queries.add(query);
  }

  #collect(keys: readonly string[], into: Set<LiveQuery<T>>): void {
    let level: Level<T> | undefined = this.#root;
    for (let i = 0; level !== undefined; i++) {
      for (const query of level.queries) into.add(query);
      const key = keys[i];
      level = key === undefined ? undefined : level.below.get(key);
    }
  }
}

function isEmpty<T>({ queries, below }: Level<T>): boolean {
  return queries.size === 0 && below.size === 0;
}

/** Removes a query and the levels that it leaves empty. */
function remove<T>(level: Level<T>, query: LiveQuery<T>, depth: number): void {
  const key = query.keys[depth];
  if (key === undefined) {
    level.queries.delete(query);
    return;
  }
  const next = level.below.get(key);
  if (next === undefined) return;
  remove(next, query, depth + 1);
  if (isEmpty(next)) level.below.delete(key);
}

function* queriesFrom<T>(level: Level<T>): Generator<LiveQuery<T>, undefined> {
  yield* level.queries;
  for (const next of level.below.values()) yield* queriesFrom(next);
}

/** Tells the queries whose result is another in this snapshot. */
export function publishQueries<T>(queries: readonly LiveQuery<T>[], snapshot: Snapshot<T>): void {
  for (const query of queries) {
    if (query.subscriber.closed) continue;
    const found = run(snapshot, query.keys);
    if (isSame(found, query.shown)) continue;
    query.shown = found;
    deliver([query.subscriber], resourcesOf(found));
  }
}

function run<T>(snapshot: Snapshot<T>, keys: readonly string[]): readonly Entry<T>[] {
  const state = stateOf(snapshot);
  return keys.length === 0 ? state.identity.toArray() : entriesUnder(state, keys);
}

function isSame<T>(a: readonly Entry<T>[], b: readonly Entry<T>[]): boolean {
  return a.length === b.length && a.every((entry, i) => entry === b[i]);
}
