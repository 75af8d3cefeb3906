/** Owns when a record that comes after the served moment is played. */
import { nextTurn } from '@firn/core/engine';
import type { Clock } from '@firn/stores';
import { WHOLE_LOG } from '../event-log/log-event.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import type { FollowingWatch } from '../testing/api-server/watch-handler.ts';
import type { Pace } from './paced-reader.ts';

/** How a log is played. */
export interface PaceOptions {
  readonly clock: Clock;
  /** 1: as it happened; 2: in half the time; `Infinity`: as fast as it can be read, here and by those who watch. */
  readonly speed: number;
  /** Wall-clock milliseconds of the moment from which time runs. */
  readonly from: number;
  /** The sequence number of the first record that has to wait. */
  readonly next: number;
}

/** Time begins to run with the first watch: until then nobody would see what happens. */
export class PlayPace implements Pace {
  readonly #options: PaceOptions;
  readonly #watches = new Set<FollowingWatch>();
  #hasBegun = false;
  #isOver = false;
  #wake: (() => void) | undefined;
  /** When the moment was, by the monotonic clock. */
  #origin = 0;
  /** Milliseconds of the recorded run since the moment. */
  #elapsed = 0;
  #last: { readonly time: number; readonly monotonic: number | undefined };

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#last = { time: options.from, monotonic: undefined };
  }

  /** Whether nothing is to be played any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A client follows what happens. */
  follow(watch: FollowingWatch): void {
    this.#watches.add(watch);
    watch.onOver(() => this.#watches.delete(watch));
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#origin = this.#options.clock.monotonic();
    this.#wake?.();
  }

  /** Nothing waits any longer. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** Resolves when a record is due; undefined if it is. */
  due(record: LogRecord): Promise<void> | undefined {
    if (this.#isOver || record.sequence < this.#options.next) return undefined;
    this.#moveTo(record);
    if (!this.#hasBegun) return this.#begun();
    const left = this.#left();
    return left > 0 ? this.#sleep(left) : undefined;
  }

  /** Gives everybody their turn; at full speed, also waits for those who read slowly. */
  async rest(): Promise<void> {
    await nextTurn();
    if (this.#options.speed !== Number.POSITIVE_INFINITY || this.#isOver) return;
    await Promise.all(Array.from(this.#watches, (watch) => watch.drained()));
  }

  async #begun(): Promise<void> {
    await this.#sleep(undefined);
    const left = this.#left();
    if (left > 0 && !this.#isOver) await this.#sleep(left);
  }

  #left(): number {
    const { clock, speed } = this.#options;
    return this.#origin + this.#elapsed / speed - clock.monotonic();
  }

  /** Within a run its monotonic clock counts, which nobody sets; from one to the next only the wall clock goes on. */
  #moveTo({ time, monotonic, resource, type }: LogRecord): void {
    const last = this.#last;
    const isNewRun = resource === WHOLE_LOG && type === 'RUN';
    const passed =
      last.monotonic === undefined || isNewRun ? time - last.time : (monotonic - last.monotonic) / 1000;
    this.#elapsed += Math.max(0, passed);
    this.#last = { time, monotonic };
  }

  async #sleep(ms: number | undefined): Promise<void> {
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = ms === undefined ? undefined : clock.setTimeout(resolve, ms);
    await promise;
    if (timer !== undefined) clock.clearTimeout(timer);
    this.#wake = undefined;
  }
}
