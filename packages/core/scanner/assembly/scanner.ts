/**
 * Owns the one pass over the bytes of an object: checks them by the letter of RFC 8259, finds values, and leaves out
 * what is to be left out. AssemblyScript; `pnpm build:scanner` compiles it into `src/packed/scanner-code.ts`.
 *
 * All numbers are addresses in the memory of the module. Where they stand is agreed with `src/packed/scanner.ts`:
 * results first, then the plan, the bytes to scan, and the room for what is kept. Behind the bytes to scan stands a
 * zero, which is valid nowhere: so nothing has to be compared with an end.
 */

const INVALID: i32 = -1;

/** A byte for each level of nesting: 1 in an object, 0 in an array. */
const LEVELS: i32 = 0x400;
/** Room for a name without its escapes. */
const NAME: i32 = 0x800;
const LONGEST_NAME: i32 = 0x800;
const KEPT_LENGTH: i32 = 0x1000;
const BEYOND_ASCII: i32 = 0x1004;
const NUM_CUTS: i32 = 0x1008;
const NUM_MANY: i32 = 0x100c;
/** Start and end of each slot that takes one value; the start is 0 while there is none. */
const SLOTS: i32 = 0x1040;
/** Start and end of each part to leave out, in order, commas included. */
const CUTS: i32 = 0x2000;
/** Slot, start and end of each value of those that take any number. */
const MANY: i32 = 0x6000;
const MOST: i32 = 2000;

/** A node of the plan: whether it is cut, and the number of the object it was seen in last; then counts and lists. */
const CUT: i32 = 0;
const SEEN_IN: i32 = 4;
const NODE_SLOTS: i32 = 8;
const NUM_NODE_SLOTS: i32 = 12;
const FIELDS: i32 = 16;
const NUM_FIELDS: i32 = 20;
const EACH: i32 = 24;
const ELEMENTS: i32 = 28;
const NUM_ELEMENTS: i32 = 32;

const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const COLON: i32 = 0x3a;
const OPEN_OBJECT: i32 = 0x7b;
const CLOSE_OBJECT: i32 = 0x7d;
const OPEN_ARRAY: i32 = 0x5b;
const CLOSE_ARRAY: i32 = 0x5d;
const BACKSLASH: i32 = 0x5c;
const MINUS: i32 = 0x2d;
const PLUS: i32 = 0x2b;
const POINT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const SPACE: i32 = 0x20;

let deepest: i32 = 0;
let numObjects: i32 = 0;
/** Whether the string read last contains an escape. */
let escaped: bool = false;

@inline
function byteAt(at: i32): i32 {
  return load<u8>(at);
}

@inline
function wordAt(at: i32): i32 {
  return load<i32>(at);
}

@inline
function space(from: i32): i32 {
  return byteAt(from) > SPACE ? from : skipSpace(from);
}

function skipSpace(from: i32): i32 {
  let at = from;
  while (true) {
    const byte = byteAt(at);
    if (byte != SPACE && byte != 0x0a && byte != 0x0d && byte != 0x09) return at;
    at++;
  }
}

@inline
function isDigit(byte: i32): bool {
  return <u32>(byte - ZERO) < 10;
}

function isHex(byte: i32): bool {
  return isDigit(byte) || <u32>((byte | 0x20) - 0x61) < 6;
}

/** Reads an escape, from its backslash. */
function escape(at: i32): i32 {
  const byte = byteAt(at + 1);
  // b f n r t " \ /
  if (byte == QUOTE || byte == 0x6e || byte == BACKSLASH || byte == 0x2f) return at + 2;
  if (byte == 0x62 || byte == 0x66 || byte == 0x72 || byte == 0x74) return at + 2;
  if (byte != 0x75) return INVALID;
  for (let i = at + 2; i < at + 6; i++) if (!isHex(byteAt(i))) return INVALID;
  return at + 6;
}

