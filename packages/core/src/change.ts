/** Owns what subscribers are told about one resource. */
import type { Entry } from './entry.ts';
import { inspectAsJson } from './inspection.ts';
import type { Resource } from './resource.ts';
import type { ResourceRef } from './resource-ref.ts';

/** What happened to the resource. */
export type ChangeType = 'added' | 'modified' | 'deleted';

/** What brought a change about: the first list, a watch event, a later list, or a call of the store. */
export type ChangeCause = 'initial' | 'watch' | 'relist' | 'call';

// Assigned by the class below: the only way to its private fields.
let readEntry: <T>(change: Change<T>) => Entry<T>;
let readPrevious: <T>(change: Change<T>) => Entry<T> | undefined;

/**
 * What an event did to one resource of a store.
 *
 * `object` and `previous` are materialised when they are read; `ref` never materialises anything. Frozen shallowly,
 * and shows only its reference to `JSON.stringify` and `inspect`.
 *
 * @example
 * ```ts
 * store.changes$.subscribe((change) => {
 *   if (change.type === 'modified') compare(change.previous, change.object);
 * });
 * ```
 */
export class Change<T> {
  readonly type: ChangeType;
  /** `undefined` only in what `diff` gives. */
  readonly cause: ChangeCause | undefined;
  /** The store's `modCount` after the event; all changes of one event carry the same. */
  readonly modCount: number;
  /** Of the new state; of the deletion for `deleted`. */
  declare readonly resourceVersion?: string;
  #entry: Entry<T>;
  #previous: Entry<T> | undefined;

  constructor(
    type: ChangeType,
    entry: Entry<T>,
    previous: Entry<T> | undefined,
    cause: ChangeCause | undefined,
    modCount: number,
    resourceVersion: string | undefined,
  ) {
    this.type = type;
    this.cause = cause;
    this.modCount = modCount;
    (this as { resourceVersion?: string | undefined }).resourceVersion = resourceVersion;
    this.#entry = entry;
    this.#previous = previous;
    Object.freeze(this);
  }

  static {
    inspectAsJson(Change.prototype);
    readEntry = (change) => change.#entry;
    readPrevious = (change) => change.#previous;
  }

  get ref(): ResourceRef {
    return this.#entry.ref;
  }

  /** The new state; for `deleted` the last stored one. */
  get object(): Resource<T> {
    return this.#entry.resource;
  }

  /** The state before; absent for `added`. */
  get previous(): Resource<T> | undefined {
    return this.#previous?.resource;
  }

  /** What `JSON.stringify` and `inspect` show: the reference, never the resource. */
  toJSON(): object {
    const { type, ref, cause, modCount, resourceVersion } = this;
    return { type, ref, cause, modCount, resourceVersion };
  }
}

/** The entry a change is about, not materialised. */
export function entryOf<T>(change: Change<T>): Entry<T> {
  return readEntry(change);
}

/** The entry before a change, not materialised. */
export function previousEntryOf<T>(change: Change<T>): Entry<T> | undefined {
  return readPrevious(change);
}

/** A resource that was not there. */
export function added<T>(entry: Entry<T>, cause: ChangeCause | undefined, modCount: number): Change<T> {
  return new Change('added', entry, undefined, cause, modCount, entry.resourceVersion);
}

/** A resource that took the place of its older version. */
export function modified<T>(
  entry: Entry<T>,
  previous: Entry<T>,
  cause: ChangeCause | undefined,
  modCount: number,
): Change<T> {
  return new Change('modified', entry, previous, cause, modCount, entry.resourceVersion);
}

/** A resource that is gone, with its last stored state. */
export function deleted<T>(
  entry: Entry<T>,
  cause: ChangeCause | undefined,
  modCount: number,
  resourceVersion: string | undefined,
): Change<T> {
  return new Change('deleted', entry, entry, cause, modCount, resourceVersion);
}
