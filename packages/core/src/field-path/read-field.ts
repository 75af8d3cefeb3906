/** Owns reading the values that a field path names; only own data counts, never what a prototype has. */
import type { FieldPath, FieldPathSegment } from './field-path.ts';

function step(segment: FieldPathSegment, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (segment.kind === 'field')
    return !Array.isArray(value) && Object.hasOwn(value, segment.name)
      ? (value as Record<string, unknown>)[segment.name]
      : undefined;
  return segment.kind === 'index' && Array.isArray(value) ? value[segment.index] : undefined;
}

/**
 * Reads the one value of a path without `[*]`; `undefined` where there is none.
 *
 * @example
 * ```ts
 * readOne(parseFieldPath('spec.rules[0].host'), ingress) // 'shop.example'
 * ```
 */
export function readOne(path: FieldPath, object: unknown): unknown {
  let value = object;
  for (const segment of path.segments) {
    value = step(segment, value);
    if (value === undefined) return undefined;
  }
  return value;
}

function collect(
  segments: readonly FieldPathSegment[],
  from: number,
  object: unknown,
  into: unknown[],
): void {
  let value = object;
  for (let at = from; at < segments.length; at += 1) {
    const segment = segments[at] as FieldPathSegment;
    if (segment.kind === 'each') {
      if (!Array.isArray(value)) return;
      for (const element of value) collect(segments, at + 1, element, into);
      return;
    }
    value = step(segment, value);
    if (value === undefined) return;
  }
  if (value !== undefined) into.push(value);
}

/**
 * Reads all values of a path, `[*]` being every element of an array; elements without a value are passed over.
 *
 * @example
 * ```ts
 * readEach(parseFieldPath('spec.rules[*].host'), ingress) // ['shop.example', 'www.shop.example']
 * ```
 */
export function readEach(path: FieldPath, object: unknown): unknown[] {
  const values: unknown[] = [];
  collect(path.segments, 0, object, values);
  return values;
}
