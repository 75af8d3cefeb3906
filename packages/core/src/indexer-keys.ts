/** Owns how the primary index keys are read from an object. */
import { IndexError } from './errors.ts';
import { type FieldPath, formatFieldPath } from './field-path/field-path.ts';
import { readOne } from './field-path/read-field.ts';

/** What `indexBy` is when it is left out. */
export const DEFAULT_INDEX_BY: readonly string[] = Object.freeze(['metadata.namespace', 'metadata.name']);

const NUL = '\u0000';
const MAX_SHOWN = 253;

/** Whether a path is that of the namespace, however it was written. */
export function isNamespacePath(path: FieldPath): boolean {
  return formatFieldPath(path.segments) === DEFAULT_INDEX_BY[0];
}

/** Whether paths are the default ones, however they were written. */
export function isNamespaceAndName(paths: readonly FieldPath[]): boolean {
  return (
    paths.length === DEFAULT_INDEX_BY.length &&
    paths.every((path, at) => formatFieldPath(path.segments) === DEFAULT_INDEX_BY[at])
  );
}

/** A value as an index key: strings as they are, numbers and booleans as JSON text; anything else is none. */
export function toIndexKey(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes(NUL) ? undefined : value;
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : undefined;
  return typeof value === 'boolean' ? String(value) : undefined;
}

function shortText(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
}

function describe(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (typeof value === 'string') return 'contains a NUL';
  if (value === null) return 'is null';
  if (Array.isArray(value)) return 'is an array';
  return typeof value === 'object' ? 'is an object' : 'is not a JSON value';
}

/** Reads identity from an object of whatever shape, and says in an `IndexError` which field gave no key. */
export function noIndexKey(
  object: unknown,
  gvr: string | undefined,
  expression: string,
  value: unknown,
): IndexError {
  const metadata = (object as { metadata?: { namespace?: unknown; name?: unknown } } | null | undefined)
    ?.metadata;
  const namespace = shortText(metadata?.namespace);
  const resourceName = shortText(metadata?.name);
  const identity =
    resourceName === ''
      ? 'a resource without a name'
      : JSON.stringify(namespace === '' ? resourceName : `${namespace}/${resourceName}`);
  return new IndexError(
    `No index key for ${identity}${gvr === undefined ? '' : ` of ${gvr}`}: ${expression} ${describe(value)}. Give the field a string, number or boolean, or index by another field.`,
    {
      code: value === undefined ? 'MISSING_INDEX_KEY' : 'INVALID_INDEX_KEY',
      gvr,
      namespace,
      resourceName,
      expression,
    },
  );
}

type KeyReader = (object: unknown) => string;

function compileKey(path: FieldPath, gvr: string | undefined): KeyReader {
  const fallback = isNamespacePath(path) ? '' : undefined;
  return (object) => {
    const value = readOne(path, object);
    const key = toIndexKey(value) ?? (value === undefined || value === null ? fallback : undefined);
    if (key === undefined) throw noIndexKey(object, gvr, path.expression, value);
    return key;
  };
}

/** Namespace and name are read once for every event: two look-ups, and everything unusual goes the general way. */
function compileNamespaceAndName(
  general: (object: unknown) => readonly string[],
): (object: unknown) => readonly string[] {
  return (object) => {
    const metadata = (object as { readonly metadata?: { namespace?: unknown; name?: unknown } } | undefined)
      ?.metadata;
    const namespace = metadata?.namespace === undefined ? '' : metadata.namespace;
    const name = metadata?.name;
    if (typeof namespace !== 'string' || typeof name !== 'string') return general(object);
    if (namespace.includes(NUL) || name.includes(NUL)) return general(object);
    return Object.freeze([namespace, name]);
  };
}

/** Makes the function that reads the index keys of an object, frozen; it throws an `IndexError` where one is missing. */
export function compileKeys(
  paths: readonly FieldPath[],
  gvr: string | undefined,
): (object: unknown) => readonly string[] {
  const readers = paths.map((path) => compileKey(path, gvr));
  const general = (object: unknown): readonly string[] => Object.freeze(readers.map((read) => read(object)));
  return isNamespaceAndName(paths) ? compileNamespaceAndName(general) : general;
}
