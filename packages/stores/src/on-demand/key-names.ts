/** Owns which of the index keys are the namespace and the name, where a reference is added by its keys alone. */
import { formatFieldPath, type Indexer, parseFieldPath, StoreError, type StoreOperation } from '@firn/core';
import { shownValue } from '@firn/core/engine';

const NAMESPACE = 'metadata.namespace';
const NAME = 'metadata.name';

/** Who keys speak of. */
export interface KeyNames {
  /** @throws {StoreError} `NO_IDENTITY` where the keys do not tell. */
  read(
    keys: readonly string[],
    operation: StoreOperation,
  ): { readonly namespace: string; readonly name: string };
}

/**
 * By the field paths of the indexer; without one the first two keys are namespace and name, and a single key is the
 * name if the namespace is given.
 *
 * @param namespace - what holds where the keys give none; `''` gives none either.
 */
export function createKeyNames(
  numKeys: number,
  indexer: Indexer | undefined,
  namespace: string | undefined,
): KeyNames {
  const given = namespace === '' ? undefined : namespace;
  const paths = indexer?.expressions.map((expression) =>
    formatFieldPath(parseFieldPath(expression).segments),
  );
  const assumed = numKeys === 1 && given !== undefined ? [NAME] : [NAMESPACE, NAME].slice(0, numKeys);
  const fields = paths ?? assumed;
  const namespaceAt = fields.indexOf(NAMESPACE);
  const nameAt = fields.indexOf(NAME);
  return {
    read(keys, operation) {
      const name = keys[nameAt];
      const owner = namespaceAt === -1 ? given : keys[namespaceAt];
      if (name !== undefined && name !== '' && owner !== undefined) return { namespace: owner, name };
      const missing = name === undefined || name === '' ? 'name' : 'namespace';
      throw new StoreError(
        `${operation}(${keys.map(shownValue).join(', ')}): the keys (${fields.join(', ')}) do not tell the ${missing} of the resource. Give the resource itself, or ${missing === 'name' ? 'index by metadata.name too' : 'set the option namespace'}.`,
        { code: 'NO_IDENTITY', operation, keys },
      );
    },
  };
}
