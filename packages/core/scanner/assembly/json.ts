/**
 * Owns the grammar of JSON by the letter of RFC 8259: where a string or a value ends, and whether it is one at all.
 *
 * All numbers are addresses. Behind the bytes stands a zero, which is valid nowhere: so nothing has to be compared with
 * an end. Every function takes the address of a first byte and gives the one behind what it read, or `INVALID`.
 */

export const INVALID: i32 = -1;

/** A byte for each level of nesting: 1 in an object, 0 in an array. */
const LEVELS: i32 = 0x400;
/** Whether bytes beyond ASCII have been seen; set to 0 by whoever begins. */
export const BEYOND_ASCII: i32 = 0x1004;

export const QUOTE: i32 = 0x22;
export const COMMA: i32 = 0x2c;
export const COLON: i32 = 0x3a;
export const OPEN_OBJECT: i32 = 0x7b;
export const CLOSE_OBJECT: i32 = 0x7d;
export const OPEN_ARRAY: i32 = 0x5b;
export const CLOSE_ARRAY: i32 = 0x5d;
export const BACKSLASH: i32 = 0x5c;
const MINUS: i32 = 0x2d;
const PLUS: i32 = 0x2b;
const POINT: i32 = 0x2e;
export const ZERO: i32 = 0x30;
export const SPACE: i32 = 0x20;

/** The deepest nesting that is still valid. */
let deepest: i32 = 0;
/** Whether a string with an escape was read. */
let escaped: bool = false;

export function setDeepest(depth: i32): void {
  deepest = depth;
}

/** Whether a string with an escape was read since this was asked for last. */
export function takeEscaped(): bool {
  const was = escaped;
  escaped = false;
  return was;
}

/** Whether one more level is too many. */
export function isTooDeep(depth: i32): bool {
  return depth >= deepest;
}

export function byteAt(at: i32): i32 {
  return load<u8>(at);
}

export function wordAt(at: i32): i32 {
  return load<i32>(at);
}

export function space(from: i32): i32 {
  return byteAt(from) > SPACE ? from : skipSpace(from);
}

function skipSpace(from: i32): i32 {
  let at = from;
  while (true) {
    const byte = byteAt(at);
    if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

export function isDigit(byte: i32): bool {
  return <u32>(byte - ZERO) < 10;
}

function isHex(byte: i32): bool {
  return isDigit(byte) || <u32>((byte | 0x20) - 0x61) < 6;
}

/** Reads an escape, from its backslash. */
function escapeEnd(at: i32): i32 {
  const byte = byteAt(at + 1);
  // b f n r t " \ /
  if (byte === QUOTE || byte === 0x6e || byte === BACKSLASH || byte === 0x2f) return at + 2;
  if (byte === 0x62 || byte === 0x66 || byte === 0x72 || byte === 0x74) return at + 2;
  if (byte !== 0x75) return INVALID;
  for (let i = at + 2; i < at + 6; i++) if (!isHex(byteAt(i))) return INVALID;
  return at + 6;
}

/** Reads a string, from behind its opening quote: sixteen bytes at a time up to one that is not plain. */
export function stringEnd(from: i32): i32 {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    // Compared with signs: what is beyond ASCII is negative.
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
        i8x16.lt_s(bytes, i8x16.splat(<i8>SPACE)),
      ),
    );
    if (stops === 0) {
      at += 16;
      continue;
    }
    at += ctz(stops);
    const byte = byteAt(at);
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      escaped = true;
      at = escapeEnd(at);
      if (at === INVALID) return INVALID;
    } else if (byte > 0x7f) {
      store<i32>(BEYOND_ASCII, 1);
      do at++;
      while (byteAt(at) > 0x7f);
    } else return INVALID;
  }
}

/** Reads one digit or more. */
function digits(from: i32): i32 {
  let at = from;
  while (isDigit(byteAt(at))) at++;
  return at === from ? INVALID : at;
}

function number(from: i32): i32 {
  let at = from;
  if (byteAt(at) === MINUS) at++;
  if (byteAt(at) === ZERO) at++;
  else {
    at = digits(at);
    if (at === INVALID) return INVALID;
  }
  if (byteAt(at) === POINT) {
    at = digits(at + 1);
    if (at === INVALID) return INVALID;
  }
  if ((byteAt(at) | 0x20) === 0x65) {
    at++;
    const sign = byteAt(at);
    if (sign === PLUS || sign === MINUS) at++;
    at = digits(at);
  }
  return at;
}

/** Reads a number, or true, false or null. */
function scalar(at: i32): i32 {
  const first = byteAt(at);
  if (first === MINUS || isDigit(first)) return number(at);
  const word = wordAt(at);
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4;
  if (word === 0x736c6166 && byteAt(at + 4) === 0x65) return at + 5;
  return INVALID;
}

/** Reads a name and its colon, up to the value. */
function key(from: i32): i32 {
  if (byteAt(from) !== QUOTE) return INVALID;
  const behind = stringEnd(from + 1);
  return behind === INVALID ? INVALID : colon(behind);
}

export function colon(from: i32): i32 {
  const at = space(from);
  return byteAt(at) === COLON ? space(at + 1) : INVALID;
}

/** Reads a value that begins here, without recursion; `depth` is the number of objects and arrays around it. */
export function value(from: i32, depth: i32): i32 {
  let at = from;
  let level = depth;
  while (true) {
    const byte = byteAt(at);
    if (byte === QUOTE) {
      at = stringEnd(at + 1);
      if (at === INVALID) return INVALID;
    } else if (byte === OPEN_OBJECT) {
      if (level >= deepest) return INVALID;
      at = space(at + 1);
      if (byteAt(at) !== CLOSE_OBJECT) {
        at = key(at);
        if (at === INVALID) return INVALID;
        store<u8>(LEVELS + level, 1);
        level++;
        continue;
      }
      at++;
    } else if (byte === OPEN_ARRAY) {
      if (level >= deepest) return INVALID;
      at = space(at + 1);
      if (byteAt(at) !== CLOSE_ARRAY) {
        store<u8>(LEVELS + level, 0);
        level++;
        continue;
      }
      at++;
    } else {
      at = scalar(at);
      if (at === INVALID) return INVALID;
    }
    while (true) {
      if (level === depth) return at;
      at = space(at);
      const next = byteAt(at);
      const inObject = byteAt(LEVELS + level - 1) === 1;
      at++;
      if (next === COMMA) {
        at = space(at);
        if (inObject) {
          at = key(at);
          if (at === INVALID) return INVALID;
        }
        break;
      }
      if (next !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return INVALID;
      level--;
    }
  }
}
