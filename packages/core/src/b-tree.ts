/** Owns the way sorted-btree is imported: it is CommonJS with `exports.default`. */
import sortedBTree from 'sorted-btree';

/** Under Node's rules a CommonJS default import is `module.exports` itself, whatever its types say. */
function defaultOf<M>(module: M): M {
  return (module as { default?: M }).default ?? module;
}

/** A persistent B+ tree. */
export const BTree: typeof sortedBTree.default = defaultOf(sortedBTree) as never;

/** An instance of the tree. */
export type BTree<K, V> = InstanceType<typeof sortedBTree.default<K, V>>;

/** A node of a tree: a leaf has values, any other has children. */
export interface BTreeNode<V> {
  readonly values: readonly V[];
  readonly children?: readonly BTreeNode<V>[];
}

/** The root of a tree, for walking it by nodes: trees that come from one another share those that are equal. */
export function rootOf<K, V>(tree: BTree<K, V>): BTreeNode<V> {
  return (tree as unknown as { readonly _root: BTreeNode<V> })._root;
}
