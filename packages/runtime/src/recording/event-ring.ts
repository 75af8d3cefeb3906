/** Owns the last events of all recorded resources, in memory, and the states that they began with. */
import type { Clock } from '@firn/stores';
import type { EventBytes } from '../event-log/event-bytes.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { OpenLists } from '../event-log/open-lists.ts';
import type { Checkpointed } from './checkpoint-slices.ts';
import type { RecordTarget } from './resource-recorder.ts';

/** One event, and when it was. */
export interface KeptEvent {
  readonly resource: string;
  readonly event: LogEvent | EventBytes;
  /** Wall clock, milliseconds. */
  readonly time: number;
  /** Milliseconds. */
  readonly monotonic: number;
}

/** Events from a moment on, and the states at that moment, which cost nothing. */
export interface Generation {
  readonly states: readonly Checkpointed[];
  readonly events: KeptEvent[];
  bytes: number;
}

/** How much is kept. */
export interface RingLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Keeps two generations, each half of what may be kept: when the newer one is full, the older one goes. */
export class EventRing implements RecordTarget {
  readonly #limits: RingLimits;
  readonly #clock: Clock;
  readonly #states: () => readonly Checkpointed[];
  readonly #kept: (event: LogEvent | EventBytes) => void;
  readonly #lists = new OpenLists();
  #older: Generation | undefined;
  #newer: Generation;
  #count = 0;

  /**
   * @param states - the states of all resources now.
   * @param kept - hears of each event that was kept by itself.
   */
  constructor(
    limits: RingLimits,
    clock: Clock,
    states: () => readonly Checkpointed[],
    kept: (event: LogEvent | EventBytes) => void,
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#states = states;
    this.#kept = kept;
    this.#newer = { states: states(), events: [], bytes: 0 };
  }

  /** How many events there have been. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#newer.bytes + (this.#older?.bytes ?? 0);
  }

  /** What is kept, oldest first. */
  get generations(): readonly Generation[] {
    return this.#older === undefined ? [this.#newer] : [this.#older, this.#newer];
  }

  append(resource: string, event: LogEvent | EventBytes): void {
    this.#keep(resource, event);
    this.#turnOver();
    this.#kept(event);
  }

  appendBatch(resource: string, events: readonly (LogEvent | EventBytes)[]): void {
    if (events.length > 1) this.#keep(resource, { type: 'BATCH', size: events.length });
    for (const event of events) this.#keep(resource, event);
    this.#turnOver();
  }

  #keep(resource: string, event: LogEvent | EventBytes): void {
    const kept = 'pieces' in event ? { pieces: [Buffer.concat(event.pieces)] } : event;
    this.#count++;
    this.#newer.events.push({
      resource,
      event: kept,
      time: this.#clock.now(),
      monotonic: this.#clock.monotonic(),
    });
    this.#newer.bytes += 'pieces' in kept ? (kept.pieces[0]?.length ?? 0) : JSON.stringify(kept).length;
    this.#lists.saw(resource, event);
  }

  /** What was kept last has been applied: the states are those after it. Not inside of a list. */
  #turnOver(): void {
    const { maxEvents, maxBytes } = this.#limits;
    const { events, bytes } = this.#newer;
    if (this.#lists.areOpen || (events.length * 2 < maxEvents && bytes * 2 < maxBytes)) return;
    this.#older = this.#newer;
    this.#newer = { states: this.#states(), events: [], bytes: 0 };
  }
}
