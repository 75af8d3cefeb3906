/** Owns the time that the watchers of a soak live in: faster than that of the machine, with a wall clock that jumps. */
import { type Clock, systemClock } from '@firn/stores';

/**
 * How much faster: ten seconds pass in one. Backoff, deadlines and timeouts keep the proportions that users have,
 * and ten times as many of them happen in a minute.
 */
export const SPEED = 10;

/** A clock that runs `SPEED` times as fast; `jump` moves its wall clock only, as a correction of the time does. */
export class SoakClock implements Clock {
  readonly #startedAt = systemClock.monotonic();
  readonly #wallAtStart = systemClock.now();
  #jumped = 0;

  now(): number {
    return this.#wallAtStart + this.monotonic() + this.#jumped;
  }

  monotonic(): number {
    return (systemClock.monotonic() - this.#startedAt) * SPEED;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    return systemClock.setTimeout(callback, ms / SPEED);
  }

  clearTimeout(handle: unknown): void {
    systemClock.clearTimeout(handle);
  }

  /** Sets the wall clock forward, or back with less than 0, by so many milliseconds. */
  jump(ms: number): void {
    this.#jumped += ms;
  }
}
