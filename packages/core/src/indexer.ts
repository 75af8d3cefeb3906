/** Owns the indexer: which keys a resource is stored under, and which of its fields are not kept. */
import { compileFieldRemoval } from './field-path/remove-fields.ts';
import { compileKeys, DEFAULT_INDEX_BY, isNamespaceAndName } from './indexer-keys.ts';
import { type IndexerOptions, readIndexerOptions } from './indexer-options.ts';
import { compileSecondaryIndex, type SecondaryIndex } from './indexer-secondary.ts';

/** Extracts index keys and removes ignored fields; made by `createIndexer`. */
export interface Indexer {
  /** How many index keys each resource has. */
  readonly numKeys: number;
  /** The field paths of `indexBy`, as they were written. */
  readonly expressions: readonly string[];
  /** Whether the keys are namespace and name, in this order. */
  readonly isDefaultKeys: boolean;
  /** By name: the field paths of a secondary index, as they were written. */
  readonly indexExpressions: ReadonlyMap<string, readonly string[]>;
  /** The field paths of `ignoreFields`, as they were written. */
  readonly ignored: readonly string[];
  /** By name: what gives the key tuples of a resource in a secondary index; empty if it is not in that index. */
  readonly indexes: ReadonlyMap<string, SecondaryIndex>;
  /**
   * The index keys of an object, frozen. Strings stay as they are, numbers and booleans become their JSON text,
   * and a missing `metadata.namespace` is `''`.
   *
   * @throws {IndexError} where a field is missing (`MISSING_INDEX_KEY`), or is null, an object, an array, or
   * contains a NUL (`INVALID_INDEX_KEY`).
   */
  extractKeys(object: unknown): readonly string[];
  /**
   * The object without the ignored fields: a copy that shares what did not change, or the object itself where
   * there was nothing to remove. The object is never touched.
   */
  filterFields<O>(object: O): O;
  /**
   * Both at once; the keys are those of the whole object.
   *
   * @throws {IndexError} as `extractKeys` does.
   */
  process<O>(object: O): { readonly resource: O; readonly keys: readonly string[] };
}

/**
 * Makes an indexer.
 *
 * @throws {FieldPathError} `INVALID_FIELD_PATH` where a path cannot be parsed.
 * @throws {ConfigError} `INVALID_INDEXER_OPTION` where an option has the wrong form or `indexBy` contains `[*]`;
 * `NEEDED_FIELD_IGNORED` where `ignoreFields` would remove what keys, identity, uid or resource version are read from.
 * @example
 * ```ts
 * const indexer = createIndexer({
 *   indexBy: ['metadata.namespace', "metadata.labels['app.kubernetes.io/name']"],
 *   indexes: { byHost: ['spec.rules[*].host'] },
 *   ignoreFields: ['metadata.managedFields'],
 * });
 * const { resource, keys } = indexer.process(ingress);
 * ```
 */
export function createIndexer(options: IndexerOptions = {}): Indexer {
  const { gvr, indexBy, ignoreFields, indexes } = readIndexerOptions(options, DEFAULT_INDEX_BY);
  const extractKeys = compileKeys(indexBy, gvr);
  const filterFields = compileFieldRemoval(ignoreFields);
  const secondary = new Map<string, SecondaryIndex>();
  const indexExpressions = new Map<string, readonly string[]>();
  for (const [name, paths] of indexes) {
    secondary.set(name, compileSecondaryIndex(name, paths, gvr));
    indexExpressions.set(name, Object.freeze(paths.map((path) => path.expression)));
  }
  return Object.freeze({
    numKeys: indexBy.length,
    expressions: Object.freeze(indexBy.map((path) => path.expression)),
    isDefaultKeys: isNamespaceAndName(indexBy),
    ignored: Object.freeze(ignoreFields.map((path) => path.expression)),
    indexExpressions,
    indexes: secondary,
    extractKeys,
    filterFields,
    process: <O>(object: O): { readonly resource: O; readonly keys: readonly string[] } => {
      const keys = extractKeys(object);
      return { resource: filterFields(object), keys };
    },
  });
}
