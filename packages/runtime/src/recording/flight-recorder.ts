/** Owns the flight recorder: what happened last, kept in memory, and written down as a log when it is needed. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, type EventLogError } from '@firn/core';
import { type Clock, systemClock } from '@firn/stores';
import { HotStream } from '@firn/stores/engine';
import type { Observable } from 'rxjs';
import type { EventBytes } from '../event-log/event-bytes.ts';
import { diskFailure } from '../event-log/event-log-failure.ts';
import type { EventLogState } from '../event-log/event-log-state.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { openEventLogWriter } from '../event-log/open-event-log-writer.ts';
import { ValueStream } from '../watcher/value-stream.ts';
import { checkpointSlices } from './checkpoint-slices.ts';
import { type EventLog, RECORD, type RecordingLog } from './event-log.ts';
import { EventRing } from './event-ring.ts';
import { type Recorded, RecordedResources, type Recording } from './recorded-resources.ts';
import type { RedactOptions } from './redaction.ts';

/** How much a flight recorder keeps. */
export interface FlightRecorderOptions {
  /** Events at most; 10,000 when left out. Between half of them and all are kept. */
  readonly maxEvents?: number;
  /** Bytes of events at most; 16 MiB when left out. The states that they began with come on top, shared with the stores. */
  readonly maxBytes?: number;
  /**
   * When a watch fails unexpectedly and has to be started again (`ACTOR_FAILED`), what is kept is dumped into a new
   * folder in this one, for a bug report: at most once a minute. `errors$` says if that fails, `dumps` where it is.
   */
  readonly dumpOnFailure?: string;
  /** As for `openEventLog`. */
  readonly redact?: RedactOptions;
  /** As for `openEventLog`. */
  readonly recordFetches?: boolean;
  readonly clock?: Clock;
}

/** A log in memory of what happened last. */
export interface FlightRecorder extends EventLog {
  /**
   * Writes what is kept into a folder, as a log that begins with a checkpoint. Recording goes on.
   *
   * @throws {EventLogError} as `openEventLog` does, or why it could not be written.
   */
  dump(folder: string): Promise<void>;
  /** The folders that failures were dumped to. */
  readonly dumps: readonly string[];
}

const MIB = 1024 * 1024;

