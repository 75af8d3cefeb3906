/** Owns events whose JSON is there as bytes already: they are put together, never serialised again. */
import type { EventOrigin } from '@firn/core';

/**
 * The JSON of one event in pieces, which the log copies one after the other. The pieces must be UTF-8 and together
 * valid JSON that begins with `{"type":`; the log does not look inside. Line breaks between tokens become spaces.
 */
export interface EventBytes {
  readonly pieces: readonly Uint8Array[];
}

const utf8 = (text: string): Uint8Array => Buffer.from(text);

const CLOSE = utf8('}');
const COMMA = utf8(',');
const CLOSE_LIST = utf8(']}');
const WRITES = {
  ADDED: utf8('{"type":"ADDED","object":'),
  MODIFIED: utf8('{"type":"MODIFIED","object":'),
  DELETED: utf8('{"type":"DELETED","object":'),
};
const ITEMS = {
  REPLACED: utf8('{"type":"REPLACED","part":"items","objects":['),
  CHECKPOINT: utf8('{"type":"CHECKPOINT","part":"items","objects":['),
};

/**
 * An event about one resource, of which the bytes came in.
 *
 * @example
 * ```ts
 * writer.append('ingresses', writeBytes('MODIFIED', [bytes]));
 * ```
 */
export function writeBytes(
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  object: readonly Uint8Array[],
  more: { readonly keys?: readonly string[]; readonly origin?: EventOrigin } = {},
): EventBytes {
  const { keys, origin } = more;
  if (keys === undefined && origin === undefined) return { pieces: [WRITES[type], ...object, CLOSE] };
  // Written behind the object: `{"keys":…}` less its brace.
  const rest = JSON.stringify({ keys, origin }).slice(1);
  return { pieces: [WRITES[type], ...object, COMMA, utf8(rest)] };
}

/** Items of a list or of a checkpoint, of which the bytes came in; `keys` as a checkpoint has them. */
export function itemBytes(
  type: 'REPLACED' | 'CHECKPOINT',
  objects: readonly (readonly Uint8Array[])[],
  keys?: readonly (readonly string[] | null)[],
): EventBytes {
  const pieces: Uint8Array[] = [ITEMS[type]];
  for (const object of objects) {
    if (pieces.length > 1) pieces.push(COMMA);
    pieces.push(...object);
  }
  if (keys === undefined) pieces.push(CLOSE_LIST);
  else pieces.push(utf8(`],"keys":${JSON.stringify(keys)}}`));
  return { pieces };
}
