/**
 * Owns the one pass over the bytes of an object: checks them, finds values, and leaves out what is to be left out.
 */

import {
  BACKSLASH,
  BEYOND_ASCII,
  byteAt,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  colon,
  INVALID,
  isDigit,
  isTooDeep,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  setDeepest,
  space,
  stringEnd,
  takeEscaped,
  value,
  wordAt,
  ZERO,
} from './json';
import {
  CUT,
  CUTS,
  EACH,
  ELEMENTS,
  FIELDS,
  KEPT_LENGTH,
  LONGEST_NAME,
  MANY,
  MOST,
  NAME,
  NODE_SLOTS,
  NUM_CUTS,
  NUM_ELEMENTS,
  NUM_FIELDS,
  NUM_MANY,
  NUM_NODE_SLOTS,
  SEEN_IN,
  SLOTS,
} from './layout';

let numObjects: i32 = 0;

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
  if (wordAt(node + CUT) !== 0) end = value(from, depth);
  else if (first === OPEN_OBJECT && wordAt(node + NUM_FIELDS) !== 0) end = object(node, from, depth);
  else if (first === OPEN_ARRAY && (wordAt(node + EACH) | wordAt(node + NUM_ELEMENTS)) !== 0) {
    end = array(node, from, depth);
  } else end = value(from, depth);
  if (end === INVALID || !note(node, from, end)) return INVALID;
  return end;
}

function hexValue(byte: i32): i32 {
  return isDigit(byte) ? byte - ZERO : (byte | 0x20) - 0x61 + 10;
}

/** What a letter means behind a backslash. */
function meaning(letter: i32): i32 {
  if (letter === 0x62) return 0x08;
  if (letter === 0x66) return 0x0c;
  if (letter === 0x6e) return 0x0a;
  if (letter === 0x72) return 0x0d;
  if (letter === 0x74) return 0x09;
  return letter;
}

/**
 * Writes a name without its escapes; gives its length. One that escapes more than ASCII, or is very long, may be any
 * name: that is for a parser to say.
 */
function decodeName(from: i32, length: i32): i32 {
  if (length > LONGEST_NAME) return INVALID;
  const end = from + length;
  let out = NAME;
  for (let at = from; at < end; out++) {
    let byte = byteAt(at++);
    if (byte === BACKSLASH) {
      byte = byteAt(at++);
      if (byte !== 0x75) byte = meaning(byte);
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
    if (wordAt(field + 4) === length && memory.compare(wordAt(field), name, length) === 0)
      return wordAt(field + 8);
  }
  return 0;
}

function object(node: i32, from: i32, depth: i32): i32 {
  if (isTooDeep(depth)) return INVALID;
  const number = ++numObjects;
  let at = space(from + 1);
  if (byteAt(at) === CLOSE_OBJECT) return at + 1;
  while (true) {
    const start = at;
    if (byteAt(at) !== QUOTE) return INVALID;
    takeEscaped();
    const behind = stringEnd(at + 1);
    if (behind === INVALID) return INVALID;
    at = colon(behind);
    if (at === INVALID) return INVALID;
    let name = start + 1;
    let length = behind - start - 2;
    if (takeEscaped() && wordAt(node + NUM_FIELDS) !== 0) {
      length = decodeName(name, length);
      if (length === INVALID) return INVALID;
      name = NAME;
    }
    const field = fieldOf(node, name, length);
    let cut = false;
    if (field === 0) at = value(at, depth + 1);
    else {
      if (wordAt(field + SEEN_IN) === number) return INVALID;
      store<i32>(field + SEEN_IN, number);
      cut = wordAt(field + CUT) !== 0;
      at = planned(field, at, depth + 1);
    }
    if (at === INVALID) return INVALID;
    const end = at;
    at = space(at);
    const next = byteAt(at);
    if (cut && !leaveOut(start, end, at, next)) return INVALID;
    if (next === CLOSE_OBJECT) return at + 1;
    if (next !== COMMA) return INVALID;
    at = space(at + 1);
  }
}

/** What the plan says of the element with this index; 0 for nothing. */
function elementOf(node: i32, index: i32): i32 {
  const count = wordAt(node + NUM_ELEMENTS);
  let element = wordAt(node + ELEMENTS);
  for (let i = 0; i < count; i++, element += 8) if (wordAt(element) === index) return wordAt(element + 4);
  return wordAt(node + EACH);
}

function array(node: i32, from: i32, depth: i32): i32 {
  if (isTooDeep(depth)) return INVALID;
  let at = space(from + 1);
  if (byteAt(at) === CLOSE_ARRAY) return at + 1;
  let index = 0;
  while (true) {
    const start = at;
    const element = elementOf(node, index++);
    at = element === 0 ? value(at, depth + 1) : planned(element, at, depth + 1);
    if (at === INVALID) return INVALID;
    const end = at;
    at = space(at);
    const next = byteAt(at);
    if (element !== 0 && wordAt(element + CUT) !== 0 && !leaveOut(start, end, at, next)) return INVALID;
    if (next === CLOSE_ARRAY) return at + 1;
    if (next !== COMMA) return INVALID;
    at = space(at + 1);
  }
}

function isSpace(byte: i32): bool {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Notes a member to leave out, with the comma behind it, or before it if it is the last one. */
function leaveOut(start: i32, end: i32, nextAt: i32, next: i32): bool {
  let count = wordAt(NUM_CUTS);
  if (count >= MOST) return false;
  let from = start;
  let to = end;
  if (next === COMMA) to = nextAt + 1;
  else {
    while (true) {
      while (isSpace(byteAt(from - 1))) from--;
      if (count === 0 || wordAt(CUTS + 8 * (count - 1) + 4) !== from) break;
      count--;
      from = wordAt(CUTS + 8 * count);
    }
    if (byteAt(from - 1) === COMMA) from--;
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
    const stop = i === count ? end : wordAt(CUTS + 8 * i);
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
  setDeepest(maxDepth);
  store<i32>(BEYOND_ASCII, 0);
  store<i32>(NUM_CUTS, 0);
  store<i32>(NUM_MANY, 0);
  for (let slot = 0; slot < numSlots; slot++) store<i32>(SLOTS + 8 * slot, 0);
  if (byteAt(from) !== OPEN_OBJECT) return INVALID;
  const end = object(root, from, 0);
  if (end !== INVALID && to !== 0) keep(from, end, to);
  return end;
}
