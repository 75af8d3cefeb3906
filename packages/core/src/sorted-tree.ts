/** Owns a persistent B+ tree of items in order: cloning is free, editing a clone copies the path to what changes. */

/** A node; who holds the same token as its `owner` may edit it in place. A leaf has no children. */
export interface TreeNode<I> {
  readonly owner: object;
  /** In order. Of an inner node: the first item below each child. */
  items: I[];
  readonly children: TreeNode<I>[] | undefined;
}

/** Whether the first place comes before the second. */
export type Before<P> = (a: P, b: P) => boolean;

/** The most items of a leaf, and the most children of any other node. */
const MOST = 32;
/** Smaller nodes are joined with a neighbour, if the two fit into one. */
const FEW = 8;

/**
 * Items in order, each place once. `P` is what places are compared by: an item, or a probe that lies beside items.
 *
 * Clones share all that neither of them has edited since.
 */
export class SortedTree<P, I extends P> {
  readonly #before: Before<P>;
  #root: TreeNode<I>;
  #size: number;
  /** Of nodes that nobody else can see. */
  #owner: object = {};

  constructor(before: Before<P>, root?: TreeNode<I>, size = 0) {
    this.#before = before;
    this.#root = root ?? { owner: this.#owner, items: [], children: undefined };
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** For walking by nodes: trees that come from one another share those that are equal. Not to be edited. */
  get root(): TreeNode<I> {
    return this.#root;
  }

  clone(): SortedTree<P, I> {
    this.#owner = {};
    return new SortedTree(this.#before, this.#root, this.#size);
  }

  /** The item at a place. */
  get(place: P): I | undefined {
    let node = this.#root;
    while (node.children !== undefined) node = node.children[this.#childAt(node.items, place)] as TreeNode<I>;
    const at = this.#lowerBound(node.items, place);
    const found = node.items[at];
    return found !== undefined && !this.#before(place, found) ? found : undefined;
  }

  /** Puts an item in its place; gives the one that was there. */
  put(item: I): I | undefined {
    return this.#edit(item, true);
  }

  /** Puts an item where none is; tells whether it did. */
  add(item: I): boolean {
    return this.#edit(item, false) === undefined;
  }

  /** Removes what is at a place, and gives it. */
  remove(place: P): I | undefined {
    const found = this.get(place);
    if (found === undefined) return undefined;
    const root = this.#removeBelow(this.#root, place);
    this.#root = root.children?.length === 1 ? (root.children[0] as TreeNode<I>) : root;
    this.#size--;
    return found;
  }

  /** The items from `low` on and before `high`, in order. */
  range(low: P, high: P): I[] {
    const found: I[] = [];
    this.#collect(this.#root, low, high, found);
    return found;
  }

  /** Everything in order, as a new array. */
  toArray(): I[] {
    return this.leaves().flat();
  }

  /** Everything in order, a leaf at a time. Not to be edited. */
  leaves(): readonly (readonly I[])[] {
    const leaves: I[][] = [];
    collectLeaves(this.#root, leaves);
    return leaves;
  }

  /** Everything in order. */
  *[Symbol.iterator](): Generator<I, undefined> {
    for (const leaf of this.leaves()) for (const item of leaf) yield item;
  }

  /** How many items come before a place. */
  #lowerBound(items: readonly I[], place: P): number {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#before(items[middle] as I, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The child in which a place lies. */
  #childAt(items: readonly I[], place: P): number {
    let low = 1;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#before(place, items[middle] as I)) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  #edit(item: I, replaces: boolean): I | undefined {
    const owner = this.#owner;
    const root = this.#owned(this.#root);
    this.#root = root;
    const previous = this.#editBelow(root, item, replaces);
    if (previous === undefined) this.#size++;
    if (root.items.length > MOST) {
      const right = split(root, item);
      this.#root = {
        owner,
        items: [root.items[0] as I, right.items[0] as I],
        children: [root, right],
      };
    }
    return previous;
  }

  /** Edits a node of its own; it may have one too many afterwards. */
  #editBelow(node: TreeNode<I>, item: I, replaces: boolean): I | undefined {
    const { items, children } = node;
    if (children === undefined) {
      const at = this.#lowerBound(items, item);
      const found = items[at];
      if (found === undefined || this.#before(item, found)) insert(items, at, item);
      else {
        if (replaces) items[at] = item;
        return found;
      }
      return undefined;
    }
    const at = this.#childAt(items, item);
    const child = this.#owned(children[at] as TreeNode<I>);
    children[at] = child;
    const previous = this.#editBelow(child, item, replaces);
    items[at] = child.items[0] as I;
    if (child.items.length > MOST) {
      const right = split(child, item);
      insert(children, at + 1, right);
      insert(items, at + 1, right.items[0] as I);
    }
    return previous;
  }

  /** The node without what is at a place, which is there. */
  #removeBelow(before: TreeNode<I>, place: P): TreeNode<I> {
    const node = this.#owned(before);
    const { items, children } = node;
    if (children === undefined) {
      items.splice(this.#lowerBound(items, place), 1);
      return node;
    }
    const at = this.#childAt(items, place);
    const child = this.#removeBelow(children[at] as TreeNode<I>, place);
    children[at] = child;
    if (child.items.length === 0) {
      children.splice(at, 1);
      items.splice(at, 1);
      return node;
    }
    items[at] = child.items[0] as I;
    if (child.items.length < FEW) this.#join(node, at > 0 ? at - 1 : at);
    return node;
  }

  /** Joins a child with the one behind it, if they fit into one. */
  #join({ items, children }: TreeNode<I>, at: number): void {
    const left = children?.[at];
    const right = children?.[at + 1];
    if (children === undefined || left === undefined || right === undefined) return;
    if (left.items.length + right.items.length > MOST) return;
    children[at] = {
      owner: this.#owner,
      items: left.items.concat(right.items),
      children: left.children && right.children ? left.children.concat(right.children) : undefined,
    };
    children.splice(at + 1, 1);
    items.splice(at + 1, 1);
  }

  #collect({ items, children }: TreeNode<I>, low: P, high: P, found: I[]): void {
    if (children === undefined) {
      for (let at = this.#lowerBound(items, low); at < items.length; at++) {
        const item = items[at] as I;
        if (!this.#before(item, high)) return;
        found.push(item);
      }
      return;
    }
    for (let at = this.#childAt(items, low); at < children.length; at++) {
      if (at > 0 && !this.#before(items[at] as I, high)) return;
      this.#collect(children[at] as TreeNode<I>, low, high, found);
    }
  }

  /** The node itself, or a copy that may be edited. */
  #owned(node: TreeNode<I>): TreeNode<I> {
    const owner = this.#owner;
    if (node.owner === owner) return node;
    return { owner, items: node.items.slice(), children: node.children?.slice() };
  }
}

function insert<V>(array: V[], at: number, value: V): void {
  if (at === array.length) array.push(value);
  else array.splice(at, 0, value);
}

/**
 * Takes the second half out of a node that has one too many; where the new one came last, only that: what comes in
 * order fills its nodes.
 */
function split<I>(node: TreeNode<I>, added: I): TreeNode<I> {
  const { items } = node;
  const isLast = node.children === undefined && items[items.length - 1] === added;
  const half = isLast ? items.length - 1 : items.length >>> 1;
  const second = { owner: node.owner, items: items.splice(half), children: node.children?.splice(half) };
  // An array that grew has room for a third more than is in it now, and a full node stays as it is.
  if (isLast) node.items = items.slice();
  return second;
}

function collectLeaves<I>({ items, children }: TreeNode<I>, leaves: I[][]): void {
  if (children === undefined) leaves.push(items);
  else for (const child of children) collectLeaves(child, leaves);
}
