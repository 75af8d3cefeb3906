/** Owns one reader's view of the scanner: its plan, and what was found in the object scanned last. */
import type { ScanPlan } from './scan-plan.ts';
import { type ScannerMemory, scannerMemory } from './scanner-memory.ts';

/** What is given instead of an index where there is no object, or an unusual one. */
export const INVALID = -1;
/** What `start` of a slot is while its value has not been found. */
export const ABSENT = 0;

/** Where the results of a scan stand, in words. */
const KEPT_LENGTH = 0x1000 / 4;
const BEYOND_ASCII = 0x1004 / 4;
const NUM_CUTS = 0x1008 / 4;
const NUM_MANY = 0x100c / 4;
const SLOTS = 0x1040 / 4;
const CUTS = 0x2000 / 4;
const MANY = 0x6000 / 4;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const MOST_SLOTS = 500;
/** More than any frame has. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Walks an object along a plan. What it found can be asked for until anybody scans the next one.
 *
 * It gives up on what is valid but never sent: names that are repeated in one object where the plan looks, or that are
 * written with escapes there, and thousands of values or parts to leave out.
 */
export class ObjectScanner {
  readonly #plan: ScanPlan;
  readonly #memory: ScannerMemory = scannerMemory();
  #from = 0;

  constructor(plan: ScanPlan) {
    this.#plan = plan;
  }

  /** Where addresses of values lead to. */
  get bytes(): Buffer {
    return this.#memory.bytes;
  }

  /** Whether the object scanned last was all ASCII. */
  get isAscii(): boolean {
    return this.#memory.words[BEYOND_ASCII] === 0;
  }

  /** Bytes that are kept of the object scanned last. */
  get keptLength(): number {
    return this.#memory.words[KEPT_LENGTH] as number;
  }

  /**
   * Scans the object that begins at `from`: the index behind it, or `INVALID`. The same array is taken to have the
   * same bytes as the last time.
   */
  scan(bytes: Uint8Array, from: number, maxDepth: number, keeps: boolean): number {
    if (this.#plan.isMany.length > MOST_SLOTS || bytes.length > MOST_BYTES) return INVALID;
    const memory = this.#memory;
    memory.load(this.#plan, bytes);
    this.#from = from;
    const { inputAt } = memory;
    const end = memory.scan(this.#plan, inputAt + from, maxDepth, keeps);
    return end === INVALID ? INVALID : end - inputAt;
  }

  /** What is kept of the object scanned last is to stand at `at` of `target`; it does once `settle` was called. */
  send(target: Uint8Array, at: number): void {
    this.#memory.send(this.keptLength, target, at);
  }

  /** Copies what was kept to where it is to stand. */
  settle(): void {
    this.#memory.settle();
  }

  /** The address of the value of a slot that takes one, or `ABSENT`. */
  start(slot: number): number {
    return this.#memory.words[SLOTS + 2 * slot] as number;
  }

  /** The address behind it. */
  end(slot: number): number {
    return this.#memory.words[SLOTS + 2 * slot + 1] as number;
  }

  /** Bytes of the text of a slot, without its quotes; 0 where it is absent. */
  length(slot: number): number {
    const start = this.start(slot);
    return start === ABSENT ? 0 : this.end(slot) - start - 2;
  }

  /**
   * Whether a slot has text of visible ASCII without escapes, or is absent where it may be as short as nothing: such
   * text can be read later without being parsed.
   */
  isIdentifier(slot: number, shortest: number): boolean {
    const start = this.start(slot);
    if (start === ABSENT) return shortest === 0;
    const { bytes } = this.#memory;
    const end = this.end(slot) - 1;
    if (bytes[start] !== QUOTE || end - start - 1 < shortest) return false;
    for (let at = start + 1; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === BACKSLASH || byte > 0x7e) return false;
    }
    return true;
  }

  /** Where the value of a slot stands in what is kept, counted from its beginning; it must not be left out. */
  keptOffset(slot: number): number {
    const { words, inputAt } = this.#memory;
    const start = this.start(slot);
    let offset = start - inputAt - this.#from;
    const count = words[NUM_CUTS] as number;
    for (let at = CUTS; at < CUTS + 2 * count && (words[at] as number) < start; at += 2) {
      offset -= (words[at + 1] as number) - (words[at] as number);
    }
    return offset;
  }

  /** Start and end of each value of a slot that takes any number, in order. */
  places(slot: number): number[] {
    const { words } = this.#memory;
    const count = words[NUM_MANY] as number;
    const places: number[] = [];
    for (let at = MANY; at < MANY + 3 * count; at += 3) {
      if (words[at] === slot) places.push(words[at + 1] as number, words[at + 2] as number);
    }
    return places;
  }
}

/** The text of a string that was scanned, from its opening quote. */
export function parseString(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(bytes.toString('utf8', start, end));
}
