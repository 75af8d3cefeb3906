/** Owns the one way a snapshot changes: a fold over events, and its sliced form for whole lists. */
import type { Change } from './change.ts';
import { Draft } from './draft.ts';
import type { FirnError } from './errors.ts';
import type { Resource } from './resource.ts';
import type { ResourceEvent } from './resource-event.ts';
import { Snapshot, stateOf } from './snapshot.ts';
import type { EntryContext } from './snapshot-entry.ts';
import type { SnapshotState } from './snapshot-state.ts';
import { StagedList } from './staged-list.ts';

/** What an event made of a snapshot. */
export interface Reduction<T> {
  readonly snapshot: Snapshot<T>;
  /** In order; of a replaced list they are built when first read. */
  readonly changes: readonly Change<T>[];
  /** Resources that were left out because their index keys cannot be extracted. */
  readonly errors: readonly FirnError[];
}

const BY_CALL: EntryContext = { operation: 'apply', owned: false };

/**
 * Applies one event to a snapshot, which stays as it is. Pure: the same fold stands behind every store and replay.
 *
 * @throws {StoreError} when the event's resource or keys are refused; `IndexError`s of watch events and lists are
 * in `errors` instead, and the resource is left out.
 * @example
 * ```ts
 * const { snapshot, changes } = reduce(older, { type: 'ADDED', object: ingress });
 * ```
 */
export function reduce<T>(snapshot: Snapshot<T>, event: ResourceEvent<T>): Reduction<T> {
  const draft = new Draft<T>(stateOf(snapshot), BY_CALL);
  const changes = draft.apply(event);
  return reduction(snapshot, draft.state(), changes, draft.errors);
}

/** A list on its way into a snapshot, in slices. */
export interface Staging<T> {
  /** Resources so far. */
  readonly size: number;
  /** Adds a slice of the list; of two resources with one identity the later one counts. */
  append(objects: Iterable<T | Resource<T>>): void;
  /** Takes a resource out again: it was deleted before the list was complete. */
  remove(identity: { readonly namespace: string; readonly name: string }): void;
  /** Replaces the snapshot's contents by the list, at this resource version. */
  commit(resourceVersion: string): Reduction<T>;
}

/**
 * Begins a list that will replace a snapshot's contents; `reduce` of a REPLACED event is this in one loop.
 *
 * @example
 * ```ts
 * const list = stage(snapshot);
 * for await (const page of pages) list.append(page.items);
 * const { snapshot: next, changes } = list.commit(resourceVersion);
 * ```
 */
export function stage<T>(snapshot: Snapshot<T>): Staging<T> {
  const list = new StagedList<T>(stateOf(snapshot), BY_CALL);
  return Object.freeze({
    get size() {
      return list.size;
    },
    append: (objects: Iterable<T | Resource<T>>) => list.append(objects),
    remove: (identity: { readonly namespace: string; readonly name: string }) => list.remove(identity),
    commit(resourceVersion: string) {
      const { state, changes, errors } = list.commit(resourceVersion);
      return reduction(snapshot, state, changes, errors);
    },
  });
}

/** A snapshot that nothing changed stays the same object. */
function reduction<T>(
  older: Snapshot<T>,
  state: SnapshotState<T>,
  changes: Iterable<Change<T>>,
  errors: readonly FirnError[],
): Reduction<T> {
  const { modCount, resourceVersion } = state;
  const same = modCount === older.modCount && resourceVersion === older.resourceVersion;
  const snapshot = same ? older : new Snapshot(state);
  let built: readonly Change<T>[] | undefined;
  return Object.freeze({
    snapshot,
    get changes() {
      built ??= Object.freeze([...changes]);
      return built;
    },
    errors: Object.freeze([...errors]),
  });
}
