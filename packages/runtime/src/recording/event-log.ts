/** Owns the recording of whatever is watched: one log for any number of watchers. */
import {
  ConfigError,
  type EventLogError,
  type FirnError,
  type Indexer,
  type KubernetesObject,
} from '@firn/core';
import type { StoreWriter } from '@firn/stores/engine';
import type { Observable } from 'rxjs';
import type { EventLogState } from '../event-log/event-log-state.ts';
import type { EventLogWriter } from '../event-log/event-log-writer.ts';
import type { LoggedResource } from '../event-log/log-header.ts';
import { openEventLogWriter } from '../event-log/open-event-log-writer.ts';
import type { EventLogWriterOptions } from '../event-log/writer-options.ts';
import type { WatchState } from '../watcher/watch-state.ts';
import { type Checkpointed, checkpointSlices } from './checkpoint-slices.ts';
import { RecordedForm } from './recorded-form.ts';
import { Redaction, type RedactOptions } from './redaction.ts';
import { ResourceRecorder } from './resource-recorder.ts';

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
}

/** Where a watcher is recorded, and as what. */
export interface RecordingOptions {
  readonly eventLog?: EventLog | undefined;
  /** `group/version/resource` when left out. */
  readonly name?: string;
}

/** What is recorded of a watched resource. */
export interface Recorded {
  /** By which its records are called. */
  readonly name: string;
  readonly description: LoggedResource;
  readonly indexer: Indexer;
  readonly writer: StoreWriter<KubernetesObject>;
}

/** The recording of one watched resource. */
export interface Recording {
  state(state: WatchState): void;
  error(error: FirnError): void;
  timer(timer: string): void;
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

// Assigned by the class below: the only way to its recording end.
let recordIn: (log: DiskEventLog, recorded: Recorded) => Recording;

class DiskEventLog implements EventLog {
  readonly #writer: EventLogWriter;
  readonly #resources: Map<string, Checkpointed>;
  readonly #redact: RedactOptions | undefined;
  readonly #redaction: Redaction = new Redaction();

  constructor(
    writer: EventLogWriter,
    resources: Map<string, Checkpointed>,
    redact: RedactOptions | undefined,
  ) {
    this.#writer = writer;
    this.#resources = resources;
    this.#redact = redact;
  }

  static {
    recordIn = (log, recorded) => log.#record(recorded);
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

  #record({ name, description, indexer, writer }: Recorded): Recording {
    if (name === '' || this.#resources.has(name)) {
      throw new ConfigError(
        `The event log has a resource ${JSON.stringify(name)} already. Give each watcher a log of its own, or put them into one runtime under names of their own.`,
        { code: 'NAME_TAKEN' },
      );
    }
    const redacted = this.#redaction.pathsFor(description.gvr, this.#redact, indexer.expressions);
    const form = new RecordedForm(indexer, this.#redaction, redacted, description.store !== 'on-demand');
    this.#resources.set(name, { name, form, snapshot: () => writer.snapshot });
    this.#writer.describe(name, description, redacted);
    const recorder = new ResourceRecorder(name, this.#writer, form);
    writer.record(recorder);
    return recorder;
  }
}

/**
 * Opens a folder to record to it; what is there already is kept, and the run begins a new segment behind it.
 *
 * Recording never makes a watch wait. When the disk fails, is full or too slow, recording stops, and `errors$`
 * and `state$` say so; watching goes on.
 *
 * @throws {ConfigError} `INVALID_VALUE`, `INVALID_DURATION`.
 * @throws {EventLogError} `LOCKED` when another process records there; `FORBIDDEN`, `FOLDER_MISSING`, `DISK_FULL`,
 * `DISK_FAILED`; or what is wrong with the last segment.
 * @example
 * ```ts
 * const eventLog = await openEventLog('./log', { fsync: 'interval', keep: { age: '24h' } });
 * const runtime = createRuntime({ kubeConfig, resources, eventLog });
 * ```
 */
export async function openEventLog(folder: string, options: EventLogOptions = {}): Promise<EventLog> {
  const { redact, ...rest } = options;
  const resources = new Map<string, Checkpointed>();
  const checkpoint = () => checkpointSlices(resources.values());
  const writer = await openEventLogWriter({ ...rest, folder, resources: {}, checkpoint });
  return new DiskEventLog(writer, resources, redact);
}

/** Begins to record a watched resource. Throws `ConfigError` `NAME_TAKEN`, `NEEDED_FIELD_REDACTED`. */
export function recordTo(log: EventLog, recorded: Recorded): Recording {
  if (log instanceof DiskEventLog) return recordIn(log, recorded);
  throw new ConfigError('eventLog is not what openEventLog gives. Open one, or leave it out.', {
    code: 'WRONG_TYPE',
  });
}
