import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedTree, type TreeNode } from './sorted-tree.ts';

interface Item {
  readonly key: number;
  readonly value: number;
}

type Tree = SortedTree<{ readonly key: number }, Item>;

const emptyTree = (): Tree => new SortedTree((a, b) => a.key < b.key);

type Step =
  | { readonly do: 'put' | 'add' | 'remove'; readonly key: number; readonly value: number }
  | { readonly do: 'run'; readonly key: number; readonly value: number; readonly length: number }
  | { readonly do: 'clone' };

const key = fc.integer({ min: 0, max: 300 });
const value = fc.nat();
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('put', 'add', 'remove', 'remove'), key, value }),
  fc.record({ do: fc.constant('run'), key, value, length: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ do: fc.constant('clone') }),
);

/** A tree beside a Map that says what it has to hold. */
class Pair {
  readonly tree: Tree;
  readonly model: Map<number, Item>;

  constructor(tree: Tree, model: Map<number, Item>) {
    this.tree = tree;
    this.model = model;
  }

  put(item: Item): void {
    expect(this.tree.put(item)).toBe(this.model.get(item.key));
    this.model.set(item.key, item);
  }

  apply(one: Exclude<Step, { do: 'clone' }>): void {
    const item = { key: one.key, value: one.value };
    const known = this.model.get(one.key);
    if (one.do === 'run') {
      for (let i = 0; i < one.length; i++) this.put({ key: one.key + i, value: one.value });
    } else if (one.do === 'put') this.put(item);
    else if (one.do === 'add') {
      expect(this.tree.add(item)).toBe(known === undefined);
      if (known === undefined) this.model.set(one.key, item);
    } else {
      expect(this.tree.remove(item)).toBe(known);
      this.model.delete(one.key);
    }
  }

  check(): void {
    const { tree, model } = this;
    const expected = [...model.values()].sort((a, b) => a.key - b.key);
    expect(tree.size).toBe(expected.length);
    expect(tree.toArray()).toEqual(expected);
    expect([...tree]).toEqual(expected);
    expect(tree.leaves().flat()).toEqual(expected);
    for (let low = -1; low < 400; low += 37) {
      expect(tree.get({ key: low })).toBe(model.get(low));
      const within = expected.filter((item) => item.key >= low && item.key < low + 50);
      expect(tree.range({ key: low }, { key: low + 50 })).toEqual(within);
    }
    checkShape(tree.root);
  }
}

/** Every inner node names the first item of each child, and all leaves are at one depth. */
function checkShape({ items, children }: TreeNode<Item>): number {
  expect(items.length).toBeLessThanOrEqual(32);
  if (children === undefined) return 0;
  expect(items).toEqual(children.map((child) => child.items[0]));
  const depths = new Set(children.map(checkShape));
  expect(depths.size).toBe(1);
  return Math.max(...depths) + 1;
}

function nodesOf(node: TreeNode<Item>): TreeNode<Item>[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

describe('SortedTree', () => {
  it('holds what a Map would, in order, and clones never see what is done to others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        let pair = new Pair(emptyTree(), new Map());
        const older: Pair[] = [];
        for (const one of steps) {
          if (one.do === 'clone') {
            older.push(pair);
            pair = new Pair(pair.tree.clone(), new Map(pair.model));
          } else pair.apply(one);
        }
        for (const each of [pair, ...older]) each.check();
      }),
    );
  });

  it('an edit of a clone copies one path and shares the rest', () => {
    const tree = emptyTree();
    for (let i = 0; i < 20_000; i++) tree.put({ key: i, value: 0 });
    const clone = tree.clone();
    clone.put({ key: 7777, value: 1 });
    const before = new Set(nodesOf(tree.root));
    const copied = nodesOf(clone.root).filter((node) => !before.has(node));
    expect(before.size).toBeGreaterThan(600);
    expect(copied.length).toBeLessThanOrEqual(4);
  });

  it('is removed from as well in order as from both ends', () => {
    const tree = emptyTree();
    for (let i = 0; i < 5000; i++) tree.add({ key: (i * 7919) % 5000, value: i });
    for (let i = 0; i < 2500; i++) {
      expect(tree.remove({ key: i })?.key).toBe(i);
      expect(tree.remove({ key: 4999 - i })?.key).toBe(4999 - i);
      if (i % 500 === 0) checkShape(tree.root);
    }
    expect(tree.size).toBe(0);
    expect(tree.toArray()).toEqual([]);
    expect(tree.add({ key: 1, value: 1 })).toBe(true);
  });
});