/** Reads a string, from behind its opening quote: sixteen bytes at a time up to one that is not plain. */
function stringEnd(from: i32): i32 {
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
    if (stops == 0) {
      at += 16;
      continue;
    }
    at += ctz(stops);
    const byte = byteAt(at);
    if (byte == QUOTE) return at + 1;
    if (byte == BACKSLASH) {
      escaped = true;
      at = escape(at);
      if (at == INVALID) return INVALID;
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
  return at == from ? INVALID : at;
}

function number(from: i32): i32 {
  let at = from;
  if (byteAt(at) == MINUS) at++;
  if (byteAt(at) == ZERO) at++;
  else {
    at = digits(at);
    if (at == INVALID) return INVALID;
  }
  if (byteAt(at) == POINT) {
    at = digits(at + 1);
    if (at == INVALID) return INVALID;
  }
  if ((byteAt(at) | 0x20) == 0x65) {
    at++;
    const sign = byteAt(at);
    if (sign == PLUS || sign == MINUS) at++;
    at = digits(at);
  }
  return at;
}

/** Reads a number, or true, false or null. */
function scalar(at: i32): i32 {
  const first = byteAt(at);
  if (first == MINUS || isDigit(first)) return number(at);
  const word = wordAt(at);
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4;
  if (word == 0x736c6166 && byteAt(at + 4) == 0x65) return at + 5;
  return INVALID;
}

/** Reads a name and its colon, up to the value. */
@inline
function key(from: i32): i32 {
  if (byteAt(from) != QUOTE) return INVALID;
  const behind = stringEnd(from + 1);
  return behind == INVALID ? INVALID : colon(behind);
}

@inline
function colon(from: i32): i32 {
  const at = space(from);
  return byteAt(at) == COLON ? space(at + 1) : INVALID;
}

/** Reads a value that begins here, without recursion; `depth` is the number of objects and arrays around it. */
function value(from: i32, depth: i32): i32 {
  let at = from;
  let level = depth;
  while (true) {
    const byte = byteAt(at);
    if (byte == QUOTE) {
      at = stringEnd(at + 1);
      if (at == INVALID) return INVALID;
    } else if (byte == OPEN_OBJECT) {
      if (level >= deepest) return INVALID;
      at = space(at + 1);
      if (byteAt(at) != CLOSE_OBJECT) {
        at = key(at);
        if (at == INVALID) return INVALID;
        store<u8>(LEVELS + level, 1);
        level++;
        continue;
      }
      at++;
    } else if (byte == OPEN_ARRAY) {
      if (level >= deepest) return INVALID;
      at = space(at + 1);
      if (byteAt(at) != CLOSE_ARRAY) {
        store<u8>(LEVELS + level, 0);
        level++;
        continue;
      }
      at++;
    } else {
      at = scalar(at);
      if (at == INVALID) return INVALID;
    }
    while (true) {
      if (level == depth) return at;
      at = space(at);
      const next = byteAt(at);
      const inObject = byteAt(LEVELS + level - 1) == 1;
      at++;
      if (next == COMMA) {
        at = space(at);
        if (inObject) {
          at = key(at);
          if (at == INVALID) return INVALID;
        }
        break;
      }
      if (next != (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return INVALID;
      level--;
    }
  }
}

/** Notes a value in the slots of its node; says no when there are too many. */
function note(node: i32, start: i32, end: i32): bool {
  const count = wordAt(node + NUM_NODE_SLOTS);
  const slots = wordAt(node + NODE_SLOTS);
  for (let i = 0; i < count; i++) {
    const slot = wordAt(slots + 4 * i);
    if (slot < 0) {
      const many = wordAt(NUM_MANY);
      if (many >= MOST) return false;
      const at = MANY + 12 * many;
      store<i32>(at, ~slot);
      store<i32>(at + 4, start);
      store<i32>(at + 8, end);
      store<i32>(NUM_MANY, many + 1);
    } else {
      store<i32>(SLOTS + 8 * slot, start);
      store<i32>(SLOTS + 8 * slot + 4, end);
    }
  }
  return true;
}

/** Reads a value of which the plan says this. */
function planned(node: i32, from: i32, depth: i32): i32 {
  const first = byteAt(from);
  let end: i32;
  if (wordAt(node + CUT) != 0) end = value(from, depth);
  else if (first == OPEN_OBJECT && wordAt(node + NUM_FIELDS) != 0) end = object(node, from, depth);
  else if (first == OPEN_ARRAY && (wordAt(node + EACH) | wordAt(node + NUM_ELEMENTS)) != 0) {
    end = array(node, from, depth);
  } else end = value(from, depth);
  if (end == INVALID || !note(node, from, end)) return INVALID;
  return end;
}

function hexValue(byte: i32): i32 {
  return isDigit(byte) ? byte - ZERO : (byte | 0x20) - 0x61 + 10;
}

/** What a letter means behind a backslash. */
function meaning(letter: i32): i32 {
  if (letter == 0x62) return 0x08;
  if (letter == 0x66) return 0x0c;
  if (letter == 0x6e) return 0x0a;
  if (letter == 0x72) return 0x0d;
  if (letter == 0x74) return 0x09;
  return letter;
}

/**
 * Writes a name without its escapes; gives its length. One that escapes more than ASCII, or is very long, may be any
 * name: that is for a parser to say.
 */
function unescape(from: i32, length: i32): i32 {
  if (length > LONGEST_NAME) return INVALID;
  const end = from + length;
  let out = NAME;
  for (let at = from; at < end; out++) {
    let byte = byteAt(at++);
    if (byte == BACKSLASH) {
      byte = byteAt(at++);
      if (byte != 0x75) byte = meaning(byte);
      else {
        byte = 0;
        for (let i = 0; i < 4; i++) byte = (byte << 4) | hexValue(byteAt(at++));
        if (byte > 0x7f) return INVALID;
      }
    }
    store<u8>(out, byte);
  }
  return out - NAME;
}

/** What the plan says of the field with this name; 0 for nothing. */
function fieldOf(node: i32, name: i32, length: i32): i32 {
  const count = wordAt(node + NUM_FIELDS);
  let field = wordAt(node + FIELDS);
  for (let i = 0; i < count; i++, field += 12) {
    if (wordAt(field + 4) == length && memory.compare(wordAt(field), name, length) == 0) return wordAt(field + 8);
  }
  return 0;
}

function object(node: i32, from: i32, depth: i32): i32 {
  if (depth >= deepest) return INVALID;
  const number = ++numObjects;
  let at = space(from + 1);
  if (byteAt(at) == CLOSE_OBJECT) return at + 1;
  while (true) {
    const start = at;
    if (byteAt(at) != QUOTE) return INVALID;
    escaped = false;
    const behind = stringEnd(at + 1);
    if (behind == INVALID) return INVALID;
    at = colon(behind);
    if (at == INVALID) return INVALID;
    let name = start + 1;
    let length = behind - start - 2;
    if (escaped && wordAt(node + NUM_FIELDS) != 0) {
      length = unescape(name, length);
      if (length == INVALID) return INVALID;
      name = NAME;
    }
    const field = fieldOf(node, name, length);
    let cut = false;
    if (field == 0) at = value(at, depth + 1);
    else {
      if (wordAt(field + SEEN_IN) == number) return INVALID;
      store<i32>(field + SEEN_IN, number);
      cut = wordAt(field + CUT) != 0;
      at = planned(field, at, depth + 1);
    }
    if (at == INVALID) return INVALID;
    const end = at;
    at = space(at);
    const next = byteAt(at);
    if (cut && !leaveOut(start, end, at, next)) return INVALID;
    if (next == CLOSE_OBJECT) return at + 1;
    if (next != COMMA) return INVALID;
    at = space(at + 1);
  }
}

/** What the plan says of the element with this index; 0 for nothing. */
function elementOf(node: i32, index: i32): i32 {
  const count = wordAt(node + NUM_ELEMENTS);
  let element = wordAt(node + ELEMENTS);
  for (let i = 0; i < count; i++, element += 8) if (wordAt(element) == index) return wordAt(element + 4);
  return wordAt(node + EACH);
}

function array(node: i32, from: i32, depth: i32): i32 {
  if (depth >= deepest) return INVALID;
  let at = space(from + 1);
  if (byteAt(at) == CLOSE_ARRAY) return at + 1;
  let index = 0;
  while (true) {
    const start = at;
    const element = elementOf(node, index++);
    at = element == 0 ? value(at, depth + 1) : planned(element, at, depth + 1);
    if (at == INVALID) return INVALID;
    const end = at;
    at = space(at);
    const next = byteAt(at);
    if (element != 0 && wordAt(element + CUT) != 0 && !leaveOut(start, end, at, next)) return INVALID;
    if (next == CLOSE_ARRAY) return at + 1;
    if (next != COMMA) return INVALID;
    at = space(at + 1);
  }
}

@inline
function isSpace(byte: i32): bool {
  return byte == SPACE || byte == 0x0a || byte == 0x0d || byte == 0x09;
}

/** Notes a member to leave out, with the comma behind it, or before it if it is the last one. */
function leaveOut(start: i32, end: i32, nextAt: i32, next: i32): bool {
  let count = wordAt(NUM_CUTS);
  if (count >= MOST) return false;
  let from = start;
  let to = end;
  if (next == COMMA) to = nextAt + 1;
  else {
    while (true) {
      while (isSpace(byteAt(from - 1))) from--;
      if (count == 0 || wordAt(CUTS + 8 * (count - 1) + 4) != from) break;
      count--;
      from = wordAt(CUTS + 8 * count);
    }
    if (byteAt(from - 1) == COMMA) from--;
  }
  store<i32>(CUTS + 8 * count, from);
  store<i32>(CUTS + 8 * count + 4, to);
  store<i32>(NUM_CUTS, count + 1);
  return true;
}

/** Copies the object to `to`, without what is left out. */
function keep(from: i32, end: i32, to: i32): void {
  const count = wordAt(NUM_CUTS);
  let at = from;
  let out = to;
  for (let i = 0; i <= count; i++) {
    const stop = i == count ? end : wordAt(CUTS + 8 * i);
    if (stop > at) {
      memory.copy(out, at, stop - at);
      out += stop - at;
    }
    if (i < count) at = wordAt(CUTS + 8 * i + 4);
  }
  store<i32>(KEPT_LENGTH, out - to);
}

/**
 * Scans the object that begins at `from`: the address behind it, or -1 where it is no object, unfinished, or unusual.
 * What is kept of it is copied to `to`, unless that is 0.
 */
export function scan(root: i32, numSlots: i32, from: i32, to: i32, maxDepth: i32): i32 {
  deepest = maxDepth;
  store<i32>(BEYOND_ASCII, 0);
  store<i32>(NUM_CUTS, 0);
  store<i32>(NUM_MANY, 0);
  for (let slot = 0; slot < numSlots; slot++) store<i32>(SLOTS + 8 * slot, 0);
  if (byteAt(from) != OPEN_OBJECT) return INVALID;
  const end = object(root, from, 0);
  if (end != INVALID && to != 0) keep(from, end, to);
  return end;
}
