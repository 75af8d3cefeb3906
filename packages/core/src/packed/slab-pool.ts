/** Owns the memory in which resources lie that nobody has read: large pieces outside of the heap of the engine. */
const SLAB_BYTES = 1024 * 1024;
/** A resource that takes more than this has a slab of its own. */
const LARGE = SLAB_BYTES / 4;

/** Who lies in a slab. */
export interface Tenant {
  readonly start: number;
  readonly length: number;
  /** Whether the current state needs it. */
  readonly isNeeded: boolean;
  moveTo(slab: Slab, start: number): void;
}

/** One piece of memory and what lies in it. */
export interface Slab {
  readonly pool: SlabPool;
  readonly bytes: Buffer;
  /** The beginning of an object that is to have the apiVersion and kind which its list left out. */
  readonly names: string;
  readonly tenants: Tenant[];
  used: number;
  /** Bytes that the current state needs. */
  live: number;
  /** Whether nothing more is written to it. */
  full: boolean;
}

/**
 * Keeps bytes in slabs. What has left stays readable for whoever still holds it; a slab of which less than
 * half is needed gives up the rest to a new one, so that no slab outlives its contents for the sake of a few.
 */
export class SlabPool {
  readonly settle: () => void;
  #current: Slab | undefined;

  /** `settle` brings bytes that are still on their way to where they belong. */
  constructor(settle: () => void) {
    this.settle = settle;
  }

  /** Who lies at the end of what is used of a slab stays there. */
  moveIn(slab: Slab, tenant: Tenant): void {
    slab.used += tenant.length;
    slab.live += tenant.length;
    slab.tenants.push(tenant);
  }

  /** What is stored next does not share a slab with what is there. */
  beginSlab(): void {
    const full = this.#current;
    this.#current = undefined;
    if (full !== undefined) this.#close(full);
  }

  /** Somebody is not needed any more by the current state. */
  left(slab: Slab, { length }: Tenant): void {
    slab.live -= length;
    if (slab.full) this.#tidy(slab);
  }

  /**
   * A slab with so much room behind what is used of it; who puts bytes there moves in.
   *
   * `names` stand in front of those whose list left them out: `{"apiVersion":"v1","kind":"Secret",`.
   */
  roomFor(length: number, names: string): Slab {
    if (length > LARGE) return newSlab(this, length, names, true);
    const current = this.#current;
    if (current?.names === names && current.used + length <= current.bytes.length) return current;
    this.#current = newSlab(this, SLAB_BYTES, names, false);
    if (current === undefined) return this.#current;
    this.#close(current);
    // What was left in the closed one may lie in the new one now.
    return this.roomFor(length, names);
  }

  #close(slab: Slab): void {
    slab.full = true;
    this.#tidy(slab);
  }

  #tidy(slab: Slab): void {
    if (slab.live === 0) slab.tenants.length = 0;
    else if (slab.live * 2 < slab.used) this.#moveAll(slab);
  }

  #moveAll(slab: Slab): void {
    this.settle();
    const { bytes, names, tenants } = slab;
    const rest = tenants.splice(0);
    slab.live = 0;
    for (const tenant of rest) {
      if (!tenant.isNeeded) continue;
      const { start, length } = tenant;
      const room = this.roomFor(length, names);
      bytes.copy(room.bytes, room.used, start, start + length);
      tenant.moveTo(room, room.used);
      this.moveIn(room, tenant);
    }
  }
}

function newSlab(pool: SlabPool, size: number, names: string, full: boolean): Slab {
  return { pool, bytes: Buffer.allocUnsafeSlow(size), names, tenants: [], used: 0, live: 0, full };
}
