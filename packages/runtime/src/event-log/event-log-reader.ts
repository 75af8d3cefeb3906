/** Owns the reading of a log: records in order, over all segments, and where in them to begin. */
import type { EventLogError } from '@firn/core';
import { eventLogError, missingSegment } from './event-log-failure.ts';
import type { LogFileSystem } from './log-file-system.ts';
import type { LogHeader } from './log-header.ts';
import { FrameReader, type LogRecord } from './log-record.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { segmentBytes } from './segment-bytes.ts';
import { findSegments, type SegmentPlace } from './segment-name.ts';
import { SegmentScanner } from './segment-scanner.ts';

/** Which segments are read: all, when nothing is said. */
export interface SegmentRange {
  /** The first one. */
  readonly from?: number;
  /** The last one. */
  readonly to?: number;
  /** The sequence number that their first record must have, where what comes before them has been read already. */
  readonly first?: number | undefined;
}

/**
 * Reads a log, also while it is written: then up to what had been written of the segments there were at opening.
 *
 * The last segment may end in the middle of a record, as it does when a process is killed: reading then ends before
 * it, and `tornTail` says so. All other damage is an error, after everything before it has been given.
 *
 * @example
 * ```ts
 * const reader = await EventLogReader.open(folder);
 * for await (const records of reader.records({ from: await reader.lastCheckpoint() }))
 *   for (const record of records) console.log(record.sequence, record.resource, record.type);
 * ```
 */
export class EventLogReader {
  readonly folder: string;
  readonly segments: readonly SegmentPlace[];
  readonly files: LogFileSystem;
  readonly #headers = new Map<number, LogHeader | undefined>();
  #tornTail: EventLogError | undefined;

  protected constructor(folder: string, files: LogFileSystem, segments: readonly SegmentPlace[]) {
    this.folder = folder;
    this.files = files;
    this.segments = segments;
  }

  /** @throws {EventLogError} `FOLDER_MISSING`, `FORBIDDEN`, `NOT_A_LOG`, `DISK_FAILED`. */
  static async open(folder: string, files: LogFileSystem = nodeFileSystem): Promise<EventLogReader> {
    const segments = await findSegments(files, folder);
    if (segments.length > 0) return new EventLogReader(folder, files, segments);
    throw eventLogError(
      'NOT_A_LOG',
      `${folder} holds no event log: there is no file named like 00000001.jsonl in it. Name the folder that was recorded to.`,
      { file: folder },
    );
  }

  /** What stands behind the last record, where the last segment was read and ends in the middle of one. */
  get tornTail(): EventLogError | undefined {
    return this.#tornTail;
  }

  /**
   * Gives all records of some segments, in order, some hundred at a time.
   *
   * @throws {EventLogError} what is wrong with the log, when everything before it has been given.
   */
  async *records(range: SegmentRange = {}): AsyncGenerator<readonly LogRecord[]> {
    const frames = new FrameReader();
    let expected = range.first;
    for (const place of this.#chosen(range)) {
      const scanner = new SegmentScanner(place.path, place.number, frames, expected);
      const mayBeTorn = place === this.segments.at(-1) && !place.compressed;
      for await (const chunk of segmentBytes(this.files, this.folder, place)) {
        const records = scanner.push(chunk);
        if (records.length > 0) yield records;
        if (scanner.damage !== undefined && !(mayBeTorn && scanner.isTornTail)) throw scanner.damage;
      }
      scanner.end();
      expected = scanner.next;
      if (scanner.damage === undefined) continue;
      if (!mayBeTorn || !scanner.isTornTail) throw scanner.damage;
      this.#tornTail = scanner.damage;
    }
  }

  /** The header of a segment; undefined for a last one that was never begun in full. */
  async header(segment: number): Promise<LogHeader | undefined> {
    if (this.#headers.has(segment)) return this.#headers.get(segment);
    const place = this.#place(segment);
    const scanner = new SegmentScanner(place.path, segment, new FrameReader(), undefined);
    for await (const chunk of segmentBytes(this.files, this.folder, place)) {
      scanner.push(chunk);
      if (scanner.header !== undefined) break;
    }
    if (scanner.header === undefined) scanner.end();
    const isLast = place === this.segments.at(-1);
    if (scanner.header === undefined && scanner.damage !== undefined && !(isLast && scanner.isTornTail))
      throw scanner.damage;
    this.#headers.set(segment, scanner.header);
    return scanner.header;
  }

  /** The last segment whose checkpoint is complete: everything can be rebuilt from there. Reads two segments or so. */
  async lastCheckpoint(): Promise<number | undefined> {
    for (const { number } of this.segments.toReversed())
      for await (const records of this.records({ from: number, to: number }))
        if (records.some(completesCheckpoint)) return number;
    return undefined;
  }

  /** The segment that has this record, or that was being written at this wall-clock time; at least the first. */
  async segmentOf(what: { readonly sequence: number } | { readonly time: number }): Promise<number> {
    for (const { number } of this.segments.toReversed()) {
      const header = await this.header(number);
      if (header === undefined) continue;
      if ('sequence' in what ? header.first <= what.sequence : header.startedAt <= what.time) return number;
    }
    return this.segments[0]?.number ?? 1;
  }

  #chosen({ from, to }: SegmentRange): readonly SegmentPlace[] {
    const first = from ?? this.segments[0]?.number ?? 1;
    const last = to ?? this.segments.at(-1)?.number ?? 1;
    const chosen = this.segments.filter(({ number }) => number >= first && number <= last);
    for (const [index, { number }] of chosen.entries())
      if (number !== first + index) throw missingSegment(this.folder, first + index);
    if (chosen.length === 0) throw missingSegment(this.folder, first);
    return chosen;
  }

  #place(segment: number): SegmentPlace {
    const place = this.segments.find(({ number }) => number === segment);
    if (place === undefined) throw missingSegment(this.folder, segment);
    return place;
  }
}

/** The one record of a checkpoint that belongs to the whole log is its completion. */
function completesCheckpoint(record: LogRecord): boolean {
  return record.resource === '' && record.type === 'CHECKPOINT';
}
