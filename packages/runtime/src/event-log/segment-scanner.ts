/** Owns the reading of one segment: its records, up to the first thing that is wrong with it. */
import { EventLogError } from '@firn/core';
import { eventLogError } from './event-log-failure.ts';
import { isSealed, MAX_LINE_BYTES } from './line-frame.ts';
import { LineSplitter } from './line-splitter.ts';
import { type LogHeader, readHeader } from './log-header.ts';
import { type FrameReader, LogRecord } from './log-record.ts';

/** Reads the chunks of one segment. Nothing is thrown: what is wrong is in `damage`. */
export class SegmentScanner {
  readonly #file: string;
  readonly #number: number;
  readonly #frames: FrameReader;
  readonly #lines: LineSplitter;
  #records: LogRecord[] = [];
  #expected: number | undefined;
  #header: LogHeader | undefined;
  #damage: EventLogError | undefined;
  #validAfterDamage = false;
  #wholeBytes = 0;

  /** `expected` is the sequence number that the first record must have, where it is known. */
  constructor(file: string, number: number, frames: FrameReader, expected: number | undefined) {
    this.#file = file;
    this.#number = number;
    this.#frames = frames;
    this.#expected = expected;
    this.#lines = new LineSplitter((bytes, start, end, offset) => this.#line(bytes, start, end, offset));
  }

  get header(): LogHeader | undefined {
    return this.#header;
  }

  /** What is wrong, with the offset of the first line that cannot be used: all before it is right. */
  get damage(): EventLogError | undefined {
    return this.#damage;
  }

  /** The sequence number that the next record must have. */
  get next(): number | undefined {
    return this.#expected;
  }

  /** Where the last line ends that is right: header and records up to there can be kept. */
  get wholeBytes(): number {
    return this.#wholeBytes;
  }

  /** Whether the damage is what a process leaves that dies while it writes: then nothing valid follows. */
  get isTornTail(): boolean {
    return this.#damage !== undefined && !this.#validAfterDamage && TORN.has(this.#damage.code);
  }

  /** Reads on; gives the records that are complete and right. */
  push(chunk: Buffer): readonly LogRecord[] {
    this.#lines.push(chunk);
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** The segment is over. */
  end(): void {
    const rest = this.#lines.end();
    if (this.#damage !== undefined) {
      if (rest !== undefined) this.#validAfterDamage ||= isSealed(rest.bytes, 0, rest.bytes.length);
    } else if (this.#header === undefined) this.#takeHeader(rest?.bytes ?? Buffer.alloc(0), true);
    else if (rest !== undefined)
      this.#fail('RECORD_TRUNCATED', rest.offset, 'is cut off: the file ends before the record does');
  }

  #line(bytes: Buffer, start: number, end: number, offset: number): void {
    if (this.#damage !== undefined) {
      this.#validAfterDamage ||= isSealed(bytes, start, end);
      return;
    }
    if (this.#header === undefined) this.#takeHeader(bytes.subarray(start, end), false);
    else this.#takeRecord(bytes, start, end, offset);
  }

  #takeHeader(line: Buffer, cutOff: boolean): void {
    const header = readHeader(line, this.#file, this.#number);
    if (header instanceof EventLogError) {
      this.#damage = header;
      this.#validAfterDamage = isSealed(line, 0, line.length);
    } else if (cutOff) this.#fail('RECORD_TRUNCATED', 0, 'is a header that is cut off');
    else if (this.#expected !== undefined && header.first !== this.#expected)
      this.#failGap(header.first, this.#expected, 0);
    else {
      this.#header = header;
      this.#expected = header.first;
      this.#wholeBytes = line.length + 1;
    }
  }

  #takeRecord(bytes: Buffer, start: number, end: number, offset: number): void {
    if (end - start >= MAX_LINE_BYTES) {
      this.#fail('RECORD_TOO_LONG', offset, `is longer than ${MAX_LINE_BYTES} bytes`);
      return;
    }
    if (!isSealed(bytes, start, end)) {
      this.#fail('CRC_MISMATCH', offset, 'does not have the checksum that it states');
      return;
    }
    const frame = this.#frames.read(bytes, start, end);
    if (frame === undefined) {
      this.#fail('RECORD_MALFORMED', offset, 'has the right checksum, but not the form of a record');
      this.#validAfterDamage = true;
    } else if (frame.sequence !== this.#expected) this.#failGap(frame.sequence, this.#expected ?? 0, offset);
    else {
      this.#expected = frame.sequence + 1;
      this.#wholeBytes = offset + end - start + 1;
      this.#records.push(new LogRecord(frame, this.#file, offset, bytes));
    }
  }

  #fail(
    code: 'RECORD_TRUNCATED' | 'RECORD_TOO_LONG' | 'CRC_MISMATCH' | 'RECORD_MALFORMED',
    offset: number,
    what: string,
  ): void {
    this.#damage = eventLogError(
      code,
      `The record at byte ${offset} of ${this.#file} ${what}. A repair keeps everything before it.`,
      { file: this.#file, offset },
    );
  }

  #failGap(found: number, expected: number, offset: number): void {
    this.#validAfterDamage = true;
    this.#damage = eventLogError(
      'SEQUENCE_GAP',
      `Record ${found} stands at byte ${offset} of ${this.#file}, where record ${expected} belongs: some are missing, repeated or in another order. A repair keeps everything before it.`,
      { file: this.#file, offset },
    );
  }
}

/** What a write that was not finished can look like. */
const TORN: ReadonlySet<string> = new Set([
  'RECORD_TRUNCATED',
  'RECORD_TOO_LONG',
  'CRC_MISMATCH',
  'HEADER_MISSING',
  'HEADER_DAMAGED',
]);
