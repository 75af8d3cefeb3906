/** Owns the one pass over the bytes of an object: checks them, finds values, and finds what is to be left out. */
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  INVALID,
  JsonScanner,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-scanner.ts';
import type { PlanField, PlanNode, ScanPlan } from './scan-plan.ts';

/** What `start` of a slot is while its value has not been found. */
export const ABSENT = -1;

/**
 * Walks an object along a plan. What it found stands in its fields until the next scan.
 *
 * It gives up on names that are repeated in one object where the plan looks: those are valid, but never sent.
 */
export class ObjectScanner extends JsonScanner {
  /** For each slot that takes one value: where it begins, or `ABSENT`. */
  readonly starts: Int32Array;
  /** For each slot that takes one value: the index behind it. */
  readonly ends: Int32Array;
  /** For each slot that takes any number of values: start and end of each, in order. */
  readonly many: readonly number[][];
  /** Start and end of each part to leave out, in order, commas included. */
  readonly cuts: number[] = [];
  readonly #plan: ScanPlan;
  #numObjects = 0;

  constructor(plan: ScanPlan) {
    super();
    this.#plan = plan;
    this.starts = new Int32Array(plan.isMany.length);
    this.ends = new Int32Array(plan.isMany.length);
    this.many = plan.isMany.map(() => []);
  }

  /** Whether the object scanned last was all ASCII. */
  get isAscii(): boolean {
    return !this.beyondAscii;
  }

  /** Scans the object that begins at `from`: the index behind it, or `INVALID`. */
  scan(bytes: Uint8Array, from: number, maxDepth: number): number {
    this.bytes = bytes;
    this.end = bytes.length;
    this.maxDepth = maxDepth;
    this.beyondAscii = false;
    this.starts.fill(ABSENT);
    this.cuts.length = 0;
    const { isMany } = this.#plan;
    for (let slot = 0; slot < isMany.length; slot++) {
      if (isMany[slot] === true) (this.many[slot] as number[]).length = 0;
    }
    if (bytes[from] !== OPEN_OBJECT) return INVALID;
    return this.#object(this.#plan.root, from, 0);
  }

  /** Reads a value of which the plan says this, if anything. */
  #planned(node: PlanNode | undefined, from: number, depth: number): number {
    if (node === undefined || node.cut) return this.value(from, depth);
    const first = this.bytes[from];
    const end =
      first === OPEN_OBJECT && node.hasFields
        ? this.#object(node, from, depth)
        : first === OPEN_ARRAY && node.hasElements
          ? this.#array(node, from, depth)
          : this.value(from, depth);
    const { slots } = node;
    for (let i = 0; i < slots.length; i++) this.#note(slots[i] as number, from, end);
    return end;
  }

  #note(slot: number, start: number, end: number): void {
    if (this.#plan.isMany[slot] === true) this.many[slot]?.push(start, end);
    else {
      this.starts[slot] = start;
      this.ends[slot] = end;
    }
  }

  #object(node: PlanNode, from: number, depth: number): number {
    if (depth >= this.maxDepth) return INVALID;
    const object = ++this.#numObjects;
    let at = this.space(from + 1);
    if (this.byte(at) === CLOSE_OBJECT) return at + 1;
    for (;;) {
      const start = at;
      if (this.byte(at) !== QUOTE) return INVALID;
      const behind = this.string(at);
      if (behind === INVALID) return INVALID;
      const field = this.#find(node, start, behind);
      at = this.colon(behind);
      if (at === INVALID || field?.seenIn === object) return INVALID;
      if (field !== undefined) field.seenIn = object;
      at = this.#planned(field, at, depth + 1);
      if (at === INVALID) return INVALID;
      const end = at;
      at = this.space(at);
      const next = this.byte(at);
      if (field?.cut === true) this.#cut(start, end, at, next);
      if (next === CLOSE_OBJECT) return at + 1;
      if (next !== COMMA) return INVALID;
      at = this.space(at + 1);
    }
  }

  #array(node: PlanNode, from: number, depth: number): number {
    if (depth >= this.maxDepth) return INVALID;
    let at = this.space(from + 1);
    if (this.byte(at) === CLOSE_ARRAY) return at + 1;
    for (let index = 0; ; index++) {
      const start = at;
      const element = node.elements.get(index) ?? node.each;
      at = this.#planned(element, at, depth + 1);
      if (at === INVALID) return INVALID;
      const end = at;
      at = this.space(at);
      const next = this.byte(at);
      if (element?.cut === true) this.#cut(start, end, at, next);
      if (next === CLOSE_ARRAY) return at + 1;
      if (next !== COMMA) return INVALID;
      at = this.space(at + 1);
    }
  }

  /** Notes a member to leave out, with the comma behind it, or before it if it is the last one. */
  #cut(start: number, end: number, nextAt: number, next: number): void {
    const { cuts, bytes } = this;
    if (next === COMMA) {
      cuts.push(start, nextAt + 1);
      return;
    }
    let from = start;
    for (;;) {
      while (isSpace(bytes[from - 1] as number)) from--;
      if (cuts.length === 0 || cuts[cuts.length - 1] !== from) break;
      cuts.pop();
      from = cuts.pop() as number;
    }
    if (bytes[from - 1] === COMMA) from--;
    cuts.push(from, end);
  }

  /** What the plan says of the field whose name stands between these, quotes included. */
  #find(node: PlanNode, start: number, behind: number): PlanNode | undefined {
    if (this.unusual) return this.#findDecoded(node, start, behind);
    const candidates = node.fields[behind - start - 2];
    if (candidates === undefined) return undefined;
    for (let i = 0; i < candidates.length; i++) {
      const field = candidates[i] as PlanField;
      if (this.#equals(start + 1, field.bytes)) return field.node;
    }
    return undefined;
  }

  #equals(from: number, name: Uint8Array): boolean {
    const { bytes } = this;
    for (let i = name.length - 1; i >= 0; i--) if (bytes[from + i] !== name[i]) return false;
    return true;
  }

  /** A name with an escape or beyond ASCII is decoded before it is compared. */
  #findDecoded(node: PlanNode, start: number, behind: number): PlanNode | undefined {
    const name = parseString(this.bytes, start, behind);
    for (const candidates of node.fields) {
      const found = candidates?.find((field) => field.name === name);
      if (found !== undefined) return found.node;
    }
    return undefined;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The text of a string that was scanned, from its opening quote. */
export function parseString(bytes: Uint8Array, start: number, end: number): string {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
}
