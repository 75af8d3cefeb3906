/** Owns the bytes of a part whose end has not arrived yet. */

const SMALLEST = 2048;
const NOTHING = new Uint8Array(0);

/**
 * Gathers pieces into one run of bytes. The room doubles, so that each byte is copied a bounded number of times
 * however small the pieces are.
 */
export class PendingBytes {
  #room: Uint8Array = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.max(SMALLEST, needed, this.#room.length * 2));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(piece, this.#length);
    this.#length = needed;
  }

  /** Hands over what was gathered, with `last` behind it, and begins anew. */
  takeWith(last: Uint8Array): Uint8Array {
    if (this.#length === 0) return last;
    this.append(last);
    return this.take();
  }

  /** Hands over what was gathered and begins anew; the bytes belong to the caller. */
  take(): Uint8Array {
    const taken = this.#room.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#room = NOTHING;
    this.#length = 0;
  }
}
