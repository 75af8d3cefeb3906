/** Owns the way from what an event carries to an entry: copied, checked, filed under its keys. */
import { checkKeys, keysForError } from './check-keys.ts';
import { Entry, type Filing } from './entry.ts';
import { StoreError, type StoreOperation } from './errors.ts';
import { copyAsJson } from './json-copy.ts';
import { ParsedEntry, referenceTo, refiled } from './parsed-entry.ts';
import { ReferenceEntry } from './reference-entry.ts';
import type { ResourceRef } from './resource-ref.ts';
import { shownValue } from './shown-value.ts';
import type { SnapshotShape } from './snapshot-state.ts';

/** What the caller of an event vouches for. */
export interface EntryContext {
  readonly operation: StoreOperation;
  /** True where the object was decoded by firn itself and nobody else holds it: then it is not copied. */
  readonly owned: boolean;
  /** True where a mere reference will not do: a full store gives what it holds. */
  readonly needsResource?: boolean;
}

/** The part of a resource that is read to file it. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Whether an event's object is a reference rather than a resource. */
function isRef(object: unknown): object is ResourceRef {
  return (
    typeof object === 'object' &&
    object !== null &&
    !('metadata' in object) &&
    typeof (object as ResourceRef).name === 'string' &&
    typeof (object as ResourceRef).namespace === 'string'
  );
}

/**
 * Who a resource or reference is. What is null or empty in its metadata is missing, as Go writes it.
 *
 * @param keys - those of the call, for its error.
 * @throws {StoreError} `INVALID_OBJECT` when it has no metadata or no name, or one that is not text.
 */
export function identityOf(object: unknown, context: EntryContext, keys?: readonly string[]): Identity {
  if (object instanceof Entry) return object;
  const invalid = (what: string): StoreError =>
    new StoreError(`The resource cannot be stored: ${what}. A resource is an object with metadata.name.`, {
      code: 'INVALID_OBJECT',
      operation: context.operation,
      keys: keysForError(keys),
    });
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw invalid(`it is ${object === null ? 'null' : Array.isArray(object) ? 'an array' : typeof object}`);
  }
  const metadata: unknown = isRef(object) ? object : (object as { metadata?: unknown }).metadata;
  if (typeof metadata !== 'object' || metadata === null) throw invalid('it has no metadata');
  const optional = (field: 'namespace' | 'uid' | 'resourceVersion'): string | undefined => {
    const value = (metadata as Partial<Record<string, unknown>>)[field];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw invalid(`metadata.${field} is not a string`);
    return value;
  };
  const { name } = metadata as { name?: unknown };
  if (typeof name !== 'string' || name === '') throw invalid('metadata.name is missing or empty');
  const namespace = optional('namespace') ?? '';
  if (namespace.includes('\0') || name.includes('\0')) throw invalid('its namespace or name contains a NUL');
  return { namespace, name, uid: optional('uid'), resourceVersion: optional('resourceVersion') };
}

/**
 * Checks the resource version of a list or a bookmark.
 *
 * @throws {StoreError} `INVALID_EVENT` when it is not text.
 */
export function checkResourceVersion(resourceVersion: string, context: EntryContext): void {
  if (typeof resourceVersion === 'string') return;
  throw new StoreError(
    `${context.operation}: the resource version is ${typeof resourceVersion} instead of a string. Give the one that the server named.`,
    { code: 'INVALID_EVENT', operation: context.operation },
  );
}

/**
 * What an event carries, in a form that nobody else holds: copied as JSON would, unless it is firn's own already.
 * Whatever is read of a resource is read from this.
 *
 * @param keys - those of the call, for its error.
 * @throws {StoreError} `INVALID_OBJECT` when it cannot be copied, `NO_RESOURCE` when it is a reference and that will
 * not do.
 */
