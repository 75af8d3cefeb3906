/** Owns the order of entries and the trees that keep them in it. */
import type { Entry } from './entry.ts';
import { SortedTree } from './sorted-tree.ts';

/** A place in the order of identities: an entry, or a probe that lies beside all it names. */
export interface IdentityPlace {
  readonly namespace: string;
  readonly name: string;
  /** -1 before everything of the namespace, 1 after it, 0 for a real place. */
  readonly bound: -1 | 0 | 1;
}

/** A place in the order of keys: an entry, a slot of a secondary index, or a probe beside all its keys begin. */
export interface KeyPlace extends IdentityPlace {
  readonly keys: readonly string[];
}

/** An entry under one of its keys in a secondary index. */
export interface Slot<T> extends KeyPlace {
  readonly entry: Entry<T>;
}

/** Entries by namespace and name. */
export type IdentityTree<T> = SortedTree<IdentityPlace, Entry<T>>;

/** Entries by keys, then namespace and name. */
export type KeyTree<T> = SortedTree<KeyPlace, Entry<T>>;

/** Entries by the keys of a secondary index, then namespace and name. */
export type SlotTree<T> = SortedTree<KeyPlace, Slot<T>>;

function isIdentityBefore(a: IdentityPlace, b: IdentityPlace): boolean {
  const { namespace } = a;
  const other = b.namespace;
  if (namespace !== other) return namespace < other;
  return a.bound === b.bound ? a.name < b.name : a.bound < b.bound;
}

function areKeysBefore(a: KeyPlace, b: KeyPlace): boolean {
  const length = Math.min(a.keys.length, b.keys.length);
  for (let i = 0; i < length; i++) {
    const left = a.keys[i] as string;
    const right = b.keys[i] as string;
    if (left !== right) return left < right;
  }
  return a.bound === b.bound ? isIdentityBefore(a, b) : a.bound < b.bound;
}

/** Namespace, then name, by UTF-16 code units: negative, 0 or positive. */
export function compareIdentity(a: IdentityPlace, b: IdentityPlace): number {
  if (isIdentityBefore(a, b)) return -1;
  return isIdentityBefore(b, a) ? 1 : 0;
}

/** Whether two places have the same keys. */
export function isSameTuple(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((key, i) => key === b[i]));
}

export function createIdentityTree<T>(): IdentityTree<T> {
  return new SortedTree(isIdentityBefore);
}

export function createKeyTree<T>(): KeyTree<T> {
  return new SortedTree(areKeysBefore);
}

export function createSlotTree<T>(): SlotTree<T> {
  return new SortedTree(areKeysBefore);
}

/** The entry of one resource in an identity tree. */
export function findEntry<T>(tree: IdentityTree<T>, namespace: string, name: string): Entry<T> | undefined {
  return tree.get({ namespace, name, bound: 0 });
}

/** All entries of a namespace in an identity tree, in order. */
export function entriesOfNamespace<T>(tree: IdentityTree<T>, namespace: string): Entry<T>[] {
  return tree.range({ namespace, name: '', bound: -1 }, { namespace, name: '', bound: 1 });
}

/** What a tree has under keys that start with these, in the order of the tree. */
export function underKeys<I extends KeyPlace>(tree: SortedTree<KeyPlace, I>, keys: readonly string[]): I[] {
  const place = { namespace: '', name: '', keys };
  return tree.range({ ...place, bound: -1 }, { ...place, bound: 1 });
}

/** Puts entries into the order of namespace and name and drops repetitions; costs one pass if they are in it. */
export function inIdentityOrder<T>(entries: Entry<T>[]): Entry<T>[] {
  let sorted = true;
  for (let i = 1; sorted && i < entries.length; i++) {
    sorted = isIdentityBefore(entries[i - 1] as Entry<T>, entries[i] as Entry<T>);
  }
  if (sorted) return entries;
  entries.sort(compareIdentity);
  return entries.filter((entry, i) => entry !== entries[i - 1]);
}
