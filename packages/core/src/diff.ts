/** Owns the difference between two snapshots. */

import { canonicalJson } from './canonical-json.ts';
import { added, type Change, deleted, modified } from './change.ts';
import type { Entry } from './entry.ts';
import { isSameTuple } from './entry-tree.ts';
import { type Snapshot, stateOf } from './snapshot.ts';
import { treeDifferences } from './tree-difference.ts';

/**
 * What changed from the older to the newer snapshot, by namespace and name; a recreated resource is deleted, then
 * added. Costs what changed if one snapshot came from the other; what was stored apart under one version is compared
 * by its contents. The changes carry no cause and the newer modCount.
 *
 * @example
 * ```ts
 * const before = store.snapshot;
 * // … later
 * for (const change of diff(before, store.snapshot)) console.log(change.type, change.ref.name);
 * ```
 */
export function* diff<T>(older: Snapshot<T>, newer: Snapshot<T>): Generator<Change<T>, undefined> {
  const { modCount, resourceVersion } = newer;
  for (const { before, after } of treeDifferences(stateOf(older).identity, stateOf(newer).identity)) {
    if (before === undefined || after === undefined) {
      if (before !== undefined) yield deleted(before, undefined, modCount, resourceVersion);
      if (after !== undefined) yield added(after, undefined, modCount);
    } else if (before.isRecreatedAs(after)) {
      yield deleted(before, undefined, modCount, resourceVersion);
      yield added(after, undefined, modCount);
    } else if (!isSameState(before, after)) {
      yield modified(after, before, undefined, modCount);
    }
  }
}

/** Whether two entries say the same: a call may store other contents, or none at all, under the same version. */
function isSameState<T>(a: Entry<T>, b: Entry<T>): boolean {
  return (
    a.resourceVersion === b.resourceVersion &&
    a.uid === b.uid &&
    isSameTuple(a.keys, b.keys) &&
    a.hasResource === b.hasResource &&
    (!a.hasResource || canonicalJson(a.resource) === canonicalJson(b.resource))
  );
}
