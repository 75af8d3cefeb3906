/** Owns the way from chunks to lines: linear in the bytes, and bounded by the longest line. */
import { LINE_FEED, MAX_LINE_BYTES } from './line-frame.ts';

/** Who gets the lines: bytes from `start` to `end`, without line feed, which stood at `offset` of the whole. */
export type OnLine = (bytes: Buffer, start: number, end: number, offset: number) => void;

/** Splits; a line that is longer than a line may be comes with what fits of it. */
export class LineSplitter {
  readonly #onLine: OnLine;
  /** The beginning of a line that has not ended. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #tooLong = false;
  /** Where the line under way began. */
  #offset = 0;

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      if (this.#pendingBytes > 0) this.#endPending(chunk.subarray(start, end));
      else this.#line(chunk, start, end, end + 1 - start);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** What stands behind the last line feed, if anything. */
  end(): { readonly bytes: Buffer; readonly offset: number } | undefined {
    if (this.#pendingBytes === 0) return undefined;
    return { bytes: Buffer.concat(this.#pending), offset: this.#offset };
  }

  #line(bytes: Buffer, start: number, end: number, length: number): void {
    const offset = this.#offset;
    this.#offset += length;
    this.#onLine(bytes, start, end, offset);
  }

  #keep(bytes: Buffer): void {
    this.#pendingBytes += bytes.length;
    if (this.#tooLong) return;
    this.#pending.push(bytes);
    this.#tooLong = this.#pendingBytes > MAX_LINE_BYTES;
  }

  #endPending(rest: Buffer): void {
    this.#keep(rest);
    const line = Buffer.concat(this.#pending);
    const length = this.#pendingBytes + 1;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#tooLong = false;
    this.#line(line, 0, line.length, length);
  }
}
