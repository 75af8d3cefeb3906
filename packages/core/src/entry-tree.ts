/** Owns the order of entries and the persistent B+ trees that keep them in it. */
import { BTree } from './b-tree.ts';
import type { Entry } from './entry.ts';

/** A place in a tree: an entry, a slot of a secondary index, or a probe that lies beside all it names. */
export interface Place {
  readonly keys: readonly string[];
  readonly namespace: string;
  readonly name: string;
  /** -1 before everything it is a prefix of, 1 after it, 0 for a real place. */
  readonly bound: -1 | 0 | 1;
}

/** A persistent ordered tree: cloning is free, and editing a clone copies only the path to what changes. */
export type EntryTree<T> = BTree<Place, Entry<T>>;

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Namespace, then name, by UTF-16 code units. */
export function compareIdentity(a: Place, b: Place): number {
  const namespace = a.namespace;
  const other = b.namespace;
  if (namespace !== other) return namespace < other ? -1 : 1;
  const bound = a.bound - b.bound;
  return bound !== 0 ? bound : compareText(a.name, b.name);
}

/** Keys one by one, then namespace, then name. */
function compareKeys(a: Place, b: Place): number {
  const length = Math.min(a.keys.length, b.keys.length);
  for (let i = 0; i < length; i++) {
    const left = a.keys[i] as string;
    const right = b.keys[i] as string;
    if (left !== right) return left < right ? -1 : 1;
  }
  const bound = a.bound - b.bound;
  return bound !== 0 ? bound : compareIdentity(a, b);
}

/** Whether two places have the same keys. */
export function isSameTuple(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((key, i) => key === b[i]));
}

/** An empty tree in the order of namespace and name. */
export function createIdentityTree<T>(): EntryTree<T> {
  return new BTree<Place, Entry<T>>(undefined, compareIdentity);
}

/** An empty tree in the order of keys, namespace and name. */
export function createKeyTree<T>(): EntryTree<T> {
  return new BTree<Place, Entry<T>>(undefined, compareKeys);
}

/** The entry of one resource in an identity tree. */
export function findEntry<T>(tree: EntryTree<T>, namespace: string, name: string): Entry<T> | undefined {
  return tree.get({ keys: NO_KEYS, namespace, name, bound: 0 });
}

/** All entries of a namespace in an identity tree, in order. */
export function entriesOfNamespace<T>(tree: EntryTree<T>, namespace: string): Entry<T>[] {
  const place = { keys: NO_KEYS, namespace, name: '' };
  return collect(tree, { ...place, bound: -1 }, { ...place, bound: 1 });
}

/** All entries of a key tree whose keys start with these, in the order of the tree. */
export function entriesOfKeys<T>(tree: EntryTree<T>, keys: readonly string[]): Entry<T>[] {
  const place = { keys, namespace: '', name: '' };
  return collect(tree, { ...place, bound: -1 }, { ...place, bound: 1 });
}

function collect<T>(tree: EntryTree<T>, low: Place, high: Place): Entry<T>[] {
  const found: Entry<T>[] = [];
  tree.forRange(low, high, false, (_, entry) => {
    found.push(entry);
  });
  return found;
}

/** Puts entries into the order of namespace and name and drops repetitions; costs one pass if they are in it. */
export function inIdentityOrder<T>(entries: Entry<T>[]): Entry<T>[] {
  let sorted = true;
  for (let i = 1; sorted && i < entries.length; i++) {
    sorted = compareIdentity(entries[i - 1] as Entry<T>, entries[i] as Entry<T>) < 0;
  }
  if (sorted) return entries;
  entries.sort(compareIdentity);
  return entries.filter((entry, i) => entry !== entries[i - 1]);
}

const NO_KEYS: readonly string[] = Object.freeze([]);
