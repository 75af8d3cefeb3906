/** Owns the cutting of a watch body into frames. */
import { ProtocolError } from '@firn/core';
import { asBuffer } from './as-buffer.ts';
import { PendingBytes } from './pending-bytes.ts';

/** The most bytes that one frame, or one item of a list, may have: 16 MiB. */
export const FRAME_LIMIT: number = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Splits a watch body at newline bytes (0x0A) and nowhere else; empty lines are not frames.
 *
 * A frame that lies within one chunk is a view of that chunk, not a copy.
 *
 * @example
 * ```ts
 * const splitter = new FrameSplitter();
 * for await (const chunk of response.body) for (const frame of splitter.push(chunk)) { … }
 * if (splitter.end().length > 0) { … } // a frame without its newline: perhaps cut off
 * ```
 */
export class FrameSplitter {
  readonly #limit: number;
  readonly #pending = new PendingBytes();
  #offset = 0;

  constructor(options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? FRAME_LIMIT;
  }

  /**
   * The frames that this chunk completes, in order.
   *
   * @throws {ProtocolError} `FRAME_TOO_LARGE` as soon as a frame exceeds the limit, even an unfinished one. The
   * body is of no use then.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = asBuffer(chunk);
    const frames: Uint8Array[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.#checkSize(end - from);
      const frame = this.#pending.takeWith(bytes.subarray(from, end));
      if (frame.length > 0) frames.push(frame);
      from = end + 1;
    }
    if (from < bytes.length) {
      this.#checkSize(bytes.length - from);
      this.#pending.append(bytes.subarray(from));
    }
    this.#offset += bytes.length;
    return frames;
  }

  /** The body is over: what no newline followed, whole or cut off; nothing after a clean end. */
  end(): Uint8Array {
    return this.#pending.take();
  }

  #checkSize(more: number): void {
    if (this.#pending.length + more <= this.#limit) return;
    const offset = this.#offset - this.#pending.length;
    this.#pending.clear();
    throw new ProtocolError(
      `A frame of the watch is longer than ${this.#limit} bytes. Narrow the watch with a selector, or find out what keeps so large an object.`,
      { code: 'FRAME_TOO_LARGE', offset },
    );
  }
}
