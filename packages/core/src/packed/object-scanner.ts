/** Owns one reader's view of the scanner: its plan, and what was found in the object scanned last. */
import type { ScanPlan } from './scan-plan.ts';
import { type ExpectedNames, type ScannerMemory, scannerMemory } from './scanner-memory.ts';

/** What is given instead of an index where there is no object, or an unusual one. */
export const INVALID = -1;
/** What `start` of a slot is while its value has not been found. */
export const ABSENT = 0;

/** Where the results of a scan stand, in words. */
const KEPT_LENGTH = 0x1000 / 4;
const BEYOND_ASCII = 0x1004 / 4;
const NUM_MANY = 0x100c / 4;
const IS_UNNAMED = 0x1010 / 4;
const UID_AT = 0x1014 / 4;
const VERSION_AT = 0x1018 / 4;
const IS_PLAIN = 0x101c / 4;
const SLOTS = 0x1040 / 4;
const MANY = 0x6000 / 4;

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

  /**
   * Whether the object scanned last is what is expected, has a name, and a uid and a version that can be read later
   * without being parsed. Its first six slots are those of a packer.
   */
  identify(expected: ExpectedNames, mayBeUnnamed: boolean): boolean {
    const memory = this.#memory;
    return memory.identify(memory.inputAt + this.#from, expected, mayBeUnnamed);
  }

  /** Of what was identified last: whether apiVersion or kind is missing. */
  get isUnnamed(): boolean {
    return this.#memory.words[IS_UNNAMED] !== 0;
  }

  /** Of what was identified last: whether namespace and name are plain ASCII without escapes. */
  get isPlain(): boolean {
    return this.#memory.words[IS_PLAIN] !== 0;
  }

  /** Of what was identified last: where the text of its uid stands in what is kept; 0 where there is none. */
  get uidAt(): number {
    return this.#memory.words[UID_AT] as number;
  }

  /** Of what was identified last: where the text of its version stands in what is kept. */
  get versionAt(): number {
    return this.#memory.words[VERSION_AT] as number;
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
