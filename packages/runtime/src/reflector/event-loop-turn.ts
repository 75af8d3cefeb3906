/** Owns when a reader lets others have the event loop. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@firn/stores';

/** How long a reader may keep the event loop, in milliseconds: a collection of garbage may come on top. */
const LONGEST_TURN = 4;

/** Chunks that are there already arrive as microtasks: without a pause they would starve timers and sockets. */
export class EventLoopTurn {
  readonly #clock: Clock;
  #startedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  get isOver(): boolean {
    return this.#clock.monotonic() - this.#startedAt >= LONGEST_TURN;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#startedAt = this.#clock.monotonic();
  }
}
