/** Owns the stream of frames that one watch sends. */
import type { BodySink } from './body-sink.ts';

/** What a frame carries. */
export type FrameType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** One frame, and the one before it of the same object where there is one. */
export interface Frame {
  readonly type: FrameType;
  readonly bytes: Buffer;
  /** Whether this is the bookmark that ends the initial objects. */
  readonly initialEnd?: boolean;
  /** Gives the same frame with the object's previous state; only for MODIFIED. */
  readonly outOfDate?: () => Buffer;
}

/** Takes the frames of a watch. */
export interface FrameSink {
  send(frame: Frame): void;
  /** Resolves when the client has taken most of what was sent. */
  drained(): Promise<void>;
  end(): void;
  close(): void;
  reset(): void;
}

const JOIN_BELOW = 64 * 1024;

/** Writes frames to a body: those of one turn together, as many as the client takes. */
export class BodyFrameSink implements FrameSink {
  readonly #body: BodySink;
  readonly #maxPending: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #flushing = false;
  #ended = false;

  /** A client that lets more than `maxPending` bytes wait is cut off, as by the real server. */
  constructor(body: BodySink, maxPending: number) {
    this.#body = body;
    this.#maxPending = maxPending;
  }

  send(frame: Frame): void {
    if (this.#ended) return;
    this.#pending.push(frame.bytes);
    this.#pendingBytes += frame.bytes.length;
    if (this.#pendingBytes > this.#maxPending) {
      this.#pending = [];
      this.end();
    } else if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(() => void this.#flush());
    }
  }

  async drained(): Promise<void> {
    await this.#body.drained();
    while (this.#pendingBytes > JOIN_BELOW && !this.#ended) await this.#body.drained();
  }

  end(): void {
    this.#finish(() => this.#body.end());
  }

  close(): void {
    this.#finish(() => this.#body.close());
  }

  reset(): void {
    this.#finish(() => this.#body.reset());
  }

  #finish(how: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const bytes of this.#pending) this.#body.write(bytes);
    this.#pending = [];
    how();
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0 && !this.#ended) {
      const chunk = this.#takeChunk();
      if (!this.#body.write(chunk)) await this.#body.drained();
    }
    this.#flushing = false;
  }

  #takeChunk(): Buffer {
    let count = 0;
    let length = 0;
    for (const bytes of this.#pending) {
      if (count > 0 && length + bytes.length > JOIN_BELOW) break;
      length += bytes.length;
      count += 1;
    }
    const taken = this.#pending.splice(0, count);
    this.#pendingBytes -= length;
    const [only] = taken;
    return taken.length === 1 && only ? only : Buffer.concat(taken, length);
  }
}
