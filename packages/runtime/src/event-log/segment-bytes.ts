/** Owns the bytes of a segment as they were written, whether it is compressed or not. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { EventLogError } from '@firn/core';
import { diskFailure, eventLogError, systemCode } from './event-log-failure.ts';
import { writeAll } from './log-file.ts';
import type { LogFile, LogFileSystem } from './log-file-system.ts';
import { type SegmentPlace, segmentPath } from './segment-name.ts';

/** Bytes read at once: a few hundred records. */
const READ_BYTES = 1024 * 1024;
/** What zlib hands on at once: its default of 16 KiB would make twenty turns of it. */
const ZSTD_CHUNK_BYTES = 256 * 1024;

/**
 * Reads a segment from its beginning, chunk by chunk. A chunk is nobody else's.
 *
 * @throws {EventLogError} `SEGMENT_MISSING`, `FORBIDDEN`, `DISK_FAILED`, `COMPRESSION_DAMAGED`.
 */
export async function* segmentBytes(
  files: LogFileSystem,
  folder: string,
  place: SegmentPlace,
): AsyncGenerator<Buffer> {
  const { file, path, compressed } = await openSegment(files, folder, place);
  try {
    if (compressed) yield* decompressed(file, path);
    else yield* fileChunks(file, path);
  } finally {
    await file.close();
  }
}

/** Compresses everything that is in one file into another. Rejects with errors of the system. */
export async function compressFile(from: LogFile, to: LogFile, path: string): Promise<void> {
  const compressor = createZstdCompress({
    chunkSize: ZSTD_CHUNK_BYTES,
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  });
  let position = 0;
  await pipeline(Readable.from(fileChunks(from, path)), compressor, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      await writeAll(to, chunk, position);
      position += chunk.length;
    }
  });
}

interface OpenSegment {
  readonly file: LogFile;
  readonly path: string;
  readonly compressed: boolean;
}

/** A writer may have compressed the segment since it was found. */
async function openSegment(files: LogFileSystem, folder: string, place: SegmentPlace): Promise<OpenSegment> {
  const { number, path, compressed } = place;
  try {
    return { file: await files.open(path, 'read'), path, compressed };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || compressed) throw diskFailure(error, path);
    const other = segmentPath(folder, number, true);
    try {
      return { file: await files.open(other, 'read'), path: other, compressed: true };
    } catch {
      throw diskFailure(error, path);
    }
  }
}

async function* fileChunks(file: LogFile, path: string): AsyncGenerator<Buffer> {
  let position = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    let came: number;
    try {
      came = await file.read(buffer, position);
    } catch (error) {
      throw diskFailure(error, path);
    }
    if (came === 0) return;
    position += came;
    yield buffer.subarray(0, came);
  }
}

async function* decompressed(file: LogFile, path: string): AsyncGenerator<Buffer> {
  const decompressor = createZstdDecompress({ chunkSize: ZSTD_CHUNK_BYTES });
  // Its failure ends the iteration below; there is nobody else to tell.
  const reading = pipeline(Readable.from(fileChunks(file, path)), decompressor).catch(() => undefined);
  let offset = 0;
  try {
    for await (const chunk of decompressor as AsyncIterable<Buffer>) {
      yield chunk;
      offset += chunk.length;
    }
  } catch (cause) {
    if (cause instanceof EventLogError) throw cause;
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
