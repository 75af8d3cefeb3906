/** Owns time as firn sees it: an argument, never a global. */

/**
 * Where time comes from. Tests pass one that they move by hand.
 *
 * @example
 * ```ts
 * const clock = createManualClock(); // from @firn/runtime/testing
 * const store = new MemoryStore({ numKeys: 2, clock });
 * ```
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonic(): number;
  /** Calls `f` once after `ms` milliseconds; gives a handle for `clearTimeout`. */
  setTimeout(f: () => void, ms: number): unknown;
  /** Forgets what `setTimeout` was told; a handle that is no longer known does nothing. */
  clearTimeout(handle: unknown): void;
}

/** The longest delay Node.js waits for, in milliseconds, about 24.8 days; anything longer would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The clock of the machine. It fires after 24.8 days what should wait longer. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (f: () => void, ms: number) => setTimeout(f, Math.min(ms, MAX_DELAY_MS)),
  clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
});
