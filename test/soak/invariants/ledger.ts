/** Owns the books of a soak: how often each invariant was checked, and the first time that one did not hold. */

/** What has to hold, in the words of the summary. */
export const INVARIANTS = [
  'versions existed',
  'versions rise',
  'no version lost',
  'changes add up',
  'modCount counts events',
  'snapshots stay as they are',
  'digest is that of the contents',
  'requests are bounded',
  'no internal failure',
  'stores converge',
  'on-demand reads are current',
  'log can be replayed',
  'everything is let go of',
] as const;

export type Invariant = (typeof INVARIANTS)[number];

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
}

/** Counts checks; the first violation ends the soak. */
export class Ledger {
  readonly #checks = new Map<Invariant, number>();
  readonly #stop = new AbortController();
  #violation: Violation | undefined;

  /** Aborted by the first violation. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  get checks(): ReadonlyMap<Invariant, number> {
    return this.#checks;
  }

  /** One check; `why` says what is wrong where it does not hold. */
  check(invariant: Invariant, holds: boolean, why: () => string): void {
    this.#checks.set(invariant, (this.#checks.get(invariant) ?? 0) + 1);
    if (holds || this.#violation !== undefined) return;
    this.#violation = { invariant, message: why() };
    this.#stop.abort();
  }
}
