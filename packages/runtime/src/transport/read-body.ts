/** Owns the reading of a body that is wanted in one piece. */
import { ProtocolError } from '@firn/core';
import { FRAME_LIMIT } from './frame-splitter.ts';
import { PendingBytes } from './pending-bytes.ts';

/**
 * All bytes of a body.
 *
 * @param limit the most bytes; 16 MiB when left out.
 * @throws {ProtocolError} `FRAME_TOO_LARGE` for a longer body, and whatever the body throws.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  limit: number = FRAME_LIMIT,
): Promise<Uint8Array> {
  const gathered = new PendingBytes();
  for await (const chunk of body) {
    if (gathered.length + chunk.length > limit) {
      throw new ProtocolError(
        `The response is longer than ${limit} bytes, which is more than firn reads in one piece.`,
        {
          code: 'FRAME_TOO_LARGE',
        },
      );
    }
    gathered.append(chunk);
  }
  return gathered.take();
}
