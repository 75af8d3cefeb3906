/** Owns the repair of a log: everything before the damage stays, everything else is put aside, nothing is thrown away. */
import type { EventLogError } from '@firn/core';
import { diskFailure, missingSegment } from './event-log-failure.ts';
import { EventLogReader } from './event-log-reader.ts';
import { lockFolder, type WriterProcess } from './folder-lock.ts';
import type { LogFileSystem } from './log-file-system.ts';
import { FrameReader } from './log-record.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { segmentBytes } from './segment-bytes.ts';
import type { SegmentPlace } from './segment-name.ts';
import { SegmentScanner } from './segment-scanner.ts';
import { SetAside } from './set-aside.ts';
import { thisProcess } from './this-process.ts';

/** What a repair found and did. */
export interface RepairReport {
  /** What was wrong; undefined if nothing was, and nothing was changed. */
  readonly damage: EventLogError | undefined;
  /** Sequence number of the last record that the log has now; undefined if it has none. */
  readonly lastRecord: number | undefined;
  /** Files that hold what is no longer part of the log, beside it in the folder. */
  readonly movedAside: readonly string[];
}

/** Failures that a repair can do something about: the others say nothing of what is in the files. */
const REPAIRABLE: ReadonlySet<string> = new Set([
  'NOT_A_LOG',
  'HEADER_MISSING',
  'HEADER_DAMAGED',
  'SEGMENT_MISSING',
  'SEGMENT_MISNAMED',
  'COMPRESSION_DAMAGED',
  'CRC_MISMATCH',
  'RECORD_TRUNCATED',
  'RECORD_MALFORMED',
  'RECORD_TOO_LONG',
  'SEQUENCE_GAP',
]);

/**
 * Makes a damaged log readable: keeps everything before the damage, and moves the rest into files named `*.damaged`.
 * A log that nothing is wrong with stays as it is.
 *
 * @throws {EventLogError} `LOCKED` while something records to it; `UNKNOWN_VERSION` and what else it cannot repair.
 */
export async function repairEventLog(
  folder: string,
  options: { readonly files?: LogFileSystem; readonly process?: WriterProcess } = {},
): Promise<RepairReport> {
  const { files = nodeFileSystem, process = thisProcess } = options;
  const { segments } = await EventLogReader.open(folder, files);
  const lock = await lockFolder(files, folder, process);
  try {
    return await repair(files, folder, segments);
  } finally {
    await lock.release();
  }
}

async function repair(
  files: LogFileSystem,
  folder: string,
  segments: readonly SegmentPlace[],
): Promise<RepairReport> {
  let next: number | undefined;
  for (const [index, place] of segments.entries()) {
    const found = await inspect(files, folder, segments[index - 1], place, next);
    next = found.next ?? next;
    if (found.damage === undefined) continue;
    const { damage, wholeBytes } = found;
    if (!REPAIRABLE.has(damage.code)) throw damage;
    const aside = new SetAside(files, folder);
    try {
      if (wholeBytes > 0) await aside.cut(place, wholeBytes);
      for (const { path } of segments.slice(wholeBytes > 0 ? index + 1 : index)) await aside.move(path);
      await files.syncFolder(folder);
    } catch (error) {
      throw diskFailure(error, place.path);
    }
    return { damage, lastRecord: lastBefore(next), movedAside: aside.files };
  }
  return { damage: undefined, lastRecord: lastBefore(next), movedAside: [] };
}

function lastBefore(next: number | undefined): number | undefined {
  return next === undefined || next === 1 ? undefined : next - 1;
}

interface Finding {
  readonly damage: EventLogError | undefined;
  /** Bytes of the segment that can be kept. */
  readonly wholeBytes: number;
  readonly next: number | undefined;
}

async function inspect(
  files: LogFileSystem,
  folder: string,
  before: SegmentPlace | undefined,
  place: SegmentPlace,
  expected: number | undefined,
): Promise<Finding> {
  if (before !== undefined && place.number !== before.number + 1)
    return { damage: missingSegment(folder, before.number + 1), wholeBytes: 0, next: expected };
  const scanner = new SegmentScanner(place.path, place.number, new FrameReader(), expected);
  const failure = await scan(files, folder, place, scanner);
  return {
    damage: scanner.damage ?? failure,
    wholeBytes: scanner.wholeBytes,
    next: scanner.wholeBytes > 0 ? scanner.next : expected,
  };
}

/** Gives what kept the segment from being read to its end. */
async function scan(
  files: LogFileSystem,
  folder: string,
  place: SegmentPlace,
  scanner: SegmentScanner,
): Promise<EventLogError | undefined> {
  try {
    for await (const chunk of segmentBytes(files, folder, place)) {
      scanner.push(chunk);
      if (scanner.damage !== undefined) return undefined;
    }
  } catch (error) {
    return diskFailure(error, place.path);
  }
  scanner.end();
  return undefined;
}
