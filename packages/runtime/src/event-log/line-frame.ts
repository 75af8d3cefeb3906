/** Owns the frame of a line: CRC-32 of the JSON as eight hex digits, a space, the JSON, a line feed. */
import { crc32 } from 'node:zlib';

/** Bytes before the JSON of a line. */
export const PREFIX_BYTES = 9;

/** The longest line, its line feed included: the largest object there is (16 MiB), and room for the frame. */
export const MAX_LINE_BYTES: number = 16 * 1024 * 1024 + 64 * 1024;

export const LINE_FEED = 10;
const SPACE = 32;
const DIGITS = Buffer.from('0123456789abcdef');

/** Fills in the prefix of a line whose JSON stands from `start + PREFIX_BYTES` to `end`, and the line feed at `end`. */
export function sealLine(buffer: Buffer, start: number, end: number): void {
  let rest = crc32(buffer.subarray(start + PREFIX_BYTES, end));
  for (let i = start + 7; i >= start; i--) {
    buffer[i] = DIGITS[rest & 15] ?? 0;
    rest >>>= 4;
  }
  buffer[start + 8] = SPACE;
  buffer[end] = LINE_FEED;
}

/** A line of its own with this JSON. */
export function framedLine(json: string): Buffer {
  const buffer = Buffer.allocUnsafe(PREFIX_BYTES + Buffer.byteLength(json) + 1);
  buffer.write(json, PREFIX_BYTES);
  sealLine(buffer, 0, buffer.length - 1);
  return buffer;
}

/** Whether the bytes from `start` to `end`, without line feed, are a line: prefix in form, CRC right. */
export function isSealed(buffer: Buffer, start: number, end: number): boolean {
  if (end - start <= PREFIX_BYTES || buffer[start + 8] !== SPACE) return false;
  let stated = 0;
  for (let i = start; i < start + 8; i++) {
    const digit = hexValue(buffer[i] ?? 0);
    if (digit < 0) return false;
    stated = stated * 16 + digit;
  }
  return crc32(buffer.subarray(start + PREFIX_BYTES, end)) === stated;
}

/** Only the form that is written counts: lower case. */
function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  return -1;
}
