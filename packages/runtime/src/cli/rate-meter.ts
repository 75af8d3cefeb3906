/** Owns a rate: how many per second, over the last few seconds. */

const WINDOW_SECONDS = 5;

/** Counts what happens and says how much of it there is per second. */
export class RateMeter {
  readonly #counts: number[] = Array.from({ length: WINDOW_SECONDS + 1 }, () => 0);
  #second = 0;
  #startedAt: number | undefined;

  /** @param monotonic - Milliseconds that never go back. */
  add(monotonic: number, count = 1): void {
    this.#moveTo(monotonic);
    this.#counts[0] = (this.#counts[0] ?? 0) + count;
  }

  perSecond(monotonic: number): number {
    this.#moveTo(monotonic);
    const sum = this.#counts.reduce((total, count) => total + count, 0);
    const age = (monotonic - (this.#startedAt ?? monotonic)) / 1000;
    const current = (monotonic / 1000) % 1;
    return sum / Math.max(1, Math.min(age, WINDOW_SECONDS + current));
  }

  #moveTo(monotonic: number): void {
    const second = Math.floor(monotonic / 1000);
    if (this.#startedAt === undefined) {
      this.#startedAt = monotonic;
      this.#second = second;
    }
    const steps = Math.min(second - this.#second, this.#counts.length);
    for (let step = 0; step < steps; step++) {
      this.#counts.unshift(0);
      this.#counts.pop();
    }
    this.#second = second;
  }
}
