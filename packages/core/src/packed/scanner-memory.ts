/** Owns the module that scans bytes, and its memory. */
import { PLAN_AT, type ScanPlan } from './scan-plan.ts';
import { SCANNER_CODE } from './scanner-code.ts';

/** What the module exports; its source says what these do. */
interface ScannerExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scan(root: number, numSlots: number, from: number, to: number, maxDepth: number): number;
  identify(from: number, mayBeUnnamed: boolean): number;
}

/** What an object has to be, as JSON: `"v1"`, `"Secret"`. */
export interface ExpectedNames {
  readonly apiVersion: Buffer;
  readonly kind: Buffer;
}

/** Where it stands: length, then text. */
const EXPECTED_API_VERSION = 0x100;
const EXPECTED_KIND = 0x200;
const LONGEST_NAME = 0xf0;

// Node has it; the types that come with it do not.
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const PAGE = 64 * 1024;
/** Behind the bytes: a zero that stops the scanner, and what it may read beyond it, sixteen bytes at a time. */
const MARGIN = 64;

/**
 * The scanner's memory: results, the plan of whoever scanned last, the bytes it scanned, and what it kept of them.
 *
 * There is one for all packers of a process: scanning is synchronous, and each memory reserves gigabytes of addresses.
 * What is kept goes to its slab as one piece, when other bytes come or somebody wants to read it: the copying of many
 * small pieces would cost as much as their scanning.
 */
export class ScannerMemory {
  readonly #exports: ScannerExports;
  #bytes: Buffer;
  #words: Int32Array;
  #plan: ScanPlan | undefined;
  #loaded: Uint8Array | undefined;
  #expected: ExpectedNames | undefined;
  #inputAt = 0;
  /** Where what is kept begins, and where is kept what comes next. */
  #outputBegin = 0;
  #outputAt = 0;
  /** What has been kept but not copied: where it begins, and where it goes. */
  #unsettledAt = 0;
  #target: Uint8Array | undefined;
  #targetAt = 0;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(SCANNER_CODE, 'base64'));
    this.#exports = new WebAssembly.Instance(module).exports as ScannerExports;
    this.#bytes = Buffer.from(this.#exports.memory.buffer);
    this.#words = new Int32Array(this.#exports.memory.buffer);
  }

  /** All of it, as bytes; changes when it grows. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** All of it, as words. */
  get words(): Int32Array {
    return this.#words;
  }

  /** Where the bytes to scan stand. */
  get inputAt(): number {
    return this.#inputAt;
  }

  /** Puts a plan and bytes in place, if they are not there already: the same array has the same bytes. */
  load(plan: ScanPlan, bytes: Uint8Array): void {
    if (this.#plan === plan && this.#loaded === bytes) return;
    this.settle();
    const { length } = bytes;
    const inputAt = aligned(PLAN_AT + plan.words.byteLength);
    const outputAt = aligned(inputAt + length + MARGIN);
    this.#reserve(outputAt + length + MARGIN);
    if (this.#plan !== plan) this.#words.set(plan.words, PLAN_AT / 4);
    this.#bytes.set(bytes, inputAt);
    this.#bytes[inputAt + length] = 0;
    this.#plan = plan;
    this.#loaded = bytes;
    this.#inputAt = inputAt;
    this.#outputBegin = outputAt;
    this.#outputAt = outputAt;
  }

  /** Scans the object that begins at an address; the address behind it, or -1. */
  scan({ root, isMany }: ScanPlan, from: number, maxDepth: number, keeps: boolean): number {
    // One after the other, objects never need more room than they took; scanned once more, they begin anew.
    if (keeps && this.#outputAt - this.#outputBegin > from - this.#inputAt) {
      this.settle();
      this.#outputAt = this.#outputBegin;
    }
    return this.#exports.scan(root, isMany.length, from, keeps ? this.#outputAt : 0, maxDepth);
  }

  /** Whether the object scanned last, which begins at an address, is what is expected and names itself plainly. */
  identify(from: number, expected: ExpectedNames, mayBeUnnamed: boolean): boolean {
    if (this.#expected !== expected && !this.#expect(expected)) return false;
    return this.#exports.identify(from, mayBeUnnamed) !== 0;
  }

  #expect(expected: ExpectedNames): boolean {
    const { apiVersion, kind } = expected;
    if (apiVersion.length > LONGEST_NAME || kind.length > LONGEST_NAME) return false;
    this.#words[EXPECTED_API_VERSION / 4] = apiVersion.length;
    this.#words[EXPECTED_KIND / 4] = kind.length;
    this.#bytes.set(apiVersion, EXPECTED_API_VERSION + 4);
    this.#bytes.set(kind, EXPECTED_KIND + 4);
    this.#expected = expected;
    return true;
  }

  /** What was kept last, of this length, is to stand at `at` of `target`; it does once `settle` was called. */
  send(length: number, target: Uint8Array, at: number): void {
    const isNext = this.#target === target && this.#targetAt + this.#outputAt - this.#unsettledAt === at;
    if (!isNext) {
      this.settle();
      this.#target = target;
      this.#targetAt = at;
      this.#unsettledAt = this.#outputAt;
    }
    this.#outputAt += length;
  }

  /** Copies what was kept to where it is to stand. */
  settle(): void {
    const target = this.#target;
    if (target === undefined) return;
    this.#target = undefined;
    target.set(this.#bytes.subarray(this.#unsettledAt, this.#outputAt), this.#targetAt);
  }

  #reserve(size: number): void {
    const { memory } = this.#exports;
    const missing = size - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / PAGE));
    this.#bytes = Buffer.from(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }
}

function aligned(address: number): number {
  return Math.ceil(address / 16) * 16;
}

let shared: ScannerMemory | undefined;

/** The scanner of this process. */
export function scannerMemory(): ScannerMemory {
  shared ??= new ScannerMemory();
  return shared;
}