export function ownForm(object: unknown, context: EntryContext, keys?: readonly string[]): unknown {
  if (object instanceof Entry) return object;
  if (isRef(object)) {
    if (context.needsResource === true) throw noResource(object, context, keys);
    return object;
  }
  if (context.owned) return object;
  try {
    return copyAsJson(object);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0]?.slice(0, 200) : undefined;
    throw new StoreError(
      `The resource cannot be stored: ${why ?? 'it cannot be copied'}. A resource is plain JSON.`,
      { code: 'INVALID_OBJECT', operation: context.operation, keys: keysForError(keys), cause },
    );
  }
}

function noResource(ref: ResourceRef, { operation }: EntryContext, keys: unknown): StoreError {
  return new StoreError(
    `${operation}: only a reference of ${shownValue(`${ref.namespace}/${ref.name}`)} was given. A full store needs the resource, with its metadata.`,
    { code: 'NO_RESOURCE', operation, keys: keysForError(keys) },
  );
}

/**
 * Makes an entry of what `ownForm` and `identityOf` gave.
 *
 * @throws {StoreError} `INVALID_KEYS`, `NO_KEYS`.
 * @throws {IndexError} when the indexer cannot extract its keys.
 */
export function toEntry<T>(
  own: unknown,
  identity: Identity,
  givenKeys: readonly string[] | undefined,
  shape: SnapshotShape,
  context: EntryContext,
): Entry<T> {
  if (own instanceof Entry) {
    const entry = givenKeys === undefined ? own : refiled<T>(own, frozenKeys(givenKeys, shape, context));
    return shape.keepsResources ? entry : asReference<T>(entry);
  }
  const { indexer, keepsResources } = shape;
  const { namespace, name, uid, resourceVersion } = identity;
  if (isRef(own)) {
    const keys = frozenKeys(givenKeys ?? own.keys ?? [namespace, name], shape, context);
    return ReferenceEntry.of<T>(namespace, name, filingOf(keys, identity), uid, resourceVersion);
  }
  const keys =
    givenKeys !== undefined
      ? frozenKeys(givenKeys, shape, context)
      : indexer !== undefined
        ? indexer.extractKeys(own as object)
        : defaultKeys(identity, shape, context);
  if (!keepsResources) {
    return ReferenceEntry.of<T>(namespace, name, filingOf(keys, identity), uid, resourceVersion);
  }
  const secondary =
    indexer === undefined || indexer.indexes.size === 0
      ? undefined
      : [...indexer.indexes.values()].map((extract) => extract(own as object));
  const resource = indexer === undefined ? own : indexer.filterFields(own as object);
  const source = { materialise: () => resource as T };
  return new ParsedEntry<T>({ namespace, name, uid, resourceVersion, keys, secondary, source });
}

/** What a store of references keeps of an entry; its bytes are needed no more. */
function asReference<T>(entry: Entry<T>): Entry<T> {
  if (!entry.hasResource) return entry;
  const reference = referenceTo(entry, filingOf(entry.keys, entry));
  entry.release();
  return reference;
}

/** Where something is filed, if that is not said by who it is. */
function filingOf(keys: readonly string[], { namespace, name }: Identity): Filing | undefined {
  const isIdentity = keys.length === 2 && keys[0] === namespace && keys[1] === name;
  return isIdentity ? undefined : { keys, secondary: undefined };
}

function frozenKeys(keys: readonly string[], shape: SnapshotShape, context: EntryContext): readonly string[] {
  checkKeys(keys, shape.numKeys, context.operation);
  return Object.isFrozen(keys) ? keys : Object.freeze([...keys]);
}

function defaultKeys(identity: Identity, shape: SnapshotShape, context: EntryContext): readonly string[] {
  if (shape.numKeys === 2) return Object.freeze([identity.namespace, identity.name]);
  throw new StoreError(
    `The keys of ${shownValue(`${identity.namespace}/${identity.name}`)} are unknown: give ${shape.numKeys} key(s) with the call, or give the store an indexer.`,
    { code: 'NO_KEYS', operation: context.operation },
  );
}
