/** Owns the cutting of a watch body into frames. */
import { ProtocolError } from '@firn/core';
import { asBuffer } from './as-buffer.ts';
import { PendingBytes } from './pending-bytes.ts';

/** The most bytes that one frame, or one item of a list, may have: 16 MiB. */
export const FRAME_LIMIT: number = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Finds the end of frames and takes them, as far as it can. */
export interface FrameTaker<Frame> {
  /** The frame that begins at `from`, newline included; nothing if it has to be cut out and looked at. */
  take(chunk: Buffer, from: number): Frame | undefined;
  /** The index behind the newline of the frame taken last. */
  readonly end: number;
}

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
   * The frames that this chunk completes, in order, or what `taker` made of them.
   *
   * @throws {ProtocolError} `FRAME_TOO_LARGE` as soon as a frame exceeds the limit, even an unfinished one. The
   * body is of no use then.
   */
  push<Frame = never>(chunk: Uint8Array, taker?: FrameTaker<Frame>): (Uint8Array | Frame)[] {
    const bytes = asBuffer(chunk);
    const frames: (Uint8Array | Frame)[] = [];
    let from = 0;
    while (from < bytes.length) {
      if (bytes[from] === NEWLINE && this.#pending.length === 0) {
        from++;
        continue;
      }
      const taken = this.#pending.length === 0 ? taker?.take(bytes, from) : undefined;
      if (taken !== undefined && taker !== undefined && taker.end - from - 1 <= this.#limit) {
        frames.push(taken);
        from = taker.end;
        continue;
      }
      const newline = bytes.indexOf(NEWLINE, from);
      const end = newline === -1 ? bytes.length : newline;
      this.#checkSize(end - from);
      const piece = bytes.subarray(from, end);
      if (newline === -1) this.#pending.append(piece);
      else {
        const frame = this.#pending.takeWith(piece);
        if (frame.length > 0) frames.push(frame);
      }
      from = end + 1;
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
