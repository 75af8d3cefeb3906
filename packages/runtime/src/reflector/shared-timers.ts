/** Owns many timers behind one: a clock whose timers are a single timer of another clock, for the soonest of them. */
import type { Clock } from '@firn/stores';

interface Timer {
  readonly due: number;
  /** Decides between timers that are due together. */
  readonly order: number;
  readonly f: () => void;
}

/** Whether `a` fires before `b`. */
function isSooner(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/**
 * The same time as `clock`, of which it takes one timer, however many are set here, and none when none is.
 *
 * They fire as those of `clock` would: in order of due time, then of setting, and when one throws, that is `clock`'s
 * to report, and the others fire all the same. What is set while others fire waits for the next turn of `clock`.
 *
 * @example
 * ```ts
 * const timers = new SharedTimers(systemClock);
 * timers.setTimeout(() => console.log('second'), 2000);
 * timers.setTimeout(() => console.log('first'), 1000); // the only timer of systemClock, for now
 * ```
 */
export class SharedTimers implements Clock {
  readonly #clock: Clock;
  /** The soonest stands last, where it is cheap to take away. */
  readonly #timers: Timer[] = [];
  #orders = 0;
  /** The timer that `#handle` is for. */
  #armed: Timer | undefined;
  #handle: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(f: () => void, ms: number): unknown {
    const timer: Timer = { due: this.monotonic() + Math.max(ms || 0, 0), order: this.#orders++, f };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    this.#arm();
    return timer;
  }

  clearTimeout(handle: unknown): void {
    const place = this.#timers.lastIndexOf(handle as Timer);
    if (place === -1) return;
    this.#timers.splice(place, 1);
    this.#arm();
  }

  /** Where a new timer belongs: after all that fire later. */
  #placeOf(timer: Timer): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSooner(timer, this.#timers[middle] as Timer)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Keeps one timer of the clock, for the soonest of ours. */
  #arm(): void {
    const soonest = this.#timers.at(-1);
    if (soonest === this.#armed) return;
    if (this.#armed !== undefined) this.#clock.clearTimeout(this.#handle);
    this.#armed = soonest;
    if (soonest === undefined) return;
    const ms = Math.max(soonest.due - this.monotonic(), 0);
    this.#handle = this.#clock.setTimeout(() => this.#fire(soonest), ms);
  }

  #fire(armed: Timer): void {
    // A clock that calls a little early is believed, as it would be without us.
    const until = Math.max(armed.due, this.monotonic());
    const nextOrder = this.#orders;
    this.#armed = undefined;
    try {
      for (let timer = this.#timers.at(-1); timer !== undefined; timer = this.#timers.at(-1)) {
        if (timer.due > until || timer.order >= nextOrder) break;
        this.#timers.pop();
        timer.f();
      }
    } finally {
      this.#arm();
    }
  }
}
