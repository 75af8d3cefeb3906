/** Owns the order in which a store tells what happened: one batch after the other, never one inside another. */
import { nextTurn } from '@firn/core/engine';
import type { Clock } from './clock.ts';

/** One batch on its way to subscribers: does a piece of work at each step, whole lists one change at a time. */
export type Publication = Iterator<unknown, undefined>;

/** Longest time one turn of the event loop is spent on a publication that comes in slices, in milliseconds. */
const SLICE_MS = 10;

/**
 * Publishes batches in order. What is added during a publication waits for its end; nothing recurses, and a batch
 * with a whole list gives the event loop its turn every 10 ms.
 */
export class PublicationQueue {
  readonly #clock: Clock;
  // Worked off from the front; what is added meanwhile makes the next round, so that no long array is ever shifted.
  #round: Publication[] = [];
  #done = 0;
  #waiting: Publication[] = [];
  #running = false;
  #stopped = false;
  #idle: Promise<void> | undefined;
  #nowIdle: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether batches are on their way. */
  get busy(): boolean {
    return this.#running;
  }

  /** Resolves when nothing is on its way. */
  whenIdle(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    this.#idle ??= new Promise((resolve) => {
      this.#nowIdle = resolve;
    });
    return this.#idle;
  }

  /** Publishes a batch now, or after those on their way. */
  add(publication: Publication): void {
    if (this.#stopped) return;
    this.#waiting.push(publication);
    if (this.#running) return;
    this.#running = true;
    this.#run();
  }

  /** Drops what is on its way. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#finish();
  }

  #run(): void {
    const deadline = this.#clock.monotonic() + SLICE_MS;
    for (let current = this.#next(); current !== undefined; current = this.#next()) {
      if (current.next().done === true) this.#done++;
      else if (this.#clock.monotonic() >= deadline) {
        void nextTurn().then(() => this.#run());
        return;
      }
    }
    this.#finish();
  }

  /** The first batch that is not published yet. */
  #next(): Publication | undefined {
    if (this.#done === this.#round.length) {
      this.#round = this.#waiting;
      this.#waiting = [];
      this.#done = 0;
    }
    return this.#round[this.#done];
  }

  #finish(): void {
    this.#running = false;
    this.#round = [];
    this.#done = 0;
    this.#nowIdle?.();
    this.#idle = undefined;
    this.#nowIdle = undefined;
  }
}
