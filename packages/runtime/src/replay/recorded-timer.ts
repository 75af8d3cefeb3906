/** Owns a timer that fires when the log says that it did. */
import type { Clock } from '@firn/stores';

/** A clock whose timers never fire by themselves. */
export class RecordedTimer implements Clock {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(run: () => void): unknown {
    // A function of its own: the same one may be set twice.
    const timer = (): void => run();
    this.#waiting.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#waiting.delete(handle as () => void);
  }

  /** All that are set fire now. */
  fire(): void {
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const run of due) run();
  }
}
