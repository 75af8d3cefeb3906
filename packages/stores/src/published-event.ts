/** Owns the frozen form in which an event is shown to subscribers of `events$`. */
import {
  type Change,
  type Resource,
  type ResourceEvent,
  type ResourceRef,
  type ResourceWritten,
  Snapshot,
} from '@firn/core';
import {
  copyAsJson,
  type Draft,
  Entry,
  type EntryContext,
  entryOf,
  frozenCopy,
  identityOf,
  type SnapshotState,
  stateOf,
} from '@firn/core/engine';

/** What is known while a batch is applied. */
export interface Applying<T> {
  readonly draft: Draft<T>;
  readonly context: EntryContext;
  readonly shape: SnapshotState<T>['shape'];
}

/**
 * An event that was just applied, safe to hand out: nothing in it can be changed, and lists are read when iterated.
 * Built at once, since the caller may change what it gave as soon as the call returns.
 */
export function publishedEvent<T>(
  event: ResourceEvent<T>,
  changes: Iterable<Change<T>>,
  { draft, context, shape }: Applying<T>,
): ResourceEvent<T> {
  switch (event.type) {
    case 'BOOKMARK':
      return Object.freeze({ type: event.type, resourceVersion: event.resourceVersion });
    case 'CLEARED':
      return Object.freeze({ type: event.type });
    case 'REPLACED':
      return replacedEvent(new Snapshot(draft.state()), event.resourceVersion);
    default: {
      const change = Array.isArray(changes) ? (changes.at(-1) as Change<T> | undefined) : undefined;
      const entry = change === undefined ? undefined : entryOf(change);
      return event.type === 'DELETED'
        ? deletedEvent(event, entry, context)
        : writtenEvent(event, change?.type === 'deleted' ? undefined : entry, context, shape);
    }
  }
}

/** A whole list as an event: its objects are those of the snapshot it made. */
export function replacedEvent<T>(snapshot: Snapshot<T>, resourceVersion: string): ResourceEvent<T> {
  const { identity, shape } = stateOf(snapshot);
  const objects = {
    length: snapshot.size,
    [Symbol.iterator]: (): Iterator<Resource<T>> =>
      shape.keepsResources ? snapshot[Symbol.iterator]() : references(identity),
  };
  return Object.freeze({ type: 'REPLACED', objects: Object.freeze(objects), resourceVersion });
}

/** A store of references has nothing else to show, and says so to whoever reads more of it. */
function* references<T>(entries: Iterable<Entry<T>>): Generator<Resource<T>, undefined> {
  for (const { ref } of entries) yield ref as unknown as Resource<T>;
}

/** `entry` is what was stored; absent if the event was old news, or its keys could not be extracted. */
function writtenEvent<T>(
  event: ResourceWritten<T>,
  entry: Entry<T> | undefined,
  context: EntryContext,
  shape: Applying<T>['shape'],
): ResourceEvent<T> {
  const object = entry === undefined ? unstoredObject(event, context, shape) : shownObject(entry);
  return frozenEvent(event, object, entry?.keys);
}

/** `entry` is what was removed; absent if there was nothing. */
function deletedEvent<T>(
  event: ResourceWritten<T>,
  entry: Entry<T> | undefined,
  context: EntryContext,
): ResourceEvent<T> {
  return frozenEvent(event, referenceTo(event, entry?.keys ?? NO_KEYS, context), entry?.keys);
}

function referenceTo<T>(
  { object }: ResourceWritten<T>,
  keys: readonly string[],
  context: EntryContext,
): ResourceRef {
  const { namespace, name, uid, resourceVersion } = identityOf(object, context);
  return Object.freeze({
    namespace,
    name,
    ...(uid === undefined ? undefined : { uid }),
    ...(resourceVersion === undefined ? undefined : { resourceVersion }),
    keys,
  });
}

const NO_KEYS: readonly string[] = Object.freeze([]);

function frozenEvent<T>(
  { type, keys, origin = 'call' }: ResourceWritten<T>,
  object: Resource<T> | ResourceRef,
  storedKeys: readonly string[] | undefined,
): ResourceEvent<T> {
  const filed = storedKeys ?? (keys === undefined ? undefined : Object.freeze([...keys]));
  return Object.freeze({ type, object, ...(filed === undefined ? undefined : { keys: filed }), origin });
}

function shownObject<T>(entry: Entry<T>): Resource<T> | ResourceRef {
  return entry.hasResource ? entry.resource : entry.ref;
}

function unstoredObject<T>(
  event: ResourceWritten<T>,
  context: EntryContext,
  { keepsResources, indexer }: Applying<T>['shape'],
): Resource<T> | ResourceRef {
  const { object } = event;
  if (object instanceof Entry) return keepsResources ? shownObject(object) : object.ref;
  if (!keepsResources) return referenceTo(event, NO_KEYS, context);
  const copy = copyAsJson(object);
  return frozenCopy(indexer === undefined ? copy : indexer.filterFields(copy)) as Resource<T>;
}
