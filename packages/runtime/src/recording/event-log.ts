/** Owns the recording of whatever is watched: one log for any number of watchers. */
import { ConfigError, type EventLogError } from '@firn/core';
import type { Observable } from 'rxjs';
import type { EventLogState } from '../event-log/event-log-state.ts';
import type { EventLogWriter } from '../event-log/event-log-writer.ts';
import { openEventLogWriter } from '../event-log/open-event-log-writer.ts';
import type { EventLogWriterOptions } from '../event-log/writer-options.ts';
import { checkpointSlices } from './checkpoint-slices.ts';
import { type LeftState, LeftStates, type NothingLeft } from './left-states.ts';
import { type Recorded, RecordedResources, type Recording } from './recorded-resources.ts';
import type { RedactOptions } from './redaction.ts';

/** How a log is written. */
export interface EventLogOptions
  extends Pick<
    EventLogWriterOptions,
    'fsync' | 'interval' | 'segmentBytes' | 'maxQueueBytes' | 'keep' | 'compress' | 'clock'
  > {
  /**
   * Field paths whose values are replaced by a keyed hash, by `group/version/resource`; `false` for none. The data of
   * `v1/secrets` is redacted unless this names other paths for them.
   */
  readonly redact?: RedactOptions;
  /**
   * Whether what on-demand stores fetch is recorded too, so that a replay can answer; false when left out. What is
   * redacted of a type is redacted here as well.
   */
  readonly recordFetches?: boolean;
}

/** Where a watcher is recorded, and as what. */
export interface RecordingOptions {
  readonly eventLog?: EventLog | undefined;
  /** `group/version/resource` when left out. */
  readonly name?: string;
}

/** A log that watchers and runtimes are told to write to. */
export interface EventLog extends AsyncDisposable {
  readonly state: EventLogState;
  /** The state now, and after each group of records that was written. */
  readonly state$: Observable<EventLogState>;
  /** Why recording stopped, and what else went wrong. */
  readonly errors$: Observable<EventLogError>;
  /**
   * Resolves when everything recorded so far is on the disk, whatever the policy.
   *
   * @throws {EventLogError} why it never will be.
   */
  flush(): Promise<void>;
  /** Writes what is queued and ends the run in good order. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** What a log can do beside what its users see: record a watched resource. */
export const RECORD: unique symbol = Symbol('record');

/** What a log on the disk can do beside: say what earlier runs left of a resource that it records. */
const LEFT: unique symbol = Symbol('left');

/** A log as watchers see it. */
export interface RecordingLog extends EventLog {
  [RECORD](recorded: Recorded): Recording;
}

/** Where a log on the disk is. */
export const FOLDER: unique symbol = Symbol('folder');

class DiskEventLog implements RecordingLog {
  readonly [FOLDER]: string;
  readonly #writer: EventLogWriter;
  readonly #resources: RecordedResources;
  readonly #left: LeftStates;

  constructor(folder: string, writer: EventLogWriter, resources: RecordedResources) {
    this[FOLDER] = folder;
    this.#writer = writer;
    this.#resources = resources;
    this.#left = new LeftStates(folder, writer.state.segment - 1, () => resources.all);
  }

  get state(): EventLogState {
    return this.#writer.state;
  }

  get state$(): Observable<EventLogState> {
    return this.#writer.state$;
  }

  get errors$(): Observable<EventLogError> {
    return this.#writer.errors$;
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [LEFT](name: string): Promise<LeftState | NothingLeft> {
    return this.#left.of(name);
  }

  [RECORD](recorded: Recorded): Recording {
    return this.#resources.join(recorded, this.#writer, ({ name, description, redacted }) =>
      this.#writer.describe(name, description, redacted),
    );
  }
}

/**
 * Opens a folder to record to it; what is there already is kept, and the run begins a new segment behind it.
 *
 * Recording never makes a watch wait. When the disk fails, is full or too slow, recording stops, and `errors$`
 * and `state$` say so; watching goes on.
 *
 * @throws {ConfigError} `INVALID_VALUE`, `INVALID_DURATION`; `INVALID_GVR`, `INVALID_FIELD_PATH` for `redact`.
 * @throws {EventLogError} `LOCKED` when another process records there; `FORBIDDEN`, `FOLDER_MISSING`, `DISK_FULL`,
 * `DISK_FAILED`; or what is wrong with the last segment.
 * @example
 * ```ts
 * const eventLog = await openEventLog('./log', { fsync: 'interval', keep: { age: '24h' } });
 * const runtime = createRuntime({ kubeConfig, resources, eventLog });
 * ```
 */
export async function openEventLog(folder: string, options: EventLogOptions = {}): Promise<EventLog> {
  const { redact, recordFetches = false, ...rest } = options;
  const resources = new RecordedResources(redact, recordFetches);
  const checkpoint = (): ReturnType<typeof checkpointSlices> => checkpointSlices(resources.all);
  const writer = await openEventLogWriter({ ...rest, folder, resources: {}, checkpoint });
  return new DiskEventLog(folder, writer, resources);
}

/** Reads what earlier runs left of a resource that is recorded. Throws `ConfigError` `NO_EVENT_LOG` where there are none. */
export function leftIn(log: EventLog | undefined): (name: string) => Promise<LeftState | NothingLeft> {
  if (log !== undefined && LEFT in log) return (name) => (log as DiskEventLog)[LEFT](name);
  throw new ConfigError(
    'warmStart begins with what an earlier run recorded. Give an eventLog too: what openEventLog gives for the folder of that run.',
    { code: 'NO_EVENT_LOG' },
  );
}

/** Begins to record a watched resource. Throws `ConfigError` `NAME_TAKEN`, `NEEDED_FIELD_REDACTED`, `WRONG_TYPE`. */
export function recordTo(log: EventLog, recorded: Recorded): Recording {
  if (RECORD in log) return (log as RecordingLog)[RECORD](recorded);
  throw new ConfigError('eventLog is not what openEventLog gives. Open one, or leave it out.', {
    code: 'WRONG_TYPE',
  });
}
