/** Real time, but for long delays: a watcher that has to wait for an hour waits until the test lets it go on. */
import { type Clock, systemClock } from '@firn/stores';

const AN_HOUR = 3_600_000;

const AFTER_RELEASE_MS = 50;

/** A backoff whose every delay is held. */
export const HELD: { readonly initial: number; readonly cap: number; readonly jitter: number } = {
  initial: AN_HOUR,
  cap: AN_HOUR,
  jitter: 0,
};

/** A clock that runs every timer on time, except those of an hour or so. */
export class HeldClock implements Clock {
  readonly #held = new Set<() => void>();
  #released = false;
  #passed = 0;

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#passed;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    // A delay that began a little ago is no longer a whole hour.
    if (ms < AN_HOUR / 2) return systemClock.setTimeout(callback, ms);
    if (this.#released) return systemClock.setTimeout(callback, AFTER_RELEASE_MS);
    this.#held.add(callback);
    return callback;
  }

  clearTimeout(handle: unknown): void {
    if (!this.#held.delete(handle as () => void)) systemClock.clearTimeout(handle);
  }

  /** Delays that wait for their release. */
  get held(): number {
    return this.#held.size;
  }

  /** Ends the delays that are held; those to come are short. */
  release(): void {
    this.#released = true;
    const held = [...this.#held];
    this.#held.clear();
    for (const callback of held) callback();
  }

  /** Makes an hour pass at once, unless for timers: a stream now looks as if it had lived that long. */
  skipAnHour(): void {
    this.#passed += AN_HOUR;
  }
}
