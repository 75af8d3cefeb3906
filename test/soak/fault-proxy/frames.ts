/** Owns what is done to the frames of one stream. */
import type { FaultKind } from './fault.ts';
import { statusOf } from './status-answer.ts';

/** Faults that know of frames. */
export type FrameFaultKind = Extract<
  FaultKind,
  'truncate' | 'close-after' | 'duplicate' | 'error-event' | 'lose'
>;

/** What becomes of a chunk: what is sent, and whether the stream ends then. */
export interface Reshaped {
  readonly bytes: Buffer;
  readonly ends: boolean;
}

const NEWLINE = 0x0a;

/** Applies a fault to frames, from the next one that begins on. */
export class FrameFault {
  readonly #kind: FrameFaultKind;
  readonly #amount: number;
  #seen = 0;
  /** The beginning of a frame whose end has not come. */
  #begun: Buffer = Buffer.alloc(0);
  /** In the middle of a frame that was begun before the fault. */
  #isWithin: boolean;

  constructor(kind: FrameFaultKind, amount: number, isWithin: boolean) {
    this.#kind = kind;
    this.#amount = amount;
    this.#isWithin = isWithin;
  }

  /** What is kept of a frame that has begun, when the fault is over. */
  get rest(): Buffer {
    return this.#begun;
  }

  get isOver(): boolean {
    return this.#kind === 'duplicate' && this.#seen >= this.#amount;
  }

  take(chunk: Buffer): Reshaped {
    const out: Buffer[] = [];
    let at = 0;
    if (this.#isWithin) {
      const end = chunk.indexOf(NEWLINE);
      at = end < 0 ? chunk.length : end + 1;
      out.push(chunk.subarray(0, at));
      this.#isWithin = end < 0;
    }
    for (let end = chunk.indexOf(NEWLINE, at); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      const frame = Buffer.concat([this.#begun, chunk.subarray(at, end + 1)]);
      this.#begun = Buffer.alloc(0);
      at = end + 1;
      const { bytes, ends } = this.#frame(frame);
      out.push(bytes);
      if (ends) return { bytes: Buffer.concat(out), ends };
    }
    if (!this.#isWithin) this.#begun = Buffer.concat([this.#begun, chunk.subarray(at)]);
    return { bytes: Buffer.concat(out), ends: false };
  }

  #frame(frame: Buffer): Reshaped {
    this.#seen++;
    switch (this.#kind) {
      case 'truncate':
        return { bytes: frame.subarray(0, frame.length / 2), ends: true };
      case 'close-after':
        return { bytes: frame, ends: this.#seen >= this.#amount };
      case 'duplicate':
        return { bytes: this.isOver ? frame : Buffer.concat([frame, frame]), ends: false };
      case 'error-event': {
        const event = { type: 'ERROR', object: statusOf(this.#amount) };
        return { bytes: Buffer.concat([frame, Buffer.from(`${JSON.stringify(event)}\n`)]), ends: true };
      }
      case 'lose':
        return { bytes: this.#seen % this.#amount === 0 ? Buffer.alloc(0) : frame, ends: false };
    }
  }
}
