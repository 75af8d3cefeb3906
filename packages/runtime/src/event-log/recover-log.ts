/** Owns what a writer does with what is there: it goes on behind the last whole record. */
import type { EventLogError } from '@firn/core';
import { diskFailure } from './event-log-failure.ts';
import { withFile } from './log-file.ts';
import type { LogFileSystem } from './log-file-system.ts';
import { FrameReader } from './log-record.ts';
import { segmentBytes } from './segment-bytes.ts';
import { findSegments, type SegmentPlace } from './segment-name.ts';
import { SegmentScanner } from './segment-scanner.ts';

/** Where a writer goes on. */
export interface Continuation {
  /** The number of the next segment. */
  readonly segment: number;
  /** The sequence number of the next record. */
  readonly sequence: number;
  /** The segments that are there. */
  readonly segments: readonly SegmentPlace[];
  /** What was cut off. */
  readonly tornTail: EventLogError | undefined;
}

/** A header that a process did not finish is shorter than this; anything longer is not thrown away. */
const MAX_TORN_HEADER = 64 * 1024;

/**
 * Reads the last segment, and cuts off what a process did not finish that died while it wrote.
 *
 * @throws {EventLogError} what is wrong with the last segment, if it is anything else.
 */
export async function recoverLog(files: LogFileSystem, folder: string): Promise<Continuation> {
  const segments = [...(await findSegments(files, folder))];
  let tornTail: EventLogError | undefined;
  for (let last = segments.at(-1); last !== undefined; last = segments.at(-1)) {
    const { number, path } = last;
    const scanner = await scanSegment(files, folder, last);
    const { damage, wholeBytes, next } = scanner;
    if (damage !== undefined && (last.compressed || !scanner.isTornTail)) throw damage;
    tornTail ??= damage;
    if (wholeBytes > 0) {
      if (damage !== undefined) await cutAt(files, path, wholeBytes);
      return { segment: number + 1, sequence: next ?? 1, segments, tornTail };
    }
    await removeTornHeader(files, path, damage);
    segments.pop();
    if (segments.length === 0) return { segment: number, sequence: 1, segments, tornTail };
  }
  return { segment: 1, sequence: 1, segments, tornTail };
}

/** Reads one segment to its end, or to its damage and what follows it. */
async function scanSegment(
  files: LogFileSystem,
  folder: string,
  place: SegmentPlace,
  expected?: number,
): Promise<SegmentScanner> {
  const scanner = new SegmentScanner(place.path, place.number, new FrameReader(), expected);
  for await (const chunk of segmentBytes(files, folder, place)) scanner.push(chunk);
  scanner.end();
  return scanner;
}

async function cutAt(files: LogFileSystem, path: string, size: number): Promise<void> {
  try {
    await withFile(files, path, 'update', async (file) => {
      await file.truncate(size);
      await file.sync();
    });
  } catch (error) {
    throw diskFailure(error, path);
  }
}

/** Never more than the beginning of a header. */
async function removeTornHeader(
  files: LogFileSystem,
  path: string,
  damage: EventLogError | undefined,
): Promise<void> {
  try {
    const size = await withFile(files, path, 'read', (file) => file.size());
    if (size > MAX_TORN_HEADER && damage !== undefined) throw damage;
    await files.remove(path);
  } catch (error) {
    throw diskFailure(error, path);
  }
}
