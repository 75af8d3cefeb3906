/** Owns the time of a replay: that of the log, which goes on from record to record. */
import type { Clock } from '@firn/stores';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Stands still between the records of a log. */
export class LogClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  #monotonic = 0;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(run: () => void, ms: number): unknown {
    const timer = { at: this.#monotonic + Math.max(0, ms), run };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  /** Begins at these times: what is set from now on counts from here. */
  begin(now: number, monotonic: number): void {
    this.#now = now;
    this.#monotonic = monotonic;
  }

  /** Goes on to these times, in milliseconds, and runs the timers that are due by then, in their order. */
  moveTo(now: number, monotonic: number): void {
    for (let next = this.#dueBy(monotonic); next !== undefined; next = this.#dueBy(monotonic)) {
      this.#timers.delete(next);
      this.#now += next.at - this.#monotonic;
      this.#monotonic = next.at;
      next.run();
    }
    this.#now = now;
    this.#monotonic = Math.max(this.#monotonic, monotonic);
  }

  #dueBy(monotonic: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.at <= monotonic && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }
}
