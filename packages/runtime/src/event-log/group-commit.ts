/** Owns the way of queued records to the disk: one group after the other, and what is durable of them. */
import type { EventLogError } from '@firn/core';
import type { Clock } from '@firn/stores';
import { DurableWaiters } from './durable-waiters.ts';
import { type LogEvent, WHOLE_LOG } from './log-event.ts';
import { RecordQueue } from './record-queue.ts';
import type { SegmentChain } from './segment-chain.ts';

/** Writes groups; `write`, `roll` and `fail` come one after the other. */
export class GroupCommit {
  readonly chain: SegmentChain;
  readonly queue: RecordQueue;
  readonly waiters: DurableWaiters;
  #failed = false;

  constructor(chain: SegmentChain, clock: Clock) {
    this.chain = chain;
    this.queue = new RecordQueue(chain.next, clock);
    this.waiters = new DurableWaiters(chain.next - 1);
  }

  /** Whether the disk refused: nothing is written any more. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The last record that was appended. */
  get appended(): number {
    return this.queue.next - 1;
  }

  /** The last record that the operating system has. */
  get written(): number {
    return this.chain.next - 1;
  }

  /** Writes what is queued. */
  async write(sync: boolean): Promise<void> {
    await this.chain.write(this.queue, this.queue.take());
    const { written } = this;
    if (!sync || written === this.waiters.reached) return;
    await this.chain.sync();
    this.waiters.reach(written);
  }

  /**
   * Begins the next segment; gives the number of the one that is complete. What is queued belongs to the old one, and
   * the state that `begin` takes has all of it: the two happen in one turn.
   */
  async roll(begin: (segment: number) => void): Promise<number> {
    const rest = this.queue.take();
    begin(this.chain.current.number + 1);
    await this.chain.write(this.queue, rest);
    const complete = await this.chain.roll();
    this.waiters.reach(this.written);
    return complete.number;
  }

  /** The disk refused: what is queued is lost, but for a mark where there is room for one. */
  async fail(error: EventLogError, mark: LogEvent): Promise<void> {
    this.#failed = true;
    this.waiters.fail(error);
    this.queue.discard(this.chain.next);
    this.queue.append(WHOLE_LOG, mark);
    const [chunk] = this.queue.take();
    this.queue.discard(this.chain.next);
    if (chunk !== undefined)
      await this.chain.markEnd(chunk.buffer.subarray(0, chunk.length)).catch(() => undefined);
  }
}
