/** Owns the contract of a watcher: one watched resource, its store, its life. */
import type { Duration, FirnError } from '@firn/core';
import type { Clock, Store } from '@firn/stores';
import type { Observable } from 'rxjs';
import type { Logger } from '../logger.ts';
import type { EventLog } from '../recording/event-log.ts';
import type { ChangeStats } from './change-gatherer.ts';
import type { ReachedOptions } from './version-waiters.ts';
import type { WatchState } from './watch-state.ts';
import type { WatchedResourceOptions } from './watched-resource-options.ts';

/** Options of `start`. */
export interface StartOptions {
  /** Aborting stops the watcher; if it is aborted already, nothing starts. */
  readonly signal?: AbortSignal;
}

/** Everything `createWatcher` can be told; what is plain data can also stand in a file. */
export interface WatcherOptions<S> extends WatchedResourceOptions {
  /**
   * Called once for all changes of `debounceInterval`, with their number by type. What it throws, or rejects with,
   * goes to `errors$`.
   */
  readonly onChange?: (store: S, stats: ChangeStats) => unknown;
  /** Called when the first list of a start is visible, with the number of resources. */
  readonly onSyncComplete?: (store: S, initialCount: number) => unknown;
  /** Records everything that the store is made of; what `openEventLog` gives. In a runtime, one for all. */
  readonly eventLog?: EventLog;
  /**
   * Begin with the state that the last run left in `eventLog`: readable at once, and stale (`state`, `store.freshness`)
   * until the watch has gone on from there. Only what is different is told. Where there is nothing that can be used,
   * the watch begins with a list; false when left out.
   */
  readonly warmStart?: boolean;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Random numbers in [0, 1), for backoff and watch timeouts; `Math.random` when left out. */
  readonly random?: () => number;
}

/**
 * Keeps a store in step with the API server from `start` to `stop`.
 *
 * Streams never error; `stop` completes none, disposal completes all.
 */
export interface Watcher<T, S extends Store<T>> extends AsyncDisposable {
  /** Begins to list and watch. Twice: nothing happens. May be called again after `stop`. */
  start(options?: StartOptions): void;
  /**
   * Ends everything, and calls `onChange` for what is pending. A list whose changes are still being told is told to its
   * end first; once the promise has resolved, nothing is emitted or requested any more.
   */
  stop(): Promise<void>;
  readonly store: S;
  /** Whether the first complete list of this start is visible; false again once stopped. */
  readonly isSynced: boolean;
  /**
   * The number of resources of this start's first list, once it is visible; before `start`, it waits until somebody
   * calls it.
   *
   * Rejects with an `AbortError` if the watcher is stopped before, and stays so until the next start; never an
   * unhandled rejection. After a stop that came later it belongs to the next start, and waits for that.
   */
  readonly synced: Promise<number>;
  /**
   * Resolves when the store shows what was written at this resource version, for instance by oneself.
   *
   * Before a start, the first one or a later one, it waits until `start` is called: give a `timeout` where that is in
   * doubt. Versions of digits are compared as numbers; for any other text it waits until the store is at exactly that
   * version, which never comes if the store has passed it.
   *
   * @throws {FirnError} `TIMEOUT` after `timeout`; an `AbortError` when stopped; the signal's reason when aborted.
   * @throws {ConfigError} `INVALID_RESOURCE_VERSION` for a version that is empty or not text;
   * `INVALID_DURATION`.
   */
  reached(resourceVersion: string, options?: ReachedOptions): Promise<void>;
  /** Lists anew, as if the server had asked for it. */
  forceSync(): void;
  readonly state$: Observable<WatchState>;
  /** The state as it is now. */
  readonly state: WatchState;
  /** What went wrong and was survived: protocol, network, index keys, callbacks. */
  readonly errors$: Observable<FirnError>;
}

/** How long `onChange` gathers changes unless told otherwise. */
export const DEFAULT_DEBOUNCE_INTERVAL: Duration = '500ms';