class MemoryEventLog implements FlightRecorder, RecordingLog {
  readonly #resources: RecordedResources;
  readonly #ring: EventRing;
  readonly #clock: Clock;
  readonly #run: string = randomUUID();
  readonly #errors: HotStream<EventLogError> = new HotStream();
  readonly #states: ValueStream<EventLogState> = new ValueStream(() => this.state);
  readonly #dumpOnFailure: string | undefined;
  readonly #dumps: string[] = [];
  /** When a failure was last dumped, monotonic milliseconds. */
  #dumpedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor({
    maxEvents = 10_000,
    maxBytes = 16 * MIB,
    dumpOnFailure,
    redact,
    recordFetches = false,
    clock = systemClock,
  }: FlightRecorderOptions) {
    this.#clock = clock;
    this.#resources = new RecordedResources(redact, recordFetches);
    this.#ring = new EventRing(
      { maxEvents: atLeast('maxEvents', maxEvents), maxBytes: atLeast('maxBytes', maxBytes) },
      clock,
      () => Array.from(this.#resources.all, frozenState),
      (event) => void this.#dumpIfFailed(event),
    );
    this.#dumpOnFailure = dumpOnFailure;
  }

  get dumps(): readonly string[] {
    return Object.freeze([...this.#dumps]);
  }

  get state(): EventLogState {
    const { count } = this.#ring;
    const phase = this.#closed ? 'closed' : 'recording';
    const none = { segment: 0, segmentBytes: 0, written: 0, durable: 0 };
    return { ...none, phase, run: this.#run, queuedBytes: this.#ring.bytes, appended: count };
  }

  get state$(): Observable<EventLogState> {
    return this.#states.observable;
  }

  get errors$(): Observable<EventLogError> {
    return this.#errors.observable;
  }

  /** There is no disk to wait for. */
  async flush(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#states.changed();
    this.#states.complete();
    this.#errors.complete();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [RECORD](recorded: Recorded): Recording {
    return this.#resources.join(recorded, this.#ring, ({ name, description, redacted }) =>
      this.#ring.append(name, { type: 'RESOURCE', description, redacted }),
    );
  }

  async #dumpIfFailed(event: LogEvent | EventBytes): Promise<void> {
    const parent = this.#dumpOnFailure;
    if (parent === undefined || 'pieces' in event || event.type !== 'ERROR' || event.code !== 'ACTOR_FAILED')
      return;
    const now = this.#clock.monotonic();
    if (now - this.#dumpedAt < DUMP_INTERVAL) return;
    this.#dumpedAt = now;
    const time = new Date(this.#clock.now()).toISOString().replaceAll(/[:.]/g, '-');
    const folder = join(parent, `firn-${time}`);
    try {
      await this.dump(folder);
      this.#dumps.push(folder);
    } catch (cause) {
      this.#errors.next(diskFailure(cause, folder));
    }
  }

  async dump(folder: string): Promise<void> {
    const generations = this.#ring.generations.map(({ states, events }) => ({ states, events: [...events] }));
    const [oldest] = generations;
    const known = new Set(oldest?.states.map(({ name }) => name));
    const described = [...this.#resources.all].filter(({ name }) => known.has(name));
    const time = { now: this.#clock.now(), monotonic: this.#clock.monotonic() };
    const writer = await openEventLogWriter({
      folder,
      run: this.#run,
      resources: Object.fromEntries(described.map(({ name, description }) => [name, description])),
      redacted: Object.fromEntries(described.map(({ name, redacted }) => [name, redacted])),
      checkpoint: () => checkpointSlices(oldest?.states ?? []),
      compress: false,
      segmentBytes: Number.MAX_SAFE_INTEGER,
      maxQueueBytes: Number.MAX_SAFE_INTEGER,
      clock: { ...withMethods(this.#clock), now: () => time.now, monotonic: () => time.monotonic },
    });
    try {
      for (const { resource, event, ...at } of generations.flatMap(({ events }) => events)) {
        time.now = at.time;
        time.monotonic = at.monotonic;
        writer.append(resource, event);
        await writer.room();
      }
      await writer.flush();
    } finally {
      await writer.close();
    }
  }
}

/** At most one dump in so many milliseconds: a watch that fails again and again says the same. */
const DUMP_INTERVAL = 60_000;

/** Timers of the clock, whose times are told differently. */
function withMethods(clock: Clock): Pick<Clock, 'setTimeout' | 'clearTimeout'> {
  return {
    setTimeout: (f, ms) => clock.setTimeout(f, ms),
    clearTimeout: (handle) => clock.clearTimeout(handle),
  };
}

/** A resource as it is now, whatever comes. */
function frozenState<R extends { readonly snapshot: () => unknown }>(resource: R): R {
  const snapshot = resource.snapshot();
  return { ...resource, snapshot: () => snapshot };
}

function atLeast(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 2) return value;
  throw new ConfigError(`${name} is ${String(value)}: give a whole number of 2 or more.`, {
    code: 'INVALID_VALUE',
  });
}

/**
 * Makes a log in memory that holds what happened last: given to a watcher or a runtime as `eventLog`, and written down
 * with `dump` when something went wrong. What was dumped is read by `replay` like any log.
 *
 * @throws {ConfigError} `INVALID_VALUE`.
 * @example
 * ```ts
 * const eventLog = createFlightRecorder({ maxEvents: 5000 });
 * const runtime = createRuntime({ kubeConfig, resources, eventLog });
 * process.on('SIGUSR2', () => void eventLog.dump(`/tmp/firn-${Date.now()}`));
 * ```
 */
export function createFlightRecorder(options: FlightRecorderOptions = {}): FlightRecorder {
  return new MemoryEventLog(options);
}
