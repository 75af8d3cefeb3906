/** Owns one record as a reader gets it: its frame is read at once, its event when somebody asks. */
import { eventLogError } from './event-log-failure.ts';
import { PREFIX_BYTES } from './line-frame.ts';
import type { LogEvent } from './log-event.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const CLOSE = 125;
const TIME = Buffer.from('{"t":');
const MONOTONIC = Buffer.from(',"m":');
const SEQUENCE = Buffer.from(',"n":');
const RESOURCE = Buffer.from(',"r":"');
const EVENT = Buffer.from('","e":');

/** One record. It keeps the chunk that it was read from: whoever keeps many of them keeps the events instead. */
export class LogRecord {
  /** Wall clock, milliseconds since the epoch. */
  readonly time: number;
  /** Monotonic clock of the run, microseconds. */
  readonly monotonic: number;
  /** Rises by one from record to record, over segments and runs. */
  readonly sequence: number;
  /** Which resource it is about; `''` for the whole log. */
  readonly resource: string;
  /** Where its line begins. */
  readonly file: string;
  readonly offset: number;
  readonly #chunk: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(frame: RecordFrame, file: string, offset: number, chunk: Buffer) {
    this.time = frame.time;
    this.monotonic = frame.monotonic;
    this.sequence = frame.sequence;
    this.resource = frame.resource;
    this.file = file;
    this.offset = offset;
    this.#chunk = chunk;
    this.#start = frame.eventStart;
    this.#end = frame.eventEnd;
  }

  /** Where the event's JSON stands: among others, in a piece of the log. */
  get place(): { readonly chunk: Buffer; readonly start: number; readonly end: number } {
    return { chunk: this.#chunk, start: this.#start, end: this.#end };
  }

  /** The event's type, which costs no parsing. */
  get type(): LogEvent['type'] {
    // Every writer puts the type first; other JSON is legal and slower.
    const head = this.#chunk.toString('latin1', this.#start, Math.min(this.#start + 24, this.#end));
    const type = /^\{"type":"([A-Z]+)"/.exec(head)?.[1];
    return (type as LogEvent['type'] | undefined) ?? this.parse().type;
  }

  /** The event, parsed anew at each call. @throws {EventLogError} `RECORD_MALFORMED` if it is no JSON. */
  parse(): LogEvent {
    try {
      return JSON.parse(this.#chunk.toString('utf8', this.#start, this.#end)) as LogEvent;
    } catch (cause) {
      const { file, offset } = this;
      throw eventLogError(
        'RECORD_MALFORMED',
        `The record at byte ${offset} of ${file} has the right checksum and is no JSON: it was written by something else. A repair keeps what comes before it.`,
        { file, offset, cause },
      );
    }
  }
}

/** What stands around the event. */
export interface RecordFrame {
  readonly time: number;
  readonly monotonic: number;
  readonly sequence: number;
  readonly resource: string;
  readonly eventStart: number;
  readonly eventEnd: number;
}

/** Reads the frames of records. Names are kept: a log has few of them and many records. */
export class FrameReader {
  readonly #names = new Map<string, string>();
  #at = 0;

  /** Reads a line, without line feed; undefined if it is not of the one form that is written. */
  read(line: Buffer, start: number, end: number): RecordFrame | undefined {
    this.#at = start + PREFIX_BYTES;
    const time = this.#number(TIME, line);
    const monotonic = this.#number(MONOTONIC, line);
    const sequence = this.#number(SEQUENCE, line);
    const resource = this.#name(line, end);
    if (time < 0 || monotonic < 0 || sequence < 0 || resource === undefined) return undefined;
    if (!this.#skip(EVENT, line) || line[end - 1] !== CLOSE || this.#at >= end - 1) return undefined;
    return { time, monotonic, sequence, resource, eventStart: this.#at, eventEnd: end - 1 };
  }

  #skip(word: Buffer, line: Buffer): boolean {
    for (const byte of word) if (line[this.#at++] !== byte) return false;
    return true;
  }

  /** A whole number of at least one digit, or -1. */
  #number(before: Buffer, line: Buffer): number {
    if (!this.#skip(before, line)) return -1;
    const start = this.#at;
    let value = 0;
    for (let digit = (line[start] ?? 0) - 48; digit >= 0 && digit <= 9; ) {
      value = value * 10 + digit;
      digit = (line[++this.#at] ?? 0) - 48;
    }
    return this.#at > start && Number.isSafeInteger(value) ? value : -1;
  }

  #name(line: Buffer, end: number): string | undefined {
    if (!this.#skip(RESOURCE, line)) return undefined;
    const start = this.#at;
    while (this.#at < end && line[this.#at] !== QUOTE) this.#at += line[this.#at] === BACKSLASH ? 2 : 1;
    if (this.#at >= end) return undefined;
    const text = line.toString('latin1', start, this.#at);
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    try {
      const name = JSON.parse(`"${line.toString('utf8', start, this.#at)}"`) as string;
      this.#names.set(text, name);
      return name;
    } catch {
      return undefined;
    }
  }
}
