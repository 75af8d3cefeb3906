/** Owns the contract of every store, whatever it keeps of a resource. */
import type {
  Change,
  ChangeCause,
  ChangeType,
  FirnError,
  Resource,
  ResourceEvent,
  ResourceRef,
} from '@firn/core';
import type { Observable } from 'rxjs';

/** A value, or a promise of it: stores that fetch on demand give promises. */
export type Awaitable<V> = V | Promise<V>;

/** What happened to a reference in an on-demand store; nothing is fetched unless `fetch()` is called. */
export interface RefChange<T> {
  readonly type: ChangeType;
  readonly ref: ResourceRef;
  readonly previousRef?: ResourceRef;
  readonly cause: ChangeCause | undefined;
  readonly modCount: number;
  /** Fetches the resource; `undefined` if it is gone. */
  fetch(): Promise<Resource<T> | undefined>;
}

/** A change of a full store or of an on-demand one. */
export type AnyChange<T> = Change<T> | RefChange<T>;

/** How far a store can be trusted to show the present. */
export interface Freshness {
  /** True while there is no contact with the server, or while what is shown comes from a log. */
  readonly stale: boolean;
  /** Since when, wall-clock milliseconds. */
  readonly since?: number;
}

/**
 * Resources filed under index keys, readable and observable.
 *
 * `changes$`, `events$` and `errors$` are hot and replay nothing. No stream ever errors; `close` completes all.
 * A write from inside a subscriber is applied at once and published after the changes under way. Who subscribes is
 * told what is applied from then on, and nothing that is still under way: what it reads at that moment and the
 * changes it is told add up to the present.
 */
export interface Store<T> extends Disposable {
  /**
   * The resources under all keys, or under the first ones, by namespace and name.
   *
   * @throws {StoreError} `INVALID_KEYS` for no keys, too many, one that is not a string or has a NUL.
   */
  get(...keys: string[]): Awaitable<readonly Resource<T>[]>;
  /** Everything, by namespace and name. */
  list(): Awaitable<readonly Resource<T>[]>;
  /** One resource by identity, whatever its keys. */
  find(namespace: string, name: string): Awaitable<Resource<T> | undefined>;
  /**
   * References under these keys, of everything without keys; never reads or fetches a resource.
   *
   * @throws {StoreError} `INVALID_KEYS`.
   */
  refs(...keys: string[]): readonly ResourceRef[];
  /**
   * Stores a copy of a resource; one with the same identity is replaced. Keys may be left out where an indexer
   * gives them.
   *
   * @throws {StoreError} `INVALID_KEYS`, `NO_KEYS`, `INVALID_OBJECT`, `NO_RESOURCE`, or the code of the `IndexError` that
   * is its cause; nothing is changed then.
   */
  add(object: T | Resource<T>, keys?: readonly string[]): void;
  /** The same as `add`: a resource that is not there is added. */
  update(object: T | Resource<T>, keys?: readonly string[]): void;
  /**
   * Removes everything stored under exactly these keys; nothing there: nothing happens.
   *
   * @throws {StoreError} `INVALID_KEYS` unless all keys are given.
   */
  delete(...keys: string[]): void;
  /** Removes exactly one resource; not there: nothing happens. */
  remove(identity: { readonly namespace: string; readonly name: string }): void;
  /** Removes everything. */
  clear(): void;
  /**
   * Applies one event, or several as one batch: all of them or, if one is refused, none.
   *
   * @throws {StoreError} as `add` does, and `UNKNOWN_EVENT`, `INVALID_EVENT`, `WRITTEN_MEANWHILE`.
   */
  apply(event: ResourceEvent<T> | readonly ResourceEvent<T>[]): void;
  /** How many resources there are. */
  readonly size: number;
  /** Counts the events that changed contents. */
  readonly modCount: number;
  /** How many index keys each resource has. */
  readonly numKeys: number;
  /** Every change of the store, in order. */
  readonly changes$: Observable<AnyChange<T>>;
  /** Every event that was applied, in order, whether or not it changed anything. */
  readonly events$: Observable<ResourceEvent<T>>;
  /** What was left out and why. */
  readonly errors$: Observable<FirnError>;
  /** Fresh until whoever feeds the store says otherwise. */
  readonly freshness: Freshness;
  /** Completes all streams. Later calls throw `StoreError` `CLOSED`; closing again does nothing. */
  close(): void;
}
