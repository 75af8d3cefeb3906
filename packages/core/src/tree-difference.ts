/** Owns what differs between two identity trees; skips all that they share. */
import type { Entry } from './entry.ts';
import { compareIdentity, type IdentityTree } from './entry-tree.ts';
import { TreeWalk } from './tree-walk.ts';

/** One identity whose entries differ. */
export interface TreeDifference<T> {
  readonly before: Entry<T> | undefined;
  readonly after: Entry<T> | undefined;
}

/**
 * What differs, by namespace and name; costs what changed, as long as the trees come from one another. Each
 * difference is looked for when it is asked for.
 */
export function* treeDifferences<T>(
  older: IdentityTree<T>,
  newer: IdentityTree<T>,
): Generator<TreeDifference<T>, undefined> {
  const left = new TreeWalk(older);
  const right = new TreeWalk(newer);
  while (!left.done && !right.done) {
    if (left.item === right.item) {
      left.skip();
      right.skip();
      continue;
    }
    const before = left.first;
    const after = right.first;
    const order = compareIdentity(before, after);
    if (order < 0 && left.height === 0) {
      yield { before, after: undefined };
      left.skip();
    } else if (order > 0 && right.height === 0) {
      yield { before: undefined, after };
      right.skip();
    } else if (left.height > 0 || right.height > 0) {
      (left.height >= right.height ? left : right).enter();
    } else {
      yield { before, after };
      left.skip();
      right.skip();
    }
  }
  for (const before of left.rest()) yield { before, after: undefined };
  for (const after of right.rest()) yield { before: undefined, after };
}
