/** Owns the contract of a runtime: several watched resources that belong together. */
import type { Change, Duration, FirnError, KubernetesObject, Snapshot } from '@firn/core';
import type { AnyChange, CachedStore, Clock, MemoryStore } from '@firn/stores';
import type { Observable } from 'rxjs';
import type { Logger } from '../logger.ts';
import type { EventLog } from '../recording/event-log.ts';
import type { WatchedPlace } from '../watcher/watch-origin.ts';
import type { WatchState } from '../watcher/watch-state.ts';
import type { StoreKind, WatchedResourceOptions } from '../watcher/watched-resource-options.ts';
import type { StartOptions, Watcher, WatcherOptions } from '../watcher/watcher.ts';

declare const resourceType: unique symbol;

/** One watched resource of a runtime; remembers its type and its kind of store for `runtime.stores`. */
export interface Watched<T, K extends StoreKind = 'full'> extends WatcherOptions<StoreOf<T, K>> {
  readonly store?: K;
  readonly [resourceType]?: T;
}

/** Watched resources by name: made with `watched`, or read from a file. */
export type WatchedMap = Readonly<
  Record<string, Watched<never> | Watched<never, 'on-demand'> | WatchedResourceOptions>
>;

/** The store of each kind. */
export type StoreOf<T, K extends StoreKind> = K extends 'on-demand' ? CachedStore<T> : MemoryStore<T>;

/** The resource type behind one name of a runtime. */
export type TypeOf<W> = W extends { readonly [resourceType]?: infer T } ? NonNullable<T> : KubernetesObject;

/** The kind of store behind one name of a runtime; either where that stands in a file. */
export type KindOf<W> = 'store' extends keyof W
  ? Extract<W['store'], StoreKind> extends infer K extends StoreKind
    ? K
    : 'full'
  : 'full';

/** Options of `createRuntime`. */
export interface RuntimeOptions<R extends WatchedMap> {
  /** The API server, or what stands in its place: the `source` of a replay. */
  readonly kubeConfig: WatchedPlace;
  /** Watched resources by name, or what `loadWatchedResources` gave. */
  readonly resources: R | { readonly resources: R };
  /** Records all resources under their names; what `openEventLog` gives. */
  readonly eventLog?: EventLog;
  /** As for `createWatcher`, for all resources; one that says so itself decides for itself. */
  readonly warmStart?: boolean;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Random numbers in [0, 1); `Math.random` when left out. */
  readonly random?: () => number;
}

/** Options of `ready`. */
export interface ReadyOptions<R> {
  /** For ever when left out. */
  readonly timeout?: Duration;
  /** Which resources have to be synced; all when left out. */
  readonly require?: readonly (keyof R & string)[];
}

/** A change and the name of the resource it happened to. */
export interface NamedChange<R extends WatchedMap> {
  readonly resource: keyof R & string;
  readonly change: {
    [K in keyof R]: KindOf<R[K]> extends 'full' ? Change<TypeOf<R[K]>> : AnyChange<TypeOf<R[K]>>;
  }[keyof R];
}

/** Several watched resources with one life; one that fails never holds the others up. */
export interface Runtime<R extends WatchedMap> extends AsyncDisposable {
  readonly stores: { readonly [K in keyof R]: StoreOf<TypeOf<R[K]>, KindOf<R[K]>> };
  readonly watchers: {
    readonly [K in keyof R]: Watcher<TypeOf<R[K]>, StoreOf<TypeOf<R[K]>, KindOf<R[K]>>>;
  };
  /** The state of each resource as it is now. */
  readonly states: { readonly [K in keyof R]: WatchState };
  /** The snapshots of all full stores at one instant. */
  snapshot(): {
    readonly [K in keyof R as 'full' extends KindOf<R[K]> ? K : never]: Snapshot<TypeOf<R[K]>>;
  };
  /** The changes of all stores; those of on-demand stores are about references, and fetch nothing by themselves. */
  readonly changes$: Observable<NamedChange<R>>;
  /** What went wrong anywhere and was survived. */
  readonly errors$: Observable<FirnError>;
  /** Starts all watchers. Twice: nothing happens. May be called again after `stop`. */
  start(options?: StartOptions): void;
  /** Stops all watchers as `Watcher.stop` does, and lets go of the connection. */
  stop(): Promise<void>;
  /**
   * Resolves when the required resources are synced; before a start, it waits until somebody calls `start`. After a
   * stop it speaks of the next start, as `Watcher.synced` does.
   *
   * @throws {FirnError} `NOT_READY` after the timeout, naming what is missing and why; an `AbortError` when stopped.
   * @throws {ConfigError} `UNKNOWN_NAME`, `INVALID_DURATION`.
   */
  ready(options?: ReadyOptions<R>): Promise<void>;
}
