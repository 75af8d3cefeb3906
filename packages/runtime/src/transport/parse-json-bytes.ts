/** Owns the step from bytes to a JSON value. */
import { isAscii, isUtf8 } from 'node:buffer';
import { ProtocolError } from '@firn/core';

const LESS_THAN = 0x3c;

function malformed(what: string, why: string, offset: number | undefined): ProtocolError {
  return new ProtocolError(`${what} ${why}. If this goes on, look for a proxy that alters responses.`, {
    code: 'MALFORMED_JSON',
    offset,
  });
}

/**
 * Parses UTF-8 JSON. `what` begins the message of the error, such as `An item of the list`.
 *
 * The engine's own message is not passed on: it quotes the text, which may be that of a Secret.
 *
 * @throws {ProtocolError} `MALFORMED_JSON` for bytes that are not UTF-8 or not JSON.
 */
export function parseJsonBytes(bytes: Uint8Array, what: string, offset?: number): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = isAscii(buffer);
  if (!ascii && !isUtf8(buffer)) throw malformed(what, 'is not UTF-8', offset);
  try {
    return JSON.parse(buffer.toString(ascii ? 'latin1' : 'utf8'));
  } catch {
    const page = buffer[0] === LESS_THAN;
    throw malformed(
      what,
      page ? 'is not JSON but looks like an HTML or XML page' : 'is not valid JSON',
      offset,
    );
  }
}

/** Whether a parsed JSON value is an object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
