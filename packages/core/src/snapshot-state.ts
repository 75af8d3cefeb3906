/** Owns the inside of a snapshot: its trees and counters, shared with the snapshots before and after it. */
import {
  createIdentityTree,
  createSlotTree,
  type IdentityTree,
  type KeyTree,
  type SlotTree,
} from './entry-tree.ts';
import { ConfigError } from './errors.ts';
import type { Indexer } from './indexer.ts';
import { shownValue } from './shown-value.ts';

/** What stays the same from one snapshot of a store to the next. */
export interface SnapshotShape {
  readonly numKeys: number;
  readonly indexer: Indexer | undefined;
  /** Names of the secondary indexes, in the order of `Entry.secondary`. */
  readonly indexNames: readonly string[];
  /** False where only references are kept; those are in no secondary index. */
  readonly keepsResources: boolean;
}

/** The contents of one snapshot. Trees of a published state are never edited, only their clones. */
export interface SnapshotState<T> {
  readonly shape: SnapshotShape;
  readonly modCount: number;
  readonly resourceVersion: string | undefined;
  /** All entries by namespace and name. */
  readonly identity: IdentityTree<T>;
  /** All entries by keys; absent as long as every entry is filed under its namespace and name. */
  readonly keyed: KeyTree<T> | undefined;
  /** One tree for each secondary index. */
  readonly indexes: readonly SlotTree<T>[];
}

/** How many keys there are, or the indexer that gives them, or both. */
export interface SnapshotOptions {
  readonly numKeys?: number;
  readonly indexer?: Indexer;
}

/** @throws {ConfigError} `INVALID_NUM_KEYS` when there is no usable number of keys or the two disagree. */
export function createShape(options: SnapshotOptions, keepsResources = true): SnapshotShape {
  const { indexer, numKeys = indexer?.numKeys } = options ?? {};
  if (numKeys === undefined || !Number.isInteger(numKeys) || numKeys < 1) {
    throw new ConfigError(
      `numKeys is ${shownValue(numKeys)}: give a whole number of 1 or more, or an indexer that says how many keys there are.`,
      { code: 'INVALID_NUM_KEYS' },
    );
  }
  if (indexer !== undefined && indexer.numKeys !== numKeys) {
    throw new ConfigError(
      `numKeys is ${numKeys}, but the indexer gives ${indexer.numKeys} key(s) (${indexer.expressions.join(', ')}). Leave numKeys out, or make them agree.`,
      { code: 'INVALID_NUM_KEYS' },
    );
  }
  const indexNames = indexer === undefined || !keepsResources ? [] : [...indexer.indexes.keys()];
  return { numKeys, indexer, indexNames, keepsResources };
}

/** The state of a store that nothing has happened to. */
export function emptyState<T>(
  shape: SnapshotShape,
  modCount = 0,
  resourceVersion?: string,
): SnapshotState<T> {
  return {
    shape,
    modCount,
    resourceVersion,
    identity: createIdentityTree<T>(),
    keyed: undefined,
    indexes: shape.indexNames.map(() => createSlotTree<T>()),
  };
}
