/** Owns the one way a pipeline writes into a store; readers never see it. */
import type { ResourceEvent, Snapshot } from '@firn/core';
import type { StagedList } from '@firn/core/engine';
import type { Journal, JournaledObject } from './journal.ts';
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
  /** Adds items to it; of two with one identity the later one counts. */
  appendToList(list: StagedList<T>, objects: readonly JournaledObject<T>[]): void;
  /** Takes an item out again. */
  removeFromList(list: StagedList<T>, identity: { readonly namespace: string; readonly name: string }): void;
  /** Nothing of it becomes visible. */
  discardList(list: StagedList<T>): void;
  /**
   * Swaps a complete list in.
   *
   * @throws {StoreError} `CLOSED` once the store is closed.
   */
  commitList(list: StagedList<T>, resourceVersion: string): void;
  /** Takes over a state that was known before; false, and nothing, where something happened to the store already. */
  restore(snapshot: Snapshot<T>): boolean;
  /** From now on the journal hears of everything that is applied, by whomever; undefined ends that. */
  record(journal: Journal<T> | undefined): void;
  /** The current state, of resources or of references. */
  readonly snapshot: Snapshot<T>;
  setFreshness(freshness: Freshness): void;
  /** Where the last list, watch event or bookmark left the store. */
  readonly resourceVersion: string | undefined;
  /** Whether batches are still on their way to subscribers. */
  readonly publishing: boolean;
  /** Resolves when they have arrived. */
  whenPublished(): Promise<void>;
}
