/** Owns the memory in which resources lie that nobody has read: large pieces outside of the heap of the engine. */
import type { ResourceSource } from '../entry.ts';

const SLAB_BYTES = 1024 * 1024;
/** A resource that takes more than this has a slab of its own. */
const LARGE = SLAB_BYTES / 4;

const ASCII = 1;
const UNNAMED = 2;
const RELEASED = 4;

/** One piece of memory and what lies in it. */
interface Slab {
  readonly pool: SlabPool;
  readonly bytes: Buffer;
  /** The beginning of an object that is to have the apiVersion and kind which its list left out. */
  readonly names: string;
  readonly sources: PackedSource[];
  used: number;
  /** Bytes that the current state needs. */
  live: number;
  /** Whether nothing more is written to it. */
  full: boolean;
}

/** Bytes to keep. */
export interface PackedBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly length: number;
  readonly isAscii: boolean;
  /** apiVersion and kind to put in front: `{"apiVersion":"v1","kind":"Secret",`; absent where they are there. */
  readonly isUnnamed: boolean;
  readonly names: string;
}

/** A resource as bytes. */
export class PackedSource implements ResourceSource<never> {
  slab: Slab;
  start: number;
  readonly length: number;
  flags: number;

  constructor(slab: Slab, start: number, length: number, flags: number) {
    this.slab = slab;
    this.start = start;
    this.length = length;
    this.flags = flags;
  }

  materialise(): never {
    const { start, length, flags, slab } = this;
    const isUnnamed = (flags & UNNAMED) !== 0;
    const from = isUnnamed ? start + 1 : start;
    const end = start + length;
    const text =
      (flags & ASCII) !== 0
        ? slab.bytes.toString('latin1', from, end)
        : slab.bytes.toString('utf8', from, end);
    return JSON.parse(isUnnamed ? slab.names + text : text) as never;
  }

  release(): void {
    if ((this.flags & RELEASED) !== 0) return;
    this.flags |= RELEASED;
    this.slab.pool.released(this);
  }
}

/**
 * Keeps bytes in slabs. What was released stays readable for whoever still holds its source; a slab of which less than
 * half is needed gives up the rest to a new one, so that no slab outlives its contents for the sake of a few.
 */
export class SlabPool {
  #current: Slab | undefined;

  store(packed: PackedBytes): PackedSource {
    const { bytes, start, length, names } = packed;
    const slab = this.#roomFor(length, names);
    bytes.copy(slab.bytes, slab.used, start, start + length);
    const flags = (packed.isAscii ? ASCII : 0) | (packed.isUnnamed ? UNNAMED : 0);
    return this.#take(new PackedSource(slab, slab.used, length, flags));
  }

  /** What is stored next does not share a slab with what is there. */
  beginSlab(): void {
    const full = this.#current;
    this.#current = undefined;
    if (full !== undefined) this.#close(full);
  }

  /** A source is not needed any more by the current state. */
  released({ slab, length }: PackedSource): void {
    slab.live -= length;
    if (slab.full) this.#tidy(slab);
  }

  #take(source: PackedSource): PackedSource {
    const { slab, length } = source;
    slab.used += length;
    slab.live += length;
    slab.sources.push(source);
    return source;
  }

  #roomFor(length: number, names: string): Slab {
    if (length > LARGE) return newSlab(this, length, names, true);
    const current = this.#current;
    if (current?.names === names && current.used + length <= current.bytes.length) return current;
    this.#current = newSlab(this, SLAB_BYTES, names, false);
    if (current === undefined) return this.#current;
    this.#close(current);
    // What was left in the closed one may lie in the new one now.
    return this.#roomFor(length, names);
  }

  #close(slab: Slab): void {
    slab.full = true;
    this.#tidy(slab);
  }

  #tidy(slab: Slab): void {
    if (slab.live === 0) slab.sources.length = 0;
    else if (slab.live * 2 < slab.used) this.#moveAll(slab);
  }

  #moveAll(slab: Slab): void {
    const { bytes, names, sources } = slab;
    const rest = sources.splice(0);
    slab.live = 0;
    for (const source of rest) {
      if ((source.flags & RELEASED) !== 0) continue;
      const { start, length } = source;
      const room = this.#roomFor(length, names);
      bytes.copy(room.bytes, room.used, start, start + length);
      source.slab = room;
      source.start = room.used;
      this.#take(source);
    }
  }
}

function newSlab(pool: SlabPool, size: number, names: string, full: boolean): Slab {
  return { pool, bytes: Buffer.allocUnsafeSlow(size), names, sources: [], used: 0, live: 0, full };
}
