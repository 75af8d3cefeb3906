/** Owns the search for the end of one JSON value, over as many chunks as it takes. */

/** The deepest nesting of objects and arrays that firn reads. */
export const NESTING_LIMIT = 512;

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** What `advance` gives while the value goes on in the next chunk. */
export const UNFINISHED = -1;
/** What `advance` gives when the value is nested too deep. */
export const TOO_DEEP = -2;

const IN_STRING = -3;
const AFTER_BACKSLASH = -4;

/**
 * Finds the end of a JSON value without checking its grammar: brackets are counted, strings are skipped. Each byte
 * is looked at once; where a chunk ends, the scanner keeps its state.
 *
 * Where the value is valid JSON, the end is right; where it is not, `JSON.parse` of what was cut out fails.
 */
export class ValueScanner {
  readonly #limit: number;
  #shape: 'composite' | 'string' | 'literal' = 'literal';
  #depth = 0;
  /** How the last chunk left a string: 0 for not at all, `IN_STRING` or `AFTER_BACKSLASH`. */
  #open = 0;
  #scanned = 0;

  /** @param limit the deepest nesting that is not `TOO_DEEP`. */
  constructor(limit: number = NESTING_LIMIT) {
    this.#limit = limit;
  }

  /** Bytes looked at since the scanner was made. */
  get scanned(): number {
    return this.#scanned;
  }

  /** Begins with a value whose first byte is this one. */
  start(first: number | undefined): void {
    this.#depth = 0;
    this.#open = 0;
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) this.#shape = 'composite';
    else this.#shape = first === QUOTE ? 'string' : 'literal';
  }

  /** Scans `chunk` from `from`: the index behind the value, `UNFINISHED` or `TOO_DEEP`. */
  advance(chunk: Uint8Array, from: number): number {
    const end = this.#end(chunk, from);
    this.#scanned += (end < 0 ? chunk.length : end) - from;
    return end;
  }

  #end(chunk: Uint8Array, from: number): number {
    if (this.#shape === 'composite') return this.#skipComposite(chunk, from);
    if (this.#shape === 'literal') return this.#skipLiteral(chunk, from);
    const at = this.#open === 0 ? stringEnd(chunk, from + 1) : this.#resumeString(chunk, from);
    if (at >= 0) return at;
    this.#open = at;
    return UNFINISHED;
  }

  #skipComposite(chunk: Uint8Array, from: number): number {
    let at = this.#open === 0 ? from : this.#resumeString(chunk, from);
    let depth = this.#depth;
    const end = chunk.length;
    const limit = this.#limit;
    while (at >= 0 && at < end) {
      const byte = chunk[at++];
      if (byte === QUOTE) {
        at = stringEnd(chunk, at);
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (++depth > limit) return TOO_DEEP;
      } else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) {
        return at;
      }
    }
    this.#depth = depth;
    this.#open = Math.min(at, 0);
    return UNFINISHED;
  }

  #resumeString(chunk: Uint8Array, from: number): number {
    return stringEnd(chunk, this.#open === AFTER_BACKSLASH ? from + 1 : from);
  }

  #skipLiteral(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte)) return at;
    }
    return UNFINISHED;
  }
}

/** The index behind the closing quote of a string, or how the chunk leaves it: `IN_STRING`, `AFTER_BACKSLASH`. */
function stringEnd(chunk: Uint8Array, from: number): number {
  const end = chunk.length;
  let at = from;
  while (at < end) {
    const byte = chunk[at++];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH && at++ === end) return AFTER_BACKSLASH;
  }
  return IN_STRING;
}

/** Whether the byte is JSON white space. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether the JSON text nests objects and arrays deeper than `limit`. */
export function isTooDeep(bytes: Uint8Array, limit: number = NESTING_LIMIT): boolean {
  if (bytes.length < 2 * limit) return false;
  let from = 0;
  while (isSpace(bytes[from])) from++;
  const scanner = new ValueScanner(limit);
  scanner.start(bytes[from]);
  return scanner.advance(bytes, from) === TOO_DEEP;
}
