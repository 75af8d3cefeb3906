/** Owns look-ups in a state: by keys, by identity, by secondary index; never materialises anything. */
import { checkKeys } from './check-keys.ts';
import type { Entry } from './entry.ts';
import { entriesOfNamespace, findEntry, inIdentityOrder, underKeys } from './entry-tree.ts';
import { ConfigError } from './errors.ts';
import { shownValue } from './shown-value.ts';
import type { SnapshotState } from './snapshot-state.ts';

/**
 * The entries filed under these keys or under keys that start with them, by namespace and name.
 *
 * @throws {StoreError} `INVALID_KEYS`.
 */
export function entriesUnder<T>(state: SnapshotState<T>, keys: readonly string[]): Entry<T>[] {
  checkKeys(keys, state.shape.numKeys, 'get', 'prefix');
  if (state.keyed !== undefined) return inIdentityOrder(underKeys(state.keyed, keys));
  const [namespace = '', name] = keys;
  if (name === undefined) return entriesOfNamespace(state.identity, namespace);
  const entry = findEntry(state.identity, namespace, name);
  return entry === undefined ? [] : [entry];
}

/** A secondary index, ready to be asked. */
export interface EntryIndex<T> {
  /** Entries by namespace and name, each once. */
  entries(keys: readonly string[]): Entry<T>[];
}

/** @throws {ConfigError} `UNKNOWN_INDEX` with the names there are. */
export function findIndex<T>(state: SnapshotState<T>, name: string): EntryIndex<T> {
  const { indexNames, indexer } = state.shape;
  const tree = state.indexes[indexNames.indexOf(name)];
  if (tree === undefined) {
    const names =
      indexNames.length === 0
        ? 'There are none: declare it in `indexes`.'
        : `There are: ${indexNames.join(', ')}.`;
    throw new ConfigError(`There is no index ${shownValue(name)}. ${names}`, { code: 'UNKNOWN_INDEX' });
  }
  const numKeys = indexer?.indexExpressions.get(name)?.length ?? 1;
  return {
    entries(keys) {
      checkKeys(keys, numKeys, 'get', 'prefix');
      return inIdentityOrder(underKeys(tree, keys).map(({ entry }) => entry));
    },
  };
}
