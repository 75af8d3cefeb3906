/** Owns the bytes of a segment as they were written, whether it is compressed or not. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { EventLogError } from '@firn/core';
import { diskFailure, eventLogError, systemCode } from './event-log-failure.ts';
import { withFile, writeAll } from './log-file.ts';
import type { LogFile, LogFileSystem } from './log-file-system.ts';
import { type SegmentPlace, segmentPath } from './segment-name.ts';

/** Bytes read at once: a few hundred records. */
const READ_BYTES = 1024 * 1024;
/** What zlib hands on at once: its default of 16 KiB would make twenty turns of it. */
const ZSTD_CHUNK_BYTES = 256 * 1024;

/**
 * Reads a segment from its beginning, chunk by chunk. A chunk is nobody else's. No file is open between two chunks:
 * whoever stops in the middle leaves nothing behind.
 *
 * @throws {EventLogError} `SEGMENT_MISSING`, `FORBIDDEN`, `DISK_FAILED`, `COMPRESSION_DAMAGED`.
 */
export async function* segmentBytes(
  files: LogFileSystem,
  folder: string,
  place: SegmentPlace,
): AsyncGenerator<Buffer> {
  const { number, path, compressed } = place;
  if (compressed) {
    yield* decompressed(files, path);
    return;
  }
  let given = 0;
  const read = reopening(files, path);
  for (;;) {
    let chunk: Buffer | undefined;
    try {
      chunk = await nextChunk(read, given);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw diskFailure(error, path);
      // A writer may have compressed the segment since it was found.
      yield* restOf(files, segmentPath(folder, number, true), given, diskFailure(error, path));
      return;
    }
    if (chunk === undefined) return;
    given += chunk.length;
    yield chunk;
  }
}

/** Compresses everything that is in one file into another. Rejects with errors of the system. */
export async function compressFile(from: LogFile, to: LogFile): Promise<void> {
  const compressor = createZstdCompress({
    chunkSize: ZSTD_CHUNK_BYTES,
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  });
  let position = 0;
  const read: Read = (into, at) => from.read(into, at);
  await pipeline(Readable.from(chunks(read)), compressor, async (compressed: AsyncIterable<Buffer>) => {
    for await (const chunk of compressed) {
      await writeAll(to, chunk, position);
      position += chunk.length;
    }
  });
}

/** Reads into the buffer from a position on; says how many bytes came, 0 at the end. */
type Read = (into: Uint8Array, position: number) => Promise<number>;

function reopening(files: LogFileSystem, path: string): Read {
  return (into, position) => withFile(files, path, 'read', (file) => file.read(into, position));
}

async function nextChunk(read: Read, position: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const came = await read(buffer, position);
  return came === 0 ? undefined : buffer.subarray(0, came);
}

async function* chunks(read: Read): AsyncGenerator<Buffer> {
  let position = 0;
  for (let chunk = await nextChunk(read, 0); chunk !== undefined; chunk = await nextChunk(read, position)) {
    position += chunk.length;
    yield chunk;
  }
}

/** What a compressed segment has behind so many bytes; `missing` if there is no such file. */
async function* restOf(
  files: LogFileSystem,
  path: string,
  from: number,
  missing: EventLogError,
): AsyncGenerator<Buffer> {
  let passed = 0;
  try {
    for await (const chunk of decompressed(files, path)) {
      const skipped = Math.min(chunk.length, Math.max(0, from - passed));
      passed += chunk.length;
      if (skipped < chunk.length) yield chunk.subarray(skipped);
    }
  } catch (error) {
    throw error instanceof EventLogError && error.code === 'SEGMENT_MISSING' ? missing : error;
  }
}

async function* decompressed(files: LogFileSystem, path: string): AsyncGenerator<Buffer> {
  const decompressor = createZstdDecompress({ chunkSize: ZSTD_CHUNK_BYTES });
  let refused: unknown;
  // Its failure ends the iteration below; there is nobody else to tell.
  const reading = pipeline(Readable.from(chunks(reopening(files, path))), decompressor).catch(
    (error: unknown) => {
      refused = error;
    },
  );
  let offset = 0;
  try {
    for await (const chunk of decompressor as AsyncIterable<Buffer>) {
      yield chunk;
      offset += chunk.length;
    }
  } catch (cause) {
    await reading;
    // It is the disk that failed, and not what is on it.
    if (/^E(?!RR_)/.test(systemCode(refused))) throw diskFailure(refused, path);
    throw eventLogError(
      'COMPRESSION_DAMAGED',
      `${path} cannot be decompressed beyond byte ${offset} of its contents. Put an undamaged copy in its place, or let a repair keep what comes before.`,
      { file: path, offset, cause },
    );
  } finally {
    decompressor.destroy();
    await reading;
  }
}
