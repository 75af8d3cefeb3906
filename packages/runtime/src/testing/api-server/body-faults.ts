/** Owns the faults that act on the bytes of a response. */
import type { Clock } from '@firn/stores';
import { type BodySink, PassingBody } from './body-sink.ts';

/** How a response can stop. */
export type Stop = 'end' | 'close' | 'reset' | 'stall';

/** Lets a number of bytes through, then stops. */
export class StoppingBody extends PassingBody {
  #left: number;
  readonly #how: Stop;

  constructor(next: BodySink, bytes: number, how: Stop) {
    super(next);
    this.#left = bytes;
    this.#how = how;
  }

  override write(chunk: Uint8Array): boolean {
    if (this.#left < 0) return true;
    const passed = chunk.subarray(0, this.#left);
    this.#left -= chunk.length;
    const more = passed.length === 0 || this.next.write(passed);
    if (this.#left > 0) return more;
    this.#left = -1;
    if (this.#how !== 'stall') this.next[this.#how]();
    return true;
  }

  override end(): void {
    if (this.#left >= 0) this.next.end();
  }
}

/** Sends a few bytes at a time. */
export class DrippingBody extends PassingBody {
  readonly #clock: Clock;
  readonly #bytes: number;
  readonly #every: number;
  #waiting: Buffer[] = [];
  #dripping = false;
  #ended = false;

  constructor(next: BodySink, clock: Clock, bytes: number, every: number) {
    super(next);
    this.#clock = clock;
    this.#bytes = Math.max(1, bytes);
    this.#every = every;
  }

  override write(chunk: Uint8Array): boolean {
    this.#waiting.push(Buffer.from(chunk));
    if (!this.#dripping) this.#drip();
    return true;
  }

  override end(): void {
    this.#ended = true;
    if (!this.#dripping) this.next.end();
  }

  #drip(): void {
    const all = Buffer.concat(this.#waiting);
    this.#dripping = all.length > 0;
    if (!this.#dripping) {
      if (this.#ended) this.next.end();
      return;
    }
    this.next.write(all.subarray(0, this.#bytes));
    this.#waiting = [all.subarray(this.#bytes)];
    this.#clock.setTimeout(() => this.#drip(), this.#every);
  }
}

/** Puts bytes that are no JSON over those of the body. */
export class MalformedBody extends PassingBody {
  #until: number;

  constructor(next: BodySink, afterBytes: number) {
    super(next);
    this.#until = afterBytes;
  }

  override write(chunk: Uint8Array): boolean {
    const place = this.#until;
    this.#until -= chunk.length;
    if (place < 0 || place >= chunk.length) return this.next.write(chunk);
    this.#until = -1;
    const changed = Buffer.from(chunk);
    // A control character is allowed nowhere in JSON, not even in a string.
    changed[place] = 1;
    return this.next.write(changed);
  }
}

/** Sends one long string member before the rest. */
export class HugeBody extends PassingBody {
  readonly #bytes: number;
  #begun = false;

  constructor(next: BodySink, bytes: number) {
    super(next);
    this.#bytes = bytes;
  }

  override write(chunk: Uint8Array): boolean {
    if (this.#begun) return this.next.write(chunk);
    this.#begun = true;
    this.next.write(Buffer.from('{"huge":"'));
    this.next.write(Buffer.alloc(this.#bytes, 'x'));
    this.next.write(Buffer.from('",'));
    return this.next.write(chunk.subarray(1));
  }
}

/** Collects the body and sends what becomes of it. */
export class RewrittenBody extends PassingBody {
  readonly #rewrite: (body: string) => string;
  readonly #chunks: Buffer[] = [];

  constructor(next: BodySink, rewrite: (body: string) => string) {
    super(next);
    this.#rewrite = rewrite;
  }

  override write(chunk: Uint8Array): boolean {
    this.#chunks.push(Buffer.from(chunk));
    return true;
  }

  override end(): void {
    this.next.write(Buffer.from(this.#rewrite(Buffer.concat(this.#chunks).toString())));
    this.next.end();
  }
}
