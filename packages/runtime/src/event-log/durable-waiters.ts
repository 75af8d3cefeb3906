/** Owns those who wait until what they appended is on the disk. */
import type { EventLogError } from '@firn/core';

interface Waiter {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (error: EventLogError) => void;
}

/** Promises for sequence numbers that are not durable yet. */
export class DurableWaiters {
  #waiting: Waiter[] = [];
  #reached: number;
  #failure: EventLogError | undefined;

  constructor(reached: number) {
    this.#reached = reached;
  }

  /** The last record that is durable. */
  get reached(): number {
    return this.#reached;
  }

  /** Resolves when this record, and all before it, are durable. */
  async wait(sequence: number): Promise<void> {
    if (sequence <= this.#reached) return;
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ sequence, resolve, reject });
    await promise;
  }

  reach(sequence: number): void {
    this.#reached = sequence;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.sequence > sequence);
    for (const waiter of waiting) if (waiter.sequence <= sequence) waiter.resolve();
  }

  /** Nothing more will become durable. */
  fail(failure: EventLogError): void {
    this.#failure = failure;
    for (const { reject } of this.#waiting) reject(failure);
    this.#waiting = [];
  }
}
