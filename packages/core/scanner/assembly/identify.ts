/** Owns the question who an object is that was scanned, and whether it is what is expected. */

import { BACKSLASH, byteAt, QUOTE, wordAt } from './json';
import {
  API_VERSION,
  CUTS,
  EXPECTED_API_VERSION,
  EXPECTED_KIND,
  IS_PLAIN,
  IS_UNNAMED,
  KIND,
  NAME_SLOT,
  NAMESPACE,
  NUM_CUTS,
  RESOURCE_VERSION,
  SLOTS,
  UID,
  UID_AT,
  VERSION_AT,
} from './layout';

function startOf(slot: i32): i32 {
  return wordAt(SLOTS + 8 * slot);
}

function endOf(slot: i32): i32 {
  return wordAt(SLOTS + 8 * slot + 4);
}

function isExpected(slot: i32, expected: i32): bool {
  const start = startOf(slot);
  const length = endOf(slot) - start;
  return length === wordAt(expected) && memory.compare(start, expected + 4, length) === 0;
}

/** Whether the value of a slot is text of plain ASCII without escapes: it can be read without being parsed. */
function isPlain(slot: i32): bool {
  const start = startOf(slot);
  if (byteAt(start) !== QUOTE) return false;
  const end = endOf(slot) - 1;
  for (let at = start + 1; at < end; at++) {
    const byte = byteAt(at);
    if (byte === BACKSLASH || byte > 0x7e) return false;
  }
  return true;
}

/** Where the text of a slot stands in what is kept, counted from its beginning. */
function keptOffset(slot: i32, from: i32): i32 {
  const start = startOf(slot);
  let offset = start + 1 - from;
  const count = wordAt(NUM_CUTS);
  for (let i = 0; i < count; i++) {
    const cut = wordAt(CUTS + 8 * i);
    if (cut > start) break;
    offset -= wordAt(CUTS + 8 * i + 4) - cut;
  }
  return offset;
}

/**
 * Whether the object scanned last, which begins at `from`, is of the kind that is expected and has a name and a plain
 * version; the uid, if there is one, has to be plain too.
 */
export function identify(from: i32, mayBeUnnamed: bool): bool {
  const isVersionMissing = startOf(API_VERSION) === 0;
  const isKindMissing = startOf(KIND) === 0;
  if (isVersionMissing ? !mayBeUnnamed : !isExpected(API_VERSION, EXPECTED_API_VERSION)) return false;
  if (isKindMissing ? !mayBeUnnamed : !isExpected(KIND, EXPECTED_KIND)) return false;
  if (startOf(NAME_SLOT) === 0 || startOf(RESOURCE_VERSION) === 0) return false;
  if (endOf(RESOURCE_VERSION) - startOf(RESOURCE_VERSION) < 3 || !isPlain(RESOURCE_VERSION)) return false;
  const hasUid = startOf(UID) !== 0;
  if (hasUid && !isPlain(UID)) return false;
  store<i32>(IS_UNNAMED, isVersionMissing || isKindMissing ? 1 : 0);
  store<i32>(UID_AT, hasUid && endOf(UID) - startOf(UID) > 2 ? keptOffset(UID, from) : 0);
  store<i32>(VERSION_AT, keptOffset(RESOURCE_VERSION, from));
  store<i32>(IS_PLAIN, isPlain(NAME_SLOT) && (startOf(NAMESPACE) === 0 || isPlain(NAMESPACE)) ? 1 : 0);
  return true;
}
