/** Owns the one rising resource version of the server, as a number inside and as text outside. */
import { badRequest } from './status-error.ts';

const DIGITS = /^\d{1,39}$/;

/** Counts writes; the text of a version is the count plus a base, so that versions can be of any size. */
export class VersionCounter {
  readonly #base: bigint;
  #current: number;

  constructor(base: bigint, current: number) {
    this.#base = base;
    this.#current = current;
  }

  get current(): number {
    return this.#current;
  }

  /** Takes the next version. */
  next(): number {
    this.#current += 1;
    return this.#current;
  }

  /** Goes to another version, also back. */
  moveTo(version: number): void {
    this.#current = version;
  }

  text(version: number): string {
    return this.#base === 0n ? String(version) : String(this.#base + BigInt(version));
  }

  /**
   * Reads a version from a request: `'0'` is 0, one below the base is 1 (older than anything kept).
   *
   * @throws {StatusError} 400 when it is not a number.
   */
  parse(text: string): number {
    if (!DIGITS.test(text)) {
      throw badRequest(
        `invalid resource version ${JSON.stringify(text.slice(0, 64))}: it is not an unsigned integer`,
      );
    }
    if (/^0+$/.test(text)) return 0;
    return Math.max(1, Number(BigInt(text) - this.#base));
  }
}
