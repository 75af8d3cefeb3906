/** Owns walking a tree of entries in order, over a whole node at a step where nobody looks into it. */
import type { Entry } from './entry.ts';
import type { IdentityTree } from './entry-tree.ts';
import type { TreeNode } from './sorted-tree.ts';

type Node<T> = TreeNode<Entry<T>>;

/** Stands before a node or an entry, until it is done. The tree must not be edited meanwhile. */
export class TreeWalk<T> {
  /** From the root down: the siblings on each level, and which of them is next. */
  readonly #levels: { readonly items: readonly (Node<T> | Entry<T>)[]; at: number }[] = [];
  /** How far the next item is above the entries; 0 for an entry. */
  #height = 0;

  constructor(tree: IdentityTree<T>) {
    if (tree.size === 0) return;
    const { root } = tree;
    this.#levels.push({ items: [root], at: 0 });
    for (let node: Node<T> | undefined = root; node !== undefined; node = node.children?.[0]) this.#height++;
  }

  get done(): boolean {
    return this.#levels.length === 0;
  }

  get height(): number {
    return this.#height;
  }

  /** The next node or entry. */
  get item(): Node<T> | Entry<T> {
    const { items, at } = this.#levels.at(-1) as { items: readonly (Node<T> | Entry<T>)[]; at: number };
    return items[at] as Node<T> | Entry<T>;
  }

  /** The next entry: the first one in the next node. */
  get first(): Entry<T> {
    return this.#height === 0 ? (this.item as Entry<T>) : ((this.item as Node<T>).items[0] as Entry<T>);
  }

  /** Goes into the next node. */
  enter(): void {
    const { children, items } = this.item as Node<T>;
    this.#levels.push({ items: children ?? items, at: 0 });
    this.#height--;
  }

  /** Goes on to what follows the next node or entry. */
  skip(): void {
    for (;;) {
      const level = this.#levels.at(-1);
      if (level === undefined || ++level.at < level.items.length) return;
      this.#levels.pop();
      this.#height++;
    }
  }

  /** All entries that are left. */
  *rest(): Generator<Entry<T>, undefined> {
    while (!this.done) {
      if (this.#height > 0) this.enter();
      else {
        yield this.first;
        this.skip();
      }
    }
  }
}
