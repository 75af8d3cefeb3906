/** Owns the order of resource versions (KEP-5504). */

/** Whether this is a number without a leading zero. A loop: this is asked several times for every event. */
function isNumber(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < (i === 0 ? 0x31 : 0x30) || code > 0x39) return false;
  }
  return text !== '';
}

/**
 * Compares two resource versions of one resource type: digits only, by length, then by text, at any size.
 *
 * Gives `undefined` where either is not digits without a leading zero (`'0'` too): fall back to equality then.
 *
 * @example
 * ```ts
 * compareResourceVersions('999', '1000') // -1
 * compareResourceVersions('7', 'abc')    // undefined
 * ```
 */
export function compareResourceVersions(a: string, b: string): -1 | 0 | 1 | undefined {
  if (typeof a !== 'string' || typeof b !== 'string' || !isNumber(a) || !isNumber(b)) return undefined;
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
