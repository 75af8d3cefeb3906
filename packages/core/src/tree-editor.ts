/** Owns the editing of a state's trees: puts and removes entries in all of them alike. */
import type { Entry } from './entry.ts';
import { createKeyTree, type EntryTree, findEntry, isSameTuple, type Place } from './entry-tree.ts';
import { emptyState, type SnapshotShape, type SnapshotState } from './snapshot-state.ts';

/** Edits clones of a state's trees; the state itself is never touched. */
export class TreeEditor<T> {
  readonly shape: SnapshotShape;
  #identity: EntryTree<T>;
  #keyed: EntryTree<T> | undefined;
  #indexes: readonly EntryTree<T>[];

  constructor(state: SnapshotState<T>) {
    this.shape = state.shape;
    this.#identity = state.identity.clone();
    this.#keyed = state.keyed?.clone();
    this.#indexes = state.indexes.map((tree) => tree.clone());
  }

  get size(): number {
    return this.#identity.size;
  }

  find(namespace: string, name: string): Entry<T> | undefined {
    return findEntry(this.#identity, namespace, name);
  }

  /** Puts an entry in the place of the one that is there, which may have been filed under other keys. */
  put(entry: Entry<T>, previous: Entry<T> | undefined): void {
    if (previous !== undefined) this.#unfileMoved(previous, entry);
    this.#identity.set(entry, entry);
    this.#fileByKeys(entry);
  }

  /** Puts an entry where none of its identity is; tells whether it did. */
  add(entry: Entry<T>): boolean {
    if (!this.#identity.set(entry, entry, false)) return false;
    this.#fileByKeys(entry);
    return true;
  }

  #fileByKeys(entry: Entry<T>): void {
    if (this.#keyed === undefined && !entry.isFiledByIdentity) this.#keyed = keyTreeOf(this.#identity);
    this.#keyed?.set(entry, entry);
    for (const [i, tree] of this.#indexes.entries()) {
      for (const keys of entry.secondary?.[i] ?? []) tree.set(slot(entry, keys), entry);
    }
  }

  remove(entry: Entry<T>): void {
    this.#identity.delete(entry);
    this.#keyed?.delete(entry);
    for (const [i, tree] of this.#indexes.entries()) {
      for (const keys of entry.secondary?.[i] ?? []) tree.delete(slot(entry, keys));
    }
  }

  /** Removes an entry from where its successor will not overwrite it: most updates change no key. */
  #unfileMoved(entry: Entry<T>, successor: Entry<T>): void {
    if (this.#keyed !== undefined && !isSameTuple(entry.keys, successor.keys)) this.#keyed.delete(entry);
    for (const [i, tree] of this.#indexes.entries()) {
      const kept = successor.secondary?.[i] ?? [];
      for (const [at, keys] of (entry.secondary?.[i] ?? []).entries()) {
        const other = kept[at];
        if (other === undefined || !isSameTuple(keys, other)) tree.delete(slot(entry, keys));
      }
    }
  }

  /** Removes everything. */
  reset(): void {
    const empty = emptyState<T>(this.shape);
    this.#identity = empty.identity;
    this.#keyed = empty.keyed;
    this.#indexes = empty.indexes;
  }

  /** The edited state. The editor may go on: later edits do not show in it. */
  state(modCount: number, resourceVersion: string | undefined): SnapshotState<T> {
    return {
      shape: this.shape,
      modCount,
      resourceVersion,
      identity: this.#identity.clone(),
      keyed: this.#keyed?.clone(),
      indexes: this.#indexes.map((tree) => tree.clone()),
    };
  }
}

/** Costs one pass over everything, once, when the first entry comes that is not filed by its identity. */
function keyTreeOf<T>(identity: EntryTree<T>): EntryTree<T> {
  const tree = createKeyTree<T>();
  identity.forEach((entry) => {
    tree.set(entry, entry);
  });
  return tree;
}

function slot<T>(entry: Entry<T>, keys: readonly string[]): Place {
  return { keys, namespace: entry.namespace, name: entry.name, bound: 0 };
}
