/** Owns the sharing of strings that come again and again: namespaces, label values. */

const SLOTS = 4096;
/** Longer strings are rarely equal. */
const LONGEST = 64;

/** Gives the same string for the same ASCII bytes, mostly without making it anew. Its size is fixed. */
export class StringInterner {
  readonly #strings: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined);

  /** The text of ASCII bytes. */
  take(bytes: Buffer, start: number, end: number): string {
    if (end - start > LONGEST) return bytes.toString('latin1', start, end);
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const known = this.#strings[slot];
    if (known !== undefined && isText(known, bytes, start, end)) return known;
    const text = bytes.toString('latin1', start, end);
    this.#strings[slot] = text;
    return text;
  }
}

function isText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
