/** Owns lists and maps of a configuration file: maps with fixed keys, and maps whose keys are names. */
import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { nearestNames } from '../nearest-name.ts';
import type { JsonSchema, Place, Shape } from './shape.ts';

/** One key of a map with fixed keys. */
export interface Field<T> {
  readonly shape: Shape<T>;
  readonly required: boolean;
}

/** A key for each property of `T`, written in snake_case in the file. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/** What a map with fixed keys is told beside its keys. */
export interface ObjectOptions<T> {
  readonly description?: string;
  /** Keys that people write instead (in snake_case) and what to say then: a key, or a whole remedy. */
  readonly nearMisses?: Readonly<Record<string, string>>;
  /** Keywords of JSON Schema for rules over several keys. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Checks rules over several keys; `nodes` are the values as written. */
  check?(value: T, nodes: ReadonlyMap<keyof T, Node>, at: Place, map: Node): void;
}

/** A key that must be there. */
export function required<T>(shape: Shape<T>): Field<T> {
  return { shape, required: true };
}

/** A key that may be left out. */
export function optional<T>(shape: Shape<T>): Field<T> {
  return { shape, required: false };
}

/** `cacheTtl` and `cache-ttl` as `cache_ttl`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase();
}

function emptyValue(key: Node, at: Place): Error {
  return at.error(key, 'has no value. Give it one, or leave the key out.', { code: 'MISSING_VALUE' });
}

/** The pairs of a map in the order written, aliases resolved; the same key twice is an error. */
function pairsOf(
  map: YAMLMap,
  at: Place,
): { readonly key: string; readonly keyNode: Node; readonly value: Node | null }[] {
  const seen = new Set<string>();
  return map.items.map((pair) => {
    const keyNode = pair.key as Node;
    const key = isScalar(keyNode) ? String(keyNode.value) : '';
    if (seen.has(key)) {
      throw at
        .child(key)
        .error(keyNode, 'stands here twice. Remove one of the two.', { code: 'DUPLICATE_KEY' });
    }
    seen.add(key);
    const value = at.source.resolve(pair.value as Node | null);
    return { key, keyNode, value: isScalar(value) && value.value === null ? null : value };
  });
}

function unknownKey(
  key: string,
  keyNode: Node,
  keys: readonly string[],
  nearMisses: Readonly<Record<string, string>>,
  at: Place,
): Error {
  const snake = snakeCase(key);
  const miss = Object.hasOwn(nearMisses, snake) ? nearMisses[snake] : undefined;
  const known = keys.includes(snake) ? snake : miss;
  const suggestion = known ?? nearestNames(snake, keys, 1)[0];
  const remedy =
    suggestion === undefined
      ? `Known here: ${keys.join(', ')}.`
      : suggestion.includes(' ')
        ? suggestion
        : `Did you mean ${suggestion}?`;
  const name = JSON.stringify(key.slice(0, 80));
  return at.error(keyNode, `has no option ${name}. ${remedy}`, { code: 'UNKNOWN_KEY', suggestion });
}

/** A map with fixed keys: unknown, double and missing ones are errors. */
export function object<T extends object>(fields: Fields<T>, options: ObjectOptions<T> = {}): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const optionOf = new Map(names.map((name) => [snakeCase(name), name]));
  const keys = [...optionOf.keys()];
  const missing = names.filter((name) => fields[name].required);
  const properties = Object.fromEntries(names.map((name) => [snakeCase(name), fields[name].shape.schema]));
  return {
    schema: {
      ...(options.description === undefined ? {} : { description: options.description }),
      type: 'object',
      properties,
      ...(missing.length === 0 ? {} : { required: missing.map(snakeCase) }),
      additionalProperties: false,
      ...options.schema,
    },
    read(node, at) {
      if (!isMap(node)) throw at.wrongType(node, 'a map');
      const value: Partial<T> = {};
      const nodes = new Map<keyof T, Node>();
      for (const pair of pairsOf(node, at)) {
        const option = optionOf.get(pair.key);
        if (option === undefined)
          throw unknownKey(pair.key, pair.keyNode, keys, options.nearMisses ?? {}, at);
        const place = at.child(pair.key);
        if (pair.value === null) throw emptyValue(pair.keyNode, place);
        value[option] = fields[option].shape.read(pair.value, place);
        nodes.set(option, pair.value);
      }
      for (const name of missing) {
        if (nodes.has(name)) continue;
        throw at.error(node, `lacks ${snakeCase(name)}.`, {
          code: 'MISSING_KEY',
          suggestion: snakeCase(name),
        });
      }
      options.check?.(value as T, nodes, at, node);
      return value as T;
    },
  };
}

/** A map from names of one form to values of one kind. */
export function record<T>(
  name: { readonly pattern: RegExp; readonly expected: string },
  values: Shape<T>,
  options: { readonly atLeastOne?: boolean; readonly description?: string } = {},
): Shape<Readonly<Record<string, T>>> {
  const { atLeastOne = false, description } = options;
  return {
    schema: {
      ...(description === undefined ? {} : { description }),
      type: 'object',
      propertyNames: { pattern: name.pattern.source },
      additionalProperties: values.schema,
      ...(atLeastOne ? { minProperties: 1 } : {}),
    },
    read(node, at) {
      if (!isMap(node)) throw at.wrongType(node, 'a map');
      const entries = pairsOf(node, at).map(({ key, keyNode, value }): [string, T] => {
        if (!name.pattern.test(key)) {
          throw at.error(
            keyNode,
            `has the name ${JSON.stringify(key.slice(0, 80))}, but a name must be ${name.expected}.`,
          );
        }
        const place = at.child(key);
        if (value === null) throw emptyValue(keyNode, place);
        return [key, values.read(value, place)];
      });
      if (atLeastOne && entries.length === 0) throw at.error(node, 'is empty. Name at least one.');
      return Object.fromEntries(entries);
    },
  };
}

/** A list of values of one kind. */
export function list<T>(
  values: Shape<T>,
  options: { readonly atLeastOne?: boolean } = {},
): Shape<readonly T[]> {
  const { atLeastOne = false } = options;
  const schema: JsonSchema = { type: 'array', items: values.schema, ...(atLeastOne ? { minItems: 1 } : {}) };
  return {
    schema,
    read(node, at) {
      if (!isSeq(node)) throw at.wrongType(node, 'a list, such as [a, b]');
      if (atLeastOne && node.items.length === 0) throw at.error(node, 'is an empty list. Name at least one.');
      return node.items.map((item, index) => {
        const place = at.element(index);
        const value = at.source.resolve(item as Node | null);
        if (value === null || (isScalar(value) && value.value === null))
          throw emptyValue(value ?? node, place);
        return values.read(value, place);
      });
    },
  };
}

/** Whichever of the two kinds the value has: a map, or text. */
export function mapOrText<M, S>(map: Shape<M>, plain: Shape<S>): Shape<M | S> {
  return {
    schema: { anyOf: [map.schema, plain.schema] },
    read: (node, at) => (isMap(node) ? map.read(node, at) : plain.read(node, at)),
  };
}
