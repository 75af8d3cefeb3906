/** Owns which resources a log records: each under a name of its own, with what is redacted of it. */
import {
  ConfigError,
  type FirnError,
  type Indexer,
  type KubernetesObject,
  parseFieldPath,
  parseGvr,
} from '@firn/core';
import type { StoreWriter } from '@firn/stores/engine';
import type { LoggedResource } from '../event-log/log-header.ts';
import type { WatchState } from '../watcher/watch-state.ts';
import type { Checkpointed } from './checkpoint-slices.ts';
import { RecordedForm } from './recorded-form.ts';
import type { FetchListener } from './recording-client.ts';
import { Redaction, type RedactOptions } from './redaction.ts';
import { type RecordTarget, ResourceRecorder } from './resource-recorder.ts';

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
  /** Hears of what is fetched on demand, where that is recorded. */
  readonly fetches: FetchListener | undefined;
}

/** A resource that is recorded. */
export interface JoinedResource extends Checkpointed {
  readonly description: LoggedResource;
  readonly redacted: readonly string[];
}

/** Those that have joined. */
export class RecordedResources {
  readonly #joined = new Map<string, JoinedResource>();
  readonly #redact: RedactOptions | undefined;
  readonly #recordsFetches: boolean;
  readonly #redaction: Redaction = new Redaction();

  /** @throws {ConfigError} `INVALID_GVR`, `INVALID_FIELD_PATH`: what is misspelt would be written as it is. */
  constructor(redact: RedactOptions | undefined, recordsFetches: boolean) {
    for (const [gvr, paths] of Object.entries(redact || {})) {
      parseGvr(gvr);
      paths.forEach(parseFieldPath);
    }
    this.#redact = redact;
    this.#recordsFetches = recordsFetches;
  }

  get all(): Iterable<JoinedResource> {
    return this.#joined.values();
  }

  /**
   * From now on everything that the store applies goes to the target.
   *
   * @param described is told of it before anything of it is recorded.
   * @throws {ConfigError} `NAME_TAKEN`, `NEEDED_FIELD_REDACTED`.
   */
  join(
    { name, description: given, indexer, writer }: Recorded,
    target: RecordTarget,
    described: (joined: JoinedResource) => void,
  ): Recording {
    if (name === '' || this.#joined.has(name)) {
      throw new ConfigError(
        `The event log has a resource ${JSON.stringify(name)} already. Give each watcher a log of its own, or put them into one runtime under names of their own.`,
        { code: 'NAME_TAKEN' },
      );
    }
    const isOnDemand = given.store === 'on-demand';
    const fetches = isOnDemand && this.#recordsFetches;
    const description = fetches ? { ...given, fetches } : given;
    const indexed = [indexer.expressions, ...indexer.indexExpressions.values()].flat();
    const redacted = this.#redaction.pathsFor(description.gvr, this.#redact, indexed);
    const form = new RecordedForm(indexer, this.#redaction, redacted, !isOnDemand);
    const joined = { name, description, redacted, form, snapshot: () => writer.snapshot };
    this.#joined.set(name, joined);
    described(joined);
    const recorder = new ResourceRecorder(name, target, form, fetches);
    writer.record(recorder);
    return recorder;
  }
}
