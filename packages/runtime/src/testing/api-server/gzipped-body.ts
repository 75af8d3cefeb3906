/** Owns compression of responses: who accepts it, and streams that are compressed write by write. */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { ApiRequest } from './api-request.ts';
import { PassingBody } from './body-sink.ts';

/** Headers of a compressed response. */
export const GZIP_HEADERS: Readonly<Record<string, string>> = {
  'content-encoding': 'gzip',
  vary: 'Accept-Encoding',
};

/** Whether the client takes gzip. */
export function acceptsGzip(request: ApiRequest): boolean {
  return /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
}

// Deflate, no flags, no time, fastest, no particular system.
const MEMBER_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
const EMPTY_LAST_BLOCK = [3, 0];

/**
 * Compresses to a gzip member whose last block is empty.
 *
 * Go's reader looks for the next member before it hands out what the last block held: client-go would see each
 * frame only when the one after it came. The real server avoids that in the same way.
 */
function gzipMember(chunk: Uint8Array): Buffer {
  const blocks = deflateRawSync(chunk, { level: 1, finishFlush: constants.Z_SYNC_FLUSH });
  const end = Buffer.from([...EMPTY_LAST_BLOCK, 0, 0, 0, 0, 0, 0, 0, 0]);
  end.writeUInt32LE(crc32(chunk), EMPTY_LAST_BLOCK.length);
  end.writeUInt32LE(chunk.length, EMPTY_LAST_BLOCK.length + 4);
  return Buffer.concat([MEMBER_HEADER, blocks, end]);
}

/** Sends each write as a gzip member of its own, so that it can be read at once. */
export class GzippedBody extends PassingBody {
  override write(chunk: Uint8Array): boolean {
    return this.next.write(gzipMember(chunk));
  }
}
