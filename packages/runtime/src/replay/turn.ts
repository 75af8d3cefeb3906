/** Owns one turn of a recorded run: what was applied together, and the gathering of its records. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import type { LogEvent } from '../event-log/log-event.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { outOfPlace } from './out-of-place.ts';

/** What was recorded of one resource in one turn. */
export interface Turn {
  readonly resource: string;
  /** Wall clock, milliseconds. */
  readonly time: number;
  /** Monotonic clock of the run, milliseconds. */
  readonly monotonic: number;
  /** Of its last record. */
  readonly sequence: number;
  /** A batch; one event, where nothing was batched. */
  readonly events: readonly LogEvent[];
  /** The state that the store has from here on, whatever it had; there are no events then. */
  readonly restored?: Snapshot<KubernetesObject>;
}

/** Puts the records of a batch together again. */
export class TurnGatherer {
  #batch: { readonly resource: string; readonly events: LogEvent[]; missing: number } | undefined;

  /** Whether a batch has begun whose records are still coming. */
  get isOpen(): boolean {
    return this.#batch !== undefined;
  }

  /** What has begun of a batch never happened: its process died. */
  reset(): void {
    this.#batch = undefined;
  }

  /**
   * Gives the turn that a record completes.
   *
   * @throws {EventLogError} `RECORD_OUT_OF_PLACE`.
   */
  take(record: LogRecord, event: LogEvent): Turn | undefined {
    const { resource } = record;
    if (event.type === 'BATCH') {
      this.#batch = { resource, events: [], missing: event.size };
      return undefined;
    }
    const batch = this.#batch;
    if (batch === undefined) return turnOf(record, [event]);
    if (batch.resource !== resource) throw outOfPlace(record, `a batch of ${batch.resource} is not complete`);
    batch.events.push(event);
    batch.missing--;
    if (batch.missing > 0) return undefined;
    this.#batch = undefined;
    return turnOf(record, batch.events);
  }
}

function turnOf(record: LogRecord, events: readonly LogEvent[]): Turn {
  const { resource, time, sequence } = record;
  return { resource, time, monotonic: record.monotonic / 1000, sequence, events };
}
