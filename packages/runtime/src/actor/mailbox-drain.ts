/** Owns the loop that empties a mailbox into a store: in slices, each batch after the one before has been told. */
import type { KubernetesObject } from '@firn/core';
import { nextTurn } from '@firn/core/engine';
import type { Clock } from '@firn/stores';
import type { StoreWriter } from '@firn/stores/engine';
import type { Letter, Mailbox } from './mailbox.ts';

/** What the loop works with. */
export interface DrainOptions {
  readonly mailbox: Mailbox;
  readonly writer: StoreWriter<KubernetesObject>;
  readonly clock: Clock;
  /** Applies one letter; never throws. */
  readonly deliver: (letter: Letter) => void;
  /** The mailbox is empty. */
  readonly done: () => void;
}

/** Longest time one turn of the event loop is spent on applying batches, in milliseconds. */
const SLICE_MS = 10;

/** After so many turns of the event loop without anything new, nothing more is there to be read. */
const QUIET_TURNS = 4;

/** Empties one mailbox. */
export class MailboxDrain {
  readonly #options: DrainOptions;
  #draining = false;
  /** Letters that came. */
  #arrived = 0;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** A letter came: it is applied in the next turn, or after what is before it. */
  soon(): void {
    this.#arrived++;
    if (this.#draining) return;
    this.#draining = true;
    void this.#drain();
  }

  /** Applies everything now; gives a promise where subscribers have not heard all of it yet. */
  settle(): Promise<void> | undefined {
    const { mailbox, writer } = this.#options;
    while (!mailbox.isEmpty) {
      if (writer.publishing) return this.#settleLater();
      this.#next();
    }
    return writer.publishing ? writer.whenPublished() : undefined;
  }

  async #settleLater(): Promise<void> {
    await this.#options.writer.whenPublished();
    await this.settle();
  }

  async #drain(): Promise<void> {
    const { mailbox, clock, writer, done } = this.#options;
    await nextTurn();
    let sliceEnd = clock.monotonic() + SLICE_MS;
    while (!mailbox.isEmpty) {
      if (writer.publishing) await writer.whenPublished();
      else if (clock.monotonic() >= sliceEnd) {
        await this.#letIn(clock.monotonic() - sliceEnd);
        sliceEnd = clock.monotonic() + SLICE_MS;
      }
      this.#next();
    }
    this.#draining = false;
    done();
  }

  #next(): void {
    const letter = this.#options.mailbox.take();
    if (letter !== undefined) this.#options.deliver(letter);
  }

  /**
   * Lets the event loop turn; as often as the socket brings something, for as long as a slice has taken too long: a turn
   * reads one piece at most, which is less than arrives while a slow subscriber is busy (rule 18).
   */
  async #letIn(ms: number): Promise<void> {
    const { clock } = this.#options;
    const end = clock.monotonic() + ms;
    let arrived = this.#arrived;
    let quietTurns = 0;
    do {
      await nextTurn();
      quietTurns = this.#arrived === arrived ? quietTurns + 1 : 0;
      arrived = this.#arrived;
    } while (quietTurns < QUIET_TURNS && clock.monotonic() < end);
  }
}
