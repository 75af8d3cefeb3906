/** Owns the entry of a resource that lies in a slab as bytes until somebody reads it. */
import type { Entry, Filing } from '../entry.ts';
import type { Resource } from '../resource.ts';
import { ResourceEntry } from '../resource-entry.ts';
import { freezeJson } from './freeze-json.ts';
import type { Slab, Tenant } from './slab-pool.ts';

const QUOTE = 0x22;

/** What the bytes of an entry are, and where in them is what is read without parsing them. */
export interface PackedShape {
  /** How many there are. */
  readonly keptLength: number;
  readonly isAscii: boolean;
  /** Whether apiVersion and kind have to be put in front. */
  readonly isUnnamed: boolean;
  /** Where the text of the uid begins, counted from the first of them; 0 where there is none. */
  readonly uidAt: number;
  /** Where the text of the resource version begins. */
  readonly versionAt: number;
}

const ASCII = 1;
const UNNAMED = 2;

/** Keeps nothing on the heap but who it is, until it is read; then the object, and no bytes. */
export class PackedEntry<T> extends ResourceEntry<T> implements Tenant {
  #slab: Slab | undefined;
  #start: number;
  readonly #length: number;
  readonly #flags: number;
  readonly #uidAt: number;
  readonly #versionAt: number;
  #isNeeded = true;
  /** Asked for again and again by whoever handles an event, and by nobody after a list. */
  #version: string | undefined;

  /** Its bytes are those that come next in `slab`. */
  constructor(namespace: string, name: string, filing: Filing | undefined, slab: Slab, shape: PackedShape) {
    super(namespace, name, filing);
    this.#slab = slab;
    this.#start = slab.used;
    this.#length = shape.keptLength;
    this.#flags = (shape.isAscii ? ASCII : 0) | (shape.isUnnamed ? UNNAMED : 0);
    this.#uidAt = shape.uidAt;
    this.#versionAt = shape.versionAt;
    Object.freeze(this);
  }

  get uid(): string | undefined {
    return this.#uidAt === 0 ? undefined : this.#identifier(this.#uidAt, 'uid');
  }

  get resourceVersion(): string | undefined {
    this.#version ??= this.#identifier(this.#versionAt, 'resourceVersion');
    return this.#version;
  }

  override isRecreatedAs(newer: Entry<T>): boolean {
    if (!(newer instanceof PackedEntry)) return super.isRecreatedAs(newer);
    const slab = this.#slab;
    const other = newer.#slab;
    if (slab === undefined || other === undefined) return super.isRecreatedAs(newer);
    if (this.#uidAt === 0 || newer.#uidAt === 0) return false;
    slab.pool.settle();
    other.pool.settle();
    const at = this.#start + this.#uidAt;
    const { bytes } = slab;
    const otherAt = newer.#start + newer.#uidAt;
    for (let i = 0; ; i++) {
      const byte = bytes[at + i];
      if (byte !== other.bytes[otherAt + i]) return true;
      if (byte === QUOTE) return false;
    }
  }

  get glimpse(): unknown {
    return this.held ?? this.#parsed();
  }

  get start(): number {
    return this.#start;
  }

  get length(): number {
    return this.#length;
  }

  get isNeeded(): boolean {
    return this.#isNeeded;
  }

  moveTo(slab: Slab, start: number): void {
    this.#slab = slab;
    this.#start = start;
  }

  release(): void {
    if (!this.#isNeeded) return;
    this.#isNeeded = false;
    this.#slab?.pool.left(this.#slab, this);
  }

  jsonPieces(): readonly Uint8Array[] {
    const slab = this.#slab;
    if (slab === undefined) return [Buffer.from(JSON.stringify(this.held))];
    slab.pool.settle();
    const end = this.#start + this.#length;
    if ((this.#flags & UNNAMED) === 0) return [slab.bytes.subarray(this.#start, end)];
    return [Buffer.from(slab.names), slab.bytes.subarray(this.#start + 1, end)];
  }

  protected build(): Resource<T> {
    return freezeJson(this.#parsed()) as Resource<T>;
  }

  protected letGo(): void {
    this.release();
    this.#slab = undefined;
  }

  #parsed(): unknown {
    const { bytes, names, pool } = this.#slab as Slab;
    pool.settle();
    const isUnnamed = (this.#flags & UNNAMED) !== 0;
    const from = isUnnamed ? this.#start + 1 : this.#start;
    const end = this.#start + this.#length;
    const text =
      (this.#flags & ASCII) !== 0 ? bytes.toString('latin1', from, end) : bytes.toString('utf8', from, end);
    return JSON.parse(isUnnamed ? names + text : text);
  }

  /** Text that is plain ASCII: up to the quote behind it. */
  #identifier(offset: number, field: 'uid' | 'resourceVersion'): string | undefined {
    const slab = this.#slab;
    if (slab === undefined) {
      return (this.held as { metadata?: { uid?: string; resourceVersion?: string } }).metadata?.[field];
    }
    slab.pool.settle();
    const start = this.#start + offset;
    let end = start;
    while (slab.bytes[end] !== QUOTE) end++;
    return slab.bytes.toString('latin1', start, end);
  }
}
