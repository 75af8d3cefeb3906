/** Owns what a store tells whoever records it: everything that its state is made of, in the order in which it counts. */
import type {
  Change,
  EventOrigin,
  Resource,
  ResourceEvent,
  ResourceRef,
  ResourceWritten,
  Snapshot,
} from '@firn/core';
import {
  type Draft,
  type Entry,
  type EntryContext,
  entryOf,
  identityOf,
  type StagedList,
} from '@firn/core/engine';

/** What was written: as it is stored, or as it came where it was not stored. */
export type JournaledObject<T> = Entry<T> | T | Resource<T>;

/** One event as it was applied. */
export type JournaledEvent<T> =
  | {
      readonly type: 'ADDED' | 'MODIFIED';
      readonly origin: EventOrigin;
      readonly object: JournaledObject<T>;
      /** Where they were given with the event. */
      readonly keys: readonly string[] | undefined;
    }
  | { readonly type: 'DELETED'; readonly origin: EventOrigin; readonly object: ResourceRef }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  | { readonly type: 'CLEARED' }
  | { readonly type: 'REPLACED'; readonly resourceVersion: string; readonly entries: Iterable<Entry<T>> };

/** Hears of everything when it has been applied, in the same turn and before any subscriber. Must not throw. */
export interface Journal<T> {
  batch(events: readonly JournaledEvent<T>[]): void;
  listBegun(list: StagedList<T>): void;
  /** Before they are staged. */
  listItems(list: StagedList<T>, objects: readonly JournaledObject<T>[]): void;
  listItemRemoved(list: StagedList<T>, identity: { readonly namespace: string; readonly name: string }): void;
  listCommitted(list: StagedList<T>, resourceVersion: string): void;
  listDiscarded(list: StagedList<T>): void;
  /** The store, empty until now, has taken over a state that an earlier process left. */
  restored(snapshot: Snapshot<T>): void;
}

/** Gathers a batch for a journal while it is applied. */
export interface BatchJournaling<T> {
  applied(event: ResourceEvent<T>, changes: Iterable<Change<T>>): void;
  /** All of it was applied: the journal is told. */
  accepted(): void;
}

const NO_JOURNALING = Object.freeze({
  applied: (): void => undefined,
  accepted: (): void => undefined,
});

/** Gathers for this journal; does nothing where there is none. */
export function journalingFor<T>(
  journal: Journal<T> | undefined,
  draft: Draft<T>,
  context: EntryContext,
): BatchJournaling<T> {
  if (journal === undefined) return NO_JOURNALING;
  const events: JournaledEvent<T>[] = [];
  return {
    applied: (event, changes) =>
      void events.push(journaledEvent(event, changes, context, () => draft.state().identity)),
    accepted: () => journal.batch(events),
  };
}

/** What a journal is told of an event that was just applied. */
function journaledEvent<T>(
  event: ResourceEvent<T>,
  changes: Iterable<Change<T>>,
  context: EntryContext,
  entries: () => Iterable<Entry<T>>,
): JournaledEvent<T> {
  switch (event.type) {
    case 'BOOKMARK':
    case 'CLEARED':
      return event;
    case 'REPLACED':
      return { type: 'REPLACED', resourceVersion: event.resourceVersion, entries: entries() };
    case 'DELETED': {
      const { namespace, name, uid, resourceVersion } = identityOf(event.object, context);
      const version = {
        ...(uid === undefined ? undefined : { uid }),
        ...(resourceVersion === undefined ? undefined : { resourceVersion }),
      };
      const object = { namespace, name, ...version, keys: NO_KEYS };
      return { type: 'DELETED', origin: event.origin ?? 'call', object };
    }
    default: {
      const { type, origin = 'call', keys } = event;
      const change = Array.isArray(changes) ? (changes.at(-1) as Change<T> | undefined) : undefined;
      const stored = change === undefined || change.type === 'deleted' ? undefined : entryOf(change);
      if (stored === undefined && context.needsResource !== true)
        return withoutResource(event, change, context);
      return { type, origin, object: stored ?? (event.object as JournaledObject<T>), keys };
    }
  }
}

/**
 * A store of references has not taken what came, and nobody is to see more of it than who it is: a removal where it
 * ended an older version, or nothing but its version.
 */
function withoutResource<T>(
  event: ResourceWritten<T>,
  change: Change<T> | undefined,
  context: EntryContext,
): JournaledEvent<T> {
  const { namespace, name, resourceVersion = '' } = identityOf(event.object, context);
  if (change === undefined) return { type: 'BOOKMARK', resourceVersion };
  const object = { namespace, name, resourceVersion, keys: NO_KEYS };
  return { type: 'DELETED', origin: event.origin ?? 'call', object };
}

const NO_KEYS: readonly string[] = Object.freeze([]);
