/** Owns a checkpoint that is being written: slice after slice, with new events in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventBytes } from './event-bytes.ts';
import type { LoggedCheckpoint } from './log-event.ts';

/** One part of the checkpoint of one resource: begin, some items, end. A slice is one record. */
export interface CheckpointSlice {
  readonly resource: string;
  readonly event: LoggedCheckpoint | EventBytes;
}

/**
 * Gives the state of every resource, in slices. It is called, and asked for its first slice, in one turn with the
 * beginning of the segment: all state must be taken then (snapshots are free), before anything is awaited.
 */
export type CheckpointSource = () => AsyncIterable<CheckpointSlice>;

/** Where slices go. */
export interface CheckpointTarget {
  /** Gives the bytes of the record, or undefined if nothing is recorded any more. */
  readonly append: (slice: CheckpointSlice) => number | undefined;
  /** Resolves when there is room for more. */
  readonly room: () => Promise<void>;
}

/** Writes one checkpoint. */
export class CheckpointRun {
  readonly #target: CheckpointTarget;
  readonly #slices: AsyncIterator<CheckpointSlice>;
  readonly #first: Promise<IteratorResult<CheckpointSlice>>;
  #abandoned = false;

  /** Takes the state: the first slice is asked for here. @throws what the source throws. */
  constructor(source: CheckpointSource, target: CheckpointTarget) {
    this.#target = target;
    this.#slices = source()[Symbol.asyncIterator]();
    this.#first = this.#slices.next();
    // Its rejection is told by `write`, which may be called later.
    this.#first.catch(() => undefined);
  }

  /** Gives the bytes of the checkpoint, or undefined if it was abandoned. Rejects with what the source throws. */
  async write(): Promise<number | undefined> {
    let bytes = 0;
    for (let slice = await this.#first; !slice.done; slice = await this.#slices.next()) {
      if (this.#abandoned) return this.#leave();
      const added = this.#target.append(slice.value);
      if (added === undefined) return this.#leave();
      bytes += added;
      await this.#target.room();
      await nextTurn();
    }
    return this.#abandoned ? undefined : bytes;
  }

  /** No more slices are taken. */
  abandon(): void {
    this.#abandoned = true;
  }

  async #leave(): Promise<undefined> {
    await this.#slices.return?.();
  }
}
