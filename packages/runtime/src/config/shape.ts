/** Owns the description of one value of a configuration: how it is read, and its JSON Schema. */

import type { ConfigError } from '@firn/core';
import { isScalar, type Node } from 'yaml';
import { type ConfigErrorDetails, describeNode } from './yaml-source.ts';

/** A JSON Schema (draft 7), as far as this file format needs one. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** What values are read from: a text, or options given in code. */
export interface ShapeSource {
  /** Whether somebody wrote it as YAML, where quotes make the difference. */
  readonly isText: boolean;
  /** The node that an alias stands for; any other node as it is, `null` for an empty value. */
  resolve(node: Node | null): Node | null;
  error(node: Node, message: string, details: ConfigErrorDetails, within?: number): ConfigError;
}

/** Where a value stands: in which text, and under which path of keys. */
export class Place {
  readonly source: ShapeSource;
  readonly path: string;

  constructor(source: ShapeSource, path: string) {
    this.source = source;
    this.path = path;
  }

  child(key: string): Place {
    return new Place(this.source, this.path === '' ? key : `${this.path}.${key}`);
  }

  element(index: number): Place {
    return new Place(this.source, `${this.path}[${index}]`);
  }

  /** `INVALID_VALUE` unless said otherwise; the message begins with the path. */
  error(
    node: Node,
    message: string,
    details: Partial<ConfigErrorDetails> & { readonly within?: number } = {},
  ): ConfigError {
    const { within, ...rest } = details;
    const subject = this.path === '' ? 'the file' : this.path;
    return this.source.error(node, `${subject} ${message}`, { code: 'INVALID_VALUE', ...rest }, within);
  }

  wrongType(node: Node, expected: string): ConfigError {
    return this.error(node, `is ${describeNode(node)}, but must be ${expected}.`, { code: 'WRONG_TYPE' });
  }
}

/** One kind of value. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /**
   * Reads a value; aliases are already resolved.
   *
   * @throws {ConfigError} with line and column when the value does not fit.
   */
  read(node: Node, at: Place): T;
}

/** The same values, with keywords of JSON Schema added. */
export function described<T>(shape: Shape<T>, keywords: Readonly<Record<string, unknown>>): Shape<T> {
  if (typeof shape.schema === 'boolean') return shape;
  return { ...shape, schema: { ...shape.schema, ...keywords } };
}

/** Text; a `pattern` says what is allowed, `expected` says it in words. */
export function text(
  expected: string,
  rule: { readonly pattern?: RegExp; readonly maxLength?: number } = {},
): Shape<string> {
  const { pattern, maxLength = 1024 } = rule;
  return {
    schema: { type: 'string', maxLength, ...(pattern === undefined ? {} : { pattern: pattern.source }) },
    read(node, at) {
      if (!isScalar(node) || typeof node.value !== 'string') {
        const quote = at.source.isText && isScalar(node) && node.value !== null ? ' Put it in quotes.' : '';
        throw at.error(node, `is ${describeNode(node)}, but must be ${expected}.${quote}`, {
          code: 'WRONG_TYPE',
        });
      }
      if (node.value.length > maxLength) throw at.error(node, `is longer than ${maxLength} characters.`);
      if (pattern !== undefined && !pattern.test(node.value)) {
        throw at.error(node, `must be ${expected}, but is ${JSON.stringify(node.value.slice(0, 80))}.`);
      }
      return node.value;
    },
  };
}

/** One of a few words; `nearMisses` maps other spellings, in lower case and letters only, to the right one. */
export function choice<const T extends string>(
  values: readonly T[],
  nearMisses: Readonly<Record<string, T>> = {},
): Shape<T> {
  const expected = values.join(' or ');
  return {
    schema: { enum: values },
    read(node, at) {
      if (!isScalar(node) || typeof node.value !== 'string') throw at.wrongType(node, expected);
      const written = node.value;
      const found = values.find((value) => value === written);
      if (found !== undefined) return found;
      const letters = (word: string): string => word.toLowerCase().replace(/[^a-z]/g, '');
      const same = letters(written);
      const suggestion =
        values.find((value) => letters(value) === same) ??
        (Object.hasOwn(nearMisses, same) ? nearMisses[same] : undefined);
      const guess = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
      throw at.error(node, `must be ${expected}, but is ${JSON.stringify(written.slice(0, 80))}.${guess}`, {
        suggestion,
      });
    },
  };
}

/** `true` or `false`. */
export const flag: Shape<boolean> = {
  schema: { type: 'boolean' },
  read(node, at) {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    throw at.wrongType(node, 'true or false');
  },
};

/** A number of at least `minimum`. */
export function number(minimum: number, options: { readonly integer?: boolean } = {}): Shape<number> {
  const integer = options.integer ?? false;
  const expected = `a ${integer ? 'whole ' : ''}number of ${minimum} or more`;
  return {
    schema: integer
      ? { type: 'integer', minimum, maximum: Number.MAX_SAFE_INTEGER }
      : { type: 'number', minimum },
    read(node, at) {
      if (!isScalar(node) || typeof node.value !== 'number') throw at.wrongType(node, expected);
      const { value } = node;
      const fits = integer ? Number.isSafeInteger(value) : Number.isFinite(value);
      if (!fits || value < minimum) throw at.error(node, `must be ${expected}, but is ${value}.`);
      return value;
    },
  };
}
