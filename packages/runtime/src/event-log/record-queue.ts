/** Owns records between `append` and the disk: framed, in order, in a few large chunks of bytes. */
import type { Clock } from '@firn/stores';
import type { EventBytes } from './event-bytes.ts';
import { LINE_FEED, MAX_LINE_BYTES, PREFIX_BYTES, sealLine } from './line-frame.ts';
import type { LogEvent } from './log-event.ts';

/** Whole lines, one after the other. */
export interface Chunk {
  readonly buffer: Buffer;
  /** Bytes in use. */
  length: number;
  /** Sequence number of its last record. */
  last: number;
}

const CHUNK_BYTES = 256 * 1024;
/** Chunks kept for use again: making one costs more than filling it. */
const SPARE_CHUNKS = 8;
const CLOSE = 125;
const SPACE = 32;

/** Frames records into chunks. It is given JSON and looks at none of it but for line feeds. */
export class RecordQueue {
  #chunks: Chunk[] = [];
  #spare: Chunk[] = [];
  #names = new Map<string, string>();
  #next: number;
  #bytes = 0;
  readonly #clock: Clock;

  /** `next` is the sequence number of the first record; records get the time of the clock. */
  constructor(next: number, clock: Clock) {
    this.#next = next;
    this.#clock = clock;
  }

  /** The sequence number of the next record. */
  get next(): number {
    return this.#next;
  }

  /** Bytes that were appended and not yet given back as written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a record; gives the bytes of its line, or undefined if it cannot be one: it is no JSON, or too long. */
  append(resource: string, event: LogEvent | EventBytes): number | undefined {
    const content = 'pieces' in event ? event : jsonOf(event);
    if (content === undefined) return undefined;
    const head = this.#head(resource);
    const most = PREFIX_BYTES + head.length * 3 + contentBytes(content) + 2;
    if (most > MAX_LINE_BYTES) return undefined;
    const chunk = this.#room(most);
    const start = chunk.length;
    let end = start + PREFIX_BYTES;
    end += chunk.buffer.write(head, end);
    end =
      typeof content === 'string' ? end + chunk.buffer.write(content, end) : copy(content, chunk.buffer, end);
    chunk.buffer[end] = CLOSE;
    sealLine(chunk.buffer, start, end + 1);
    chunk.length = end + 2;
    chunk.last = this.#next++;
    this.#bytes += chunk.length - start;
    return chunk.length - start;
  }

  /** Takes everything that was appended so far. Each chunk must come back by `written`. */
  take(): readonly Chunk[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** A chunk that was taken is not needed any more. */
  written(chunk: Chunk): void {
    this.#bytes -= chunk.length;
    if (chunk.buffer.length !== CHUNK_BYTES || this.#spare.length >= SPARE_CHUNKS) return;
    chunk.length = 0;
    this.#spare.push(chunk);
  }

  /** Forgets what nobody took, and the numbers that were given to it: `next` is the next one again. */
  discard(next: number): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#next = next;
  }

  #room(bytes: number): Chunk {
    const current = this.#chunks.at(-1);
    if (current !== undefined && current.buffer.length - current.length >= bytes) return current;
    const fits = bytes <= CHUNK_BYTES;
    const chunk = (fits && this.#spare.pop()) || {
      buffer: Buffer.allocUnsafeSlow(Math.max(bytes, CHUNK_BYTES)),
      length: 0,
      last: 0,
    };
    this.#chunks.push(chunk);
    return chunk;
  }

  #head(resource: string): string {
    const wall = Math.round(this.#clock.now());
    const micros = Math.round(this.#clock.monotonic() * 1000);
    return `{"t":${wall},"m":${micros},"n":${this.#next},"r":${this.#quoted(resource)},"e":`;
  }

  #quoted(resource: string): string {
    let quoted = this.#names.get(resource);
    if (quoted === undefined) {
      quoted = JSON.stringify(resource);
      this.#names.set(resource, quoted);
    }
    return quoted;
  }
}

/** What an owner gives may hold anything, such as itself. */
function jsonOf(event: LogEvent): string | undefined {
  try {
    return JSON.stringify(event);
  } catch {
    return undefined;
  }
}

function contentBytes(content: EventBytes | string): number {
  if (typeof content === 'string') return Buffer.byteLength(content);
  let bytes = 0;
  for (const piece of content.pieces) bytes += piece.length;
  return bytes;
}

/** Copies the pieces; says where they end. A line feed between tokens would end the line: it becomes a space. */
function copy(event: EventBytes, into: Buffer, start: number): number {
  let end = start;
  for (const piece of event.pieces) {
    into.set(piece, end);
    end += piece.length;
  }
  // Only these bytes: what an earlier use of the chunk left behind them is full of line feeds.
  const copied = into.subarray(start, end);
  for (let at = copied.indexOf(LINE_FEED); at >= 0; at = copied.indexOf(LINE_FEED, at + 1))
    copied[at] = SPACE;
  return end;
}
