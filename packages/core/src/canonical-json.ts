/** Owns the canonical form of JSON (RFC 8785): one text for one value, in any language. */
import { FirnError } from './errors.ts';

function notJson(value: unknown): FirnError {
  return new FirnError(
    `A value of type ${typeof value} has no canonical JSON. Pass plain JSON values only.`,
    { code: 'NOT_JSON' },
  );
}

function writeArray(array: readonly unknown[]): string {
  let text = '[';
  for (let at = 0; at < array.length; at += 1) {
    if (at > 0) text += ',';
    text += canonicalJson(array[at]);
  }
  return `${text}]`;
}

function writeObject(object: Readonly<Record<string, unknown>>): string {
  let text = '{';
  // Without a comparison function, sort() compares UTF-16 code units, as the RFC wants it.
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(name)}:${canonicalJson(value)}`;
  }
  return `${text}}`;
}

/**
 * Writes a JSON value as RFC 8785 says: names sorted by UTF-16 code units, numbers and strings as ECMAScript writes
 * them, no white space.
 *
 * As in `JSON.stringify`, fields that are `undefined` are left out, lone surrogates are escaped, `-0` is `0`, and
 * numbers that are not finite are `null`.
 *
 * @throws {FirnError} `NOT_JSON` for what JSON cannot express: bigints, functions, symbols.
 * @example
 * ```ts
 * canonicalJson({ b: 1, a: [1e21, 'ö'] }) // '{"a":[1e+21,"ö"],"b":1}'
 * ```
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  // A server may write 1e400, which is legal and reads as Infinity: one such number must not cost the whole digest.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value !== 'object') throw notJson(value);
  return Array.isArray(value) ? writeArray(value) : writeObject(value as Record<string, unknown>);
}
