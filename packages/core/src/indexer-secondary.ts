/** Owns how the key tuples of secondary indexes are read from an object. */
import { IndexError } from './errors.ts';
import type { FieldPath } from './field-path/field-path.ts';
import { readEach } from './field-path/read-field.ts';
import { isNamespacePath, noIndexKey, toIndexKey } from './indexer-keys.ts';

/**
 * Gives the key tuples of an object, each once, in the order of the object's elements; none if it is not in the index.
 *
 * Throws an `IndexError` `TOO_MANY_INDEX_KEYS` where several `[*]` multiply to more than 10,000 tuples.
 */
export type SecondaryIndex = (object: unknown) => readonly (readonly string[])[];

const MAX_TUPLES = 10_000;
const NONE: readonly (readonly string[])[] = Object.freeze([]);

function compileValues(path: FieldPath): (object: unknown) => readonly string[] {
  const fallback: readonly string[] = isNamespacePath(path) ? [''] : [];
  return (object) => {
    const keys = new Set<string>();
    let found = false;
    for (const value of readEach(path, object)) {
      if (value === null) continue;
      found = true;
      const key = toIndexKey(value);
      if (key !== undefined) keys.add(key);
    }
    return found ? [...keys] : fallback;
  };
}

function tooMany(object: unknown, gvr: string | undefined, name: string, expression: string): IndexError {
  const { namespace, resourceName } = noIndexKey(object, gvr, expression, undefined);
  return new IndexError(
    `Index ${JSON.stringify(name)} would get more than ${MAX_TUPLES} key tuples from one resource${gvr === undefined ? '' : ` of ${gvr}`} (${JSON.stringify(resourceName)} in namespace ${JSON.stringify(namespace)}), reached at ${expression}: every combination of its [*] counts. Use fewer of them in one index.`,
    { code: 'TOO_MANY_INDEX_KEYS', gvr, namespace, resourceName, expression },
  );
}

/**
 * Every combination of the values of each column, in order, frozen; where there are more than 10,000, the number of
 * the column at which that was reached.
 */
export function combinations(
  columns: readonly (readonly string[])[],
): readonly (readonly string[])[] | number {
  let tuples: (readonly string[])[] = [[]];
  for (const [at, values] of columns.entries()) {
    if (at > 0 && tuples.length * values.length > MAX_TUPLES) return at;
    tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, value]));
  }
  return Object.freeze(tuples.map((tuple) => Object.freeze(tuple)));
}

/** Makes the function that gives the key tuples of an object: every combination of what its paths give. */
export function compileSecondaryIndex(
  name: string,
  paths: readonly FieldPath[],
  gvr: string | undefined,
): SecondaryIndex {
  const readers = paths.map((path) => ({ path, read: compileValues(path) }));
  return (object) => {
    const columns: (readonly string[])[] = [];
    for (const { read } of readers) {
      const values = read(object);
      if (values.length === 0) return NONE;
      columns.push(values);
    }
    const tuples = combinations(columns);
    if (typeof tuples === 'number') throw tooMany(object, gvr, name, paths[tuples]?.expression ?? '');
    return tuples;
  };
}
