/** Owns the one way a pipeline writes into a store; readers never see it. */
import type { ResourceEvent } from '@firn/core';
import type { StagedList } from '@firn/core/engine';
import type { Freshness, Store } from './store.ts';

/** The writing end of a store, held by whoever feeds it. Objects handed over are firn's own and are not copied. */
export interface StoreWriter<T> {
  readonly store: Store<T>;
  /**
   * Applies events as one batch.
   *
   * @throws {StoreError} `CLOSED` once the store is closed.
   */
  apply(events: readonly ResourceEvent<T>[]): void;
  /** Begins a list that will replace everything. */
  beginList(): StagedList<T>;
  /**
   * Swaps a complete list in.
   *
   * @throws {StoreError} `CLOSED` once the store is closed.
   */
  commitList(list: StagedList<T>, resourceVersion: string): void;
  setFreshness(freshness: Freshness): void;
  /** Where the last list, watch event or bookmark left the store. */
  readonly resourceVersion: string | undefined;
  /** Whether batches are still on their way to subscribers. */
  readonly publishing: boolean;
  /** Resolves when they have arrived. */
  whenPublished(): Promise<void>;
}
