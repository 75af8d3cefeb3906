/** Owns what a parsed field path is and how it is written. */

/** One step of a field path: a field of an object, one element of an array, or every element. */
export type FieldPathSegment =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' };

/** A parsed field path. */
export interface FieldPath {
  /** As it was written. */
  readonly expression: string;
  readonly segments: readonly FieldPathSegment[];
}

/** What a field's name may consist of outside of quotes. */
const PLAIN_NAME: RegExp = /^[\p{L}\p{N}_$-]+$/u;
/** Would be read as an element's number by many; has to be written as `[0]` or `['0']`. */
export const ONLY_DIGITS: RegExp = /^\d+$/;

/** Whether a UTF-16 code unit has no visible form: C0, DEL, C1 and the two Unicode line ends. */
export function isControlCode(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
}

function quoted(name: string): string {
  let text = '';
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    const char = name.charAt(at);
    if (isControlCode(code)) text += `\\u${code.toString(16).padStart(4, '0')}`;
    else text += char === "'" || char === '\\' ? `\\${char}` : char;
  }
  return `['${text}']`;
}

/**
 * Writes segments as a field path that parses to the same segments, whatever the names contain.
 *
 * @example
 * ```ts
 * formatFieldPath([{ kind: 'field', name: 'metadata' }, { kind: 'field', name: 'a.b/c' }]) // "metadata['a.b/c']"
 * ```
 */
export function formatFieldPath(segments: readonly FieldPathSegment[]): string {
  let text = '';
  for (const segment of segments) {
    if (segment.kind === 'each') text += '[*]';
    else if (segment.kind === 'index') text += `[${segment.index}]`;
    else if (!PLAIN_NAME.test(segment.name) || ONLY_DIGITS.test(segment.name) || segment.name === '$')
      text += quoted(segment.name);
    else text += text === '' ? segment.name : `.${segment.name}`;
  }
  return text;
}
