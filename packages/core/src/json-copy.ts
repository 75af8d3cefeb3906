/** Owns the copy of what a caller hands in, so that the caller's object is never touched. */

import { freeze } from 'immer';

/** Deepest nesting of objects and arrays that may enter a store. */
export const MAX_NESTING = 512;

/** Whether JSON text nests objects and arrays deeper than `MAX_NESTING`. */
function isTooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_NESTING) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

/**
 * Copies a value as JSON would: a Date becomes a string, a class instance a plain object, `undefined` is left out,
 * and a key `__proto__` stays data.
 *
 * @throws {TypeError} for what JSON has no form for (cycles, bigint, a bare function); `RangeError` beyond 512 levels.
 */
export function copyAsJson(value: unknown): unknown {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError('it has no JSON form');
  if (isTooDeep(json)) throw new RangeError(`it is nested deeper than ${MAX_NESTING} levels`);
  return JSON.parse(json);
}

/** A deeply frozen copy of a value, as JSON would copy it. */
export function frozenCopy(value: unknown): unknown {
  return freeze(copyAsJson(value), true);
}
