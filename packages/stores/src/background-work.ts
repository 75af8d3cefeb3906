/** Owns work that nobody waits for: a little of it in each turn of the event loop, behind whatever is published. */
import { nextTurn } from '@firn/core/engine';
import type { Clock } from './clock.ts';

/** Longest time one turn is spent on it, in milliseconds: others have the rest of the turn. */
const SLICE_MS = 2;

/** Does jobs one after the other, a step at a time; never in the call that brings one. */
export class BackgroundWork {
  readonly #clock: Clock;
  readonly #isBusy: () => boolean;
  #jobs: Iterator<unknown, undefined>[] = [];
  #scheduled = false;

  /** While `isBusy`, the work waits. */
  constructor(clock: Clock, isBusy: () => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  add(job: Iterator<unknown, undefined>): void {
    this.#jobs.push(job);
    this.#schedule();
  }

  /** Drops what has not been done. */
  stop(): void {
    this.#jobs = [];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    void nextTurn().then(() => {
      this.#scheduled = false;
      if (!this.#isBusy()) this.#work();
      if (this.#jobs.length > 0) this.#schedule();
    });
  }

  #work(): void {
    const deadline = this.#clock.monotonic() + SLICE_MS;
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (job.next().done === true) this.#jobs.shift();
      else if (this.#clock.monotonic() >= deadline) return;
    }
  }
}
