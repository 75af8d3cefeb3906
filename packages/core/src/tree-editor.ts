/** Owns the editing of a state's trees: puts and removes entries in all of them alike. */
import type { Entry } from './entry.ts';
import {
  createKeyTree,
  findEntry,
  type IdentityTree,
  isSameTuple,
  type KeyTree,
  type Slot,
  type SlotTree,
} from './entry-tree.ts';
import { emptyState, type SnapshotShape, type SnapshotState } from './snapshot-state.ts';

/**
 * Edits clones of a state's trees; the state itself is never touched. One that nobody can have seen may be edited
 * itself instead, which copies nothing: `adopts`.
 */
export class TreeEditor<T> {
  readonly shape: SnapshotShape;
  #identity: IdentityTree<T>;
  #keyed: KeyTree<T> | undefined;
  #indexes: readonly SlotTree<T>[];

  readonly #adopts: boolean;

  constructor(state: SnapshotState<T>, adopts = false) {
    this.shape = state.shape;
    this.#adopts = adopts;
    this.#identity = adopts ? state.identity : state.identity.clone();
    this.#keyed = adopts ? state.keyed : state.keyed?.clone();
    this.#indexes = adopts ? state.indexes : state.indexes.map((tree) => tree.clone());
  }

  get size(): number {
    return this.#identity.size;
  }

  find(namespace: string, name: string): Entry<T> | undefined {
    return findEntry(this.#identity, namespace, name);
  }

  /** Puts an entry in the place of the one that is there, which may have been filed under other keys; gives that. */
  put(entry: Entry<T>): Entry<T> | undefined {
    const previous = this.#identity.put(entry);
    if (previous !== undefined) this.#unfileMoved(previous, entry);
    this.#fileByKeys(entry);
    return previous;
  }

  /** Puts an entry where none of its identity is; tells whether it did. */
  add(entry: Entry<T>): boolean {
    if (!this.#identity.add(entry)) return false;
    this.#fileByKeys(entry);
    return true;
  }

  #fileByKeys(entry: Entry<T>): void {
    if (this.#keyed === undefined && !entry.isFiledByIdentity) this.#keyed = keyTreeOf(this.#identity);
    this.#keyed?.put(entry);
    for (const [i, tree] of this.#indexes.entries()) {
      for (const keys of entry.secondary?.[i] ?? []) tree.put(slot(entry, keys));
    }
  }

  remove(entry: Entry<T>): void {
    this.#identity.remove(entry);
    this.#keyed?.remove(entry);
    for (const [i, tree] of this.#indexes.entries()) {
      for (const keys of entry.secondary?.[i] ?? []) tree.remove(slot(entry, keys));
    }
  }

  /** Removes an entry from where its successor will not overwrite it: most updates change no key. */
  #unfileMoved(entry: Entry<T>, successor: Entry<T>): void {
    if (this.#keyed !== undefined && !isSameTuple(entry.keys, successor.keys)) this.#keyed.remove(entry);
    for (const [i, tree] of this.#indexes.entries()) {
      const kept = successor.secondary?.[i] ?? [];
      for (const [at, keys] of (entry.secondary?.[i] ?? []).entries()) {
        const other = kept[at];
        if (other === undefined || !isSameTuple(keys, other)) tree.remove(slot(entry, keys));
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

  /** The edited state. The editor may go on, unless it adopted: later edits do not show in it. */
  state(modCount: number, resourceVersion: string | undefined): SnapshotState<T> {
    if (this.#adopts) {
      const [identity, keyed, indexes] = [this.#identity, this.#keyed, this.#indexes];
      return { shape: this.shape, modCount, resourceVersion, identity, keyed, indexes };
    }
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
function keyTreeOf<T>(identity: IdentityTree<T>): KeyTree<T> {
  const tree = createKeyTree<T>();
  for (const entry of identity) tree.put(entry);
  return tree;
}

function slot<T>(entry: Entry<T>, keys: readonly string[]): Slot<T> {
  return { namespace: entry.namespace, name: entry.name, keys, bound: 0, entry };
}
