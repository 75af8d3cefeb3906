/** Owns time in tests: a clock that stands still until it is moved. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Duration, parseDuration } from '@firn/core';
import type { Clock } from '@firn/stores';

/** What a manual clock starts with. */
export interface ManualClockOptions {
  /** Wall clock at the start, milliseconds since the epoch; 2026-01-01T00:00:00Z when left out. */
  readonly now?: number;
  /** Monotonic clock at the start, milliseconds; 0 when left out. */
  readonly monotonic?: number;
}

/** A clock whose time passes only in `advance`. */
export interface ManualClock extends Clock {
  /**
   * Lets time pass: fires what falls due on the way, in order of due time, then of creation, also timers that are
   * set meanwhile. Before the first firing and after each one, promise chains and `setImmediate` callbacks get
   * their turn, so that what a timer set off is done before time moves on. Parallel calls run one after the other.
   * It does not wait for sockets or files.
   *
   * @throws {ConfigError} `INVALID_DURATION` when the duration is negative or unreadable.
   * @throws what a timer's callback threw; time then stands at that timer's due time.
   */
  advance(duration: Duration): Promise<void>;
  /** Sets the wall clock, forward or back; `monotonic()` and the timers do not notice. */
  setNow(epochMs: number): void;
  /** Timers that are set and have not fired: 0 at the end of a test that cleans up after itself. */
  readonly pending: number;
}

interface Timer {
  readonly due: number;
  readonly f: () => void;
}

/** Rounds of the event loop that make up one turn: enough for work that yields a few times by `setImmediate`. */
const ROUNDS = 4;

async function settle(): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await nextTurn();
}

/**
 * Makes a clock that stands still until `advance` moves it.
 *
 * @example
 * ```ts
 * const clock = createManualClock();
 * clock.setTimeout(() => console.log('half a minute later'), 30_000);
 * await clock.advance('1m');
 * clock.pending; // 0
 * ```
 */
export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  let monotonic = options.monotonic ?? 0;
  let wallOffset = (options.now ?? Date.UTC(2026, 0, 1)) - monotonic;
  let lastHandle = 0;
  let queue: Promise<void> = Promise.resolve();
  // A Map keeps the order of creation, which decides between timers that are due together.
  const timers = new Map<number, Timer>();

  function takeNext(until: number): Timer | undefined {
    let earliest: readonly [number, Timer] | undefined;
    for (const entry of timers) {
      if (entry[1].due <= until && (earliest === undefined || entry[1].due < earliest[1].due))
        earliest = entry;
    }
    if (earliest !== undefined) timers.delete(earliest[0]);
    return earliest?.[1];
  }

  async function pass(ms: number): Promise<void> {
    await settle();
    const end = monotonic + ms;
    for (let timer = takeNext(end); timer !== undefined; timer = takeNext(end)) {
      monotonic = Math.max(monotonic, timer.due);
      timer.f();
      await settle();
    }
    monotonic = end;
  }

  return {
    now: () => monotonic + wallOffset,
    monotonic: () => monotonic,
    setTimeout(f, ms) {
      lastHandle += 1;
      timers.set(lastHandle, { due: monotonic + Math.max(ms || 0, 0), f });
      return lastHandle;
    },
    clearTimeout(handle) {
      timers.delete(handle as number);
    },
    async advance(duration) {
      const ms = parseDuration(duration);
      const turn = queue.then(() => pass(ms));
      queue = turn.catch(() => {});
      await turn;
    },
    setNow(epochMs) {
      wallOffset = epochMs - monotonic;
    },
    get pending() {
      return timers.size;
    },
  };
}
