/** Owns the debounced `onChange`: gathers what happened and tells it at intervals; nothing gathered is ever lost. */
import type { AnyChange, Clock, Store } from '@firn/stores';

/** What happened since the last call of `onChange`. */
export interface ChangeStats {
  readonly created: number;
  readonly modified: number;
  readonly deleted: number;
  /** Whether changes of the first list are among them. */
  readonly isInitialSync: boolean;
}

/** When to call whom. */
export interface GathererOptions<S> {
  readonly store: S;
  /** Milliseconds from the first change to the call. */
  readonly interval: number;
  /** Whether to call before the first sync is complete. */
  readonly callDuringSync: boolean;
  readonly onChange: (store: S, stats: ChangeStats) => unknown;
  readonly clock: Clock;
  /** Runs the callback and reports what it throws. */
  readonly run: (call: () => unknown) => void;
}

const NOTHING: ChangeStats = Object.freeze({ created: 0, modified: 0, deleted: 0, isInitialSync: false });
const COUNTED = { added: 'created', modified: 'modified', deleted: 'deleted' } as const;

/** Counts the changes of a store from the first on and calls `onChange` once for all of an interval. */
export class ChangeGatherer<T, S extends Store<T>> {
  readonly #options: GathererOptions<S>;
  #stats: ChangeStats = NOTHING;
  #timer: unknown;
  #suppressed: boolean;

  constructor(options: GathererOptions<S>) {
    this.#options = options;
    this.#suppressed = !options.callDuringSync;
  }

  /** Begins to listen; gives the end of it. */
  listen(): () => void {
    const subscription = this.#options.store.changes$.subscribe((change: AnyChange<T>) =>
      this.#count(change),
    );
    return () => subscription.unsubscribe();
  }

  /** The first list is complete: what was suppressed goes out. */
  synced(): void {
    this.#suppressed = false;
    this.#arm();
  }

  /** Calls now for all that is gathered. */
  flush(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const stats = this.#stats;
    if (stats === NOTHING) return;
    this.#stats = NOTHING;
    this.#options.run(() => this.#options.onChange(this.#options.store, Object.freeze({ ...stats })));
  }

  /** A new start: its first list is an initial sync again. */
  restarted(): void {
    this.#suppressed = !this.#options.callDuringSync;
  }

  #count(change: AnyChange<T>): void {
    const counted = COUNTED[change.type];
    const stats = this.#stats;
    this.#stats = {
      ...stats,
      [counted]: stats[counted] + 1,
      isInitialSync: stats.isInitialSync || change.cause === 'initial',
    };
    this.#arm();
  }

  #arm(): void {
    if (this.#suppressed || this.#timer !== undefined || this.#stats === NOTHING) return;
    this.#timer = this.#options.clock.setTimeout(() => this.flush(), this.#options.interval);
  }
}
