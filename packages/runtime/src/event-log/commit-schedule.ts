/** Owns when what is queued goes to the disk: in groups, one at a time, by the policy. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@firn/stores';

/**
 * When what was written is also synced to the disk.
 *
 * - `always`: at once, in groups of what was appended meanwhile. A record that `flush` has acknowledged is never lost.
 * - `interval`: every interval. A process that dies loses what it appended within the last interval; a machine that
 *   loses its power loses that, or with a slow disk the interval before it as well.
 * - `never`: written every interval, synced when the operating system likes to, and at the end of a segment. A process
 *   that dies loses at most an interval, a machine that loses its power perhaps half a minute.
 */
export type FsyncPolicy = 'always' | 'interval' | 'never';

/** What a schedule needs. */
export interface ScheduleOptions {
  readonly clock: Clock;
  readonly policy: FsyncPolicy;
  readonly intervalMs: number;
  /** Writes what is queued, and syncs if asked to. Never rejects; never called while it is under way. */
  readonly commit: (sync: boolean) => Promise<void>;
}

/** So many queued bytes are written without waiting for the interval: fewer than that would be many small writes. */
const GROUP_BYTES = 256 * 1024;

/** Groups appends into commits. */
export class CommitSchedule {
  readonly #options: ScheduleOptions;
  #timer: unknown;
  #wanted = false;
  #syncWanted = false;
  #running: Promise<void> | undefined;
  #ended = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Something was appended, and so many bytes are queued now. */
  appended(queuedBytes: number): void {
    if (this.#ended) return;
    const { clock, policy, intervalMs } = this.#options;
    if (policy === 'always') {
      this.soon(true);
      return;
    }
    if (queuedBytes >= GROUP_BYTES) this.soon(false);
    this.#timer ??= clock.setTimeout(() => {
      this.#timer = undefined;
      this.soon(policy === 'interval');
    }, intervalMs);
  }

  /** Commits after this turn of the event loop, or after the commit under way. */
  soon(sync: boolean): void {
    this.#wanted = true;
    this.#syncWanted ||= sync;
    this.#running ??= this.#run();
  }

  /** Commits a last time, synced, and does nothing more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#options.clock.clearTimeout(this.#timer);
    this.soon(true);
    await this.#running;
  }

  async #run(): Promise<void> {
    await nextTurn();
    while (this.#wanted) {
      const sync = this.#syncWanted;
      this.#wanted = false;
      this.#syncWanted = false;
      await this.#options.commit(sync);
    }
    this.#running = undefined;
  }
}
