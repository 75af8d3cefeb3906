/** Owns the strict reading of JSON bytes: where a value ends, and whether it is JSON at all. */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const SPACE = 0x20;

/** What is given instead of an index where the bytes are no JSON, end too early, or nest too deep. */
export const INVALID = -1;

/** The deepest nesting that any caller may allow. */
const DEEPEST = 512;

/** What may come next within a value. */
const VALUE = 0;
const KEY = 1;
const BEHIND = 2;

/** `b f n r t " \ /`: what may follow a backslash, but for `u`. */
const ESCAPES: Uint8Array = new Uint8Array(256);
for (const char of 'bfnrt"\\/') ESCAPES[char.charCodeAt(0)] = 1;

function bytesOf(word: string): readonly number[] {
  return Array.from(word, (char) => char.charCodeAt(0));
}
const TRUE = bytesOf('true');
const FALSE = bytesOf('false');
const NULL = bytesOf('null');

/** Whether a byte up to the backslash stands for itself in a string. */
function isPlain(byte: number): boolean {
  return byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

/**
 * Reads JSON by the letter of RFC 8259, without building anything and without recursion. UTF-8 is left to be checked:
 * whether there is anything but ASCII is noted.
 *
 * Every method takes the index of a first byte and gives the index behind what it read, or `INVALID`.
 */
export class JsonScanner {
  /** The bytes under the scanner. */
  protected bytes: Uint8Array = new Uint8Array(0);
  /** Where they end. */
  protected end = 0;
  /** The deepest nesting that is still valid. */
  protected maxDepth: number = DEEPEST;
  /** Whether bytes beyond ASCII have been seen. */
  protected beyondAscii = false;
  /** Whether the string read last contains an escape or a byte beyond ASCII. */
  protected unusual = false;
  /** For each level: 1 in an object, 0 in an array. */
  readonly #levels: Uint8Array = new Uint8Array(DEEPEST + 1);

  /** The byte at an index; 0, which is nowhere valid, at the end. */
  protected byte(at: number): number {
    return at < this.end ? (this.bytes[at] as number) : 0;
  }

  /** Skips white space. The index may be that of the end. */
  protected space(from: number): number {
    const { bytes, end } = this;
    let at = from;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
      at++;
    }
    return at;
  }

  /** Reads a string, from its opening quote. */
  protected string(from: number): number {
    const { bytes, end } = this;
    let at = from + 1;
    let byte = 0;
    // Letters come first: of all ways to write this loop, the fastest that was measured.
    for (; at < end; at++) {
      byte = bytes[at] as number;
      if (byte > BACKSLASH ? byte > 0x7f : !isPlain(byte)) break;
    }
    this.unusual = byte !== QUOTE;
    if (at >= end) return INVALID;
    return byte === QUOTE ? at + 1 : this.#unusualString(at);
  }

  /** Goes on within a string, at something other than plain ASCII. */
  #unusualString(from: number): number {
    const { bytes, end } = this;
    let at = from;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte > BACKSLASH ? byte < 0x80 : isPlain(byte)) at++;
      else if (byte === QUOTE) return at + 1;
      else if (byte === BACKSLASH) {
        if (at + 1 < end && ESCAPES[bytes[at + 1] as number] === 1) at += 2;
        else if (this.#isUnicodeEscape(at)) at += 6;
        else return INVALID;
      } else if (byte > 0x7f) {
        this.beyondAscii = true;
        at++;
      } else return INVALID;
    }
    return INVALID;
  }

  /** Reads a value that begins here; `depth` is the number of objects and arrays around it. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop without calls; in pieces it takes a third longer, and every byte of every object goes through here.
  protected value(from: number, depth: number): number {
    const { bytes, end, maxDepth } = this;
    const levels = this.#levels;
    let at = from;
    let level = depth;
    let awaited = VALUE;
    while (at < end) {
      let byte = bytes[at] as number;
      if (byte === QUOTE) {
        if (awaited === BEHIND) return INVALID;
        at++;
        for (; at < end; at++) {
          byte = bytes[at] as number;
          if (byte > BACKSLASH ? byte > 0x7f : !isPlain(byte)) break;
        }
        at = at < end && byte === QUOTE ? at + 1 : this.#unusualString(at);
        if (at === INVALID) return INVALID;
        if (awaited === KEY) {
          at = bytes[at] === COLON ? at + 1 : this.colon(at);
          if (at === INVALID) return INVALID;
          awaited = VALUE;
          continue;
        }
      } else if (byte <= SPACE) {
        at = this.space(at);
        if (at < end && (bytes[at] as number) <= SPACE) return INVALID;
        continue;
      } else if (awaited === BEHIND) {
        const inObject = levels[level - 1] === 1;
        at++;
        if (byte === COMMA) {
          awaited = inObject ? KEY : VALUE;
          continue;
        }
        if (byte !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return INVALID;
        level--;
      } else if (awaited === KEY) return INVALID;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (level >= maxDepth) return INVALID;
        at = this.space(at + 1);
        if (at >= end) return INVALID;
        const isObject = byte === OPEN_OBJECT;
        if (bytes[at] !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          levels[level++] = isObject ? 1 : 0;
          awaited = isObject ? KEY : VALUE;
          continue;
        }
        at++;
      } else {
        at = this.#scalar(at, byte);
        if (at === INVALID) return INVALID;
      }
      if (level === depth) return at;
      awaited = BEHIND;
    }
    return INVALID;
  }

  /** Reads a colon, up to the value. */
  protected colon(from: number): number {
    const at = this.#next(from);
    return at === INVALID || this.bytes[at] !== COLON ? INVALID : this.#next(at + 1);
  }

  /** The next byte that is no white space; `INVALID` if there is none. */
  #next(from: number): number {
    if (from >= this.end) return INVALID;
    if ((this.bytes[from] as number) > SPACE) return from;
    const at = this.space(from);
    return at < this.end ? at : INVALID;
  }

  #isUnicodeEscape(from: number): boolean {
    const { bytes } = this;
    if (from + 6 > this.end || bytes[from + 1] !== 0x75) return false;
    for (let at = from + 2; at < from + 6; at++) if (!isHex(bytes[at] as number)) return false;
    return true;
  }

  #scalar(from: number, first: number): number {
    if (first === MINUS || isDigit(first)) return this.#number(from);
    if (first === 0x74) return this.#word(from, TRUE);
    if (first === 0x66) return this.#word(from, FALSE);
    if (first === 0x6e) return this.#word(from, NULL);
    return INVALID;
  }

  #word(from: number, word: readonly number[]): number {
    const behind = from + word.length;
    if (behind > this.end) return INVALID;
    for (let i = 0; i < word.length; i++) if (this.bytes[from + i] !== word[i]) return INVALID;
    return behind;
  }

  #number(from: number): number {
    const { bytes, end } = this;
    let at = from;
    if (bytes[at] === MINUS) at++;
    if (at < end && bytes[at] === ZERO) at++;
    else {
      at = this.#digits(at);
      if (at === INVALID) return INVALID;
    }
    if (at < end && bytes[at] === POINT) {
      at = this.#digits(at + 1);
      if (at === INVALID) return INVALID;
    }
    if (at < end && ((bytes[at] as number) | 0x20) === 0x65) {
      at++;
      if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) at++;
      at = this.#digits(at);
    }
    return at;
  }

  /** Reads one digit or more. */
  #digits(from: number): number {
    const { bytes, end } = this;
    let at = from;
    while (at < end && isDigit(bytes[at] as number)) at++;
    return at === from ? INVALID : at;
  }
}
