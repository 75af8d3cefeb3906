/** Owns a watcher: puts actor, store, callbacks and state together. */
import { FirnError, IndexError, type KubernetesObject } from '@firn/core';
import type { Clock, Store } from '@firn/stores';
import { HotStream, type StoreWriter } from '@firn/stores/engine';
import type { Observable } from 'rxjs';
import { type ActorSink, type EventSource, ResourceActor } from '../actor/resource-actor.ts';
import type { Logger } from '../logger.ts';
import type { Recording } from '../recording/recorded-resources.ts';
import type { BackoffConfig } from '../reflector/backoff.ts';
import { abortError } from './abort-error.ts';
import type { ChangeGatherer } from './change-gatherer.ts';
import { SyncPromise } from './sync-promise.ts';
import { ValueStream } from './value-stream.ts';
import { type ReachedOptions, VersionWaiters } from './version-waiters.ts';
import type { WatchState } from './watch-state.ts';
import type { StartOptions, Watcher } from './watcher.ts';

/** What one start of a watcher opens, and how to close it. */
export interface Connection {
  /** @param resume - watch from here, without a list. */
  createSource(sink: ActorSink, resume?: { readonly resourceVersion: string }): EventSource;
  close(): Promise<void>;
}

/** What a watcher is put together from. */
export interface ResourceWatcherParts<T extends KubernetesObject, S extends Store<T>> {
  /** `v1/secrets`: for messages. */
  readonly name: string;
  readonly store: S;
  readonly writer: StoreWriter<KubernetesObject>;
  readonly connect: () => Connection;
  readonly gatherer: ((run: (call: () => unknown) => void) => ChangeGatherer<T, S>) | undefined;
  readonly onSyncComplete: ((store: S, initialCount: number) => unknown) | undefined;
  readonly backoff: BackoffConfig;
  /** Where everything is recorded. */
  readonly recording: Recording | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** One watched resource and its store. */
export class ResourceWatcher<T extends KubernetesObject, S extends Store<T>> implements Watcher<T, S> {
  readonly store: S;
  readonly #parts: ResourceWatcherParts<T, S>;
  readonly #actor: ResourceActor;
  readonly #gatherer: ChangeGatherer<T, S> | undefined;
  readonly #waiters: VersionWaiters;
  readonly #states: ValueStream<WatchState>;
  readonly #errors: HotStream<FirnError> = new HotStream();
  #connection: Connection | undefined;
  #sync: SyncPromise = new SyncPromise();
  #synced = false;
  #running = false;
  #disposed = false;
  #indexErrors = 0;
  #stopping: Promise<void> = Promise.resolve();
  /** Set while the store's streams are listened to. */
  #endListening: (() => void) | undefined;
  #endSignal: () => void = () => undefined;

  constructor(parts: ResourceWatcherParts<T, S>) {
    const { store, writer, clock, random, backoff, logger } = parts;
    this.#parts = parts;
    this.store = store;
    this.#gatherer = parts.gatherer?.((call) => {
      parts.recording?.timer('debounce');
      this.#run(call);
    });
    this.#waiters = new VersionWaiters(() => writer.resourceVersion, clock);
    this.#states = new ValueStream(() => this.state);
    this.#actor = new ResourceActor({
      writer,
      createSource: (sink) => this.#connect().createSource(sink),
      observer: {
        synced: (count) => this.#listed(count),
        applied: () => this.#waiters.check(),
        changed: () => this.#changed(),
        failed: (error) => {
          parts.recording?.error(error);
          this.#errors.next(error);
        },
      },
      backoff,
      clock,
      random,
      logger,
    });
  }

  get isSynced(): boolean {
    return this.#synced;
  }

  get synced(): Promise<number> {
    return this.#sync.promise;
  }

  get state(): WatchState {
    const { status, restarts, mailbox } = this.#actor;
    return Object.freeze({
      ...status,
      synced: this.#synced,
      restarts,
      indexErrors: this.#indexErrors,
      mailbox,
    });
  }

  get state$(): Observable<WatchState> {
    return this.#states.observable;
  }

  get errors$(): Observable<FirnError> {
    return this.#errors.observable;
  }

  start(options: StartOptions = {}): void {
    if (this.#disposed) {
      throw new FirnError(`The watcher of ${this.#parts.name} has been disposed of. Create a new one.`, {
        code: 'DISPOSED',
      });
    }
    const { signal } = options;
    if (this.#running) return;
    this.#synced = false;
    if (this.#sync.settled) this.#sync = new SyncPromise();
    if (signal?.aborted) {
      this.#sync.abort();
      this.#states.changed();
      return;
    }
    this.#running = true;
    this.#listen();
    this.#actor.start();
    if (signal === undefined) return;
    const abort = (): void => void this.stop();
    signal.addEventListener('abort', abort);
    this.#endSignal = () => signal.removeEventListener('abort', abort);
  }

  stop(): Promise<void> {
    if (!this.#running) return this.#stopping;
    this.#running = false;
    this.#endSignal();
    const told = this.#tellRest();
    const connection = this.#connection;
    this.#connection = undefined;
    const stopped = this.#actor.stop();
    this.#leaveNobodyWaiting();
    // Whoever asks from now on means the next start; a start that was cut short stays rejected until then.
    if (this.#synced) this.#sync = new SyncPromise();
    this.#synced = false;
    this.#stopping = this.#end(told, stopped, connection);
    return this.#stopping;
  }

  reached(resourceVersion: string, options: ReachedOptions = {}): Promise<void> {
    const reached = this.#waiters.wait(resourceVersion, options);
    if (this.#disposed) this.#leaveNobodyWaiting();
    return reached;
  }

  forceSync(): void {
    this.#actor.forceRelist();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return this.#stopping;
    this.#disposed = true;
    const stopped = this.stop();
    this.#leaveNobodyWaiting();
    await stopped;
    this.store.close();
    this.#states.complete();
    this.#errors.complete();
  }

  async #end(told: Promise<void>, stopped: Promise<void>, connection: Connection | undefined): Promise<void> {
    await stopped;
    await connection?.close();
    await told;
  }

  /** A list that is being told is told to its end, and `onChange` hears of all of it, before the stop is over. */
  async #tellRest(): Promise<void> {
    const { writer } = this.#parts;
    if (writer.publishing) await writer.whenPublished();
    // Started again meanwhile, it listens on.
    if (this.#running) return;
    this.#gatherer?.flush();
    this.#endListening?.();
    this.#endListening = undefined;
  }

  #leaveNobodyWaiting(): void {
    if (!this.#sync.settled) this.#sync.abort();
    this.#waiters.fail(abortError(`The watcher of ${this.#parts.name} was stopped.`));
  }

  #connect(): Connection {
    this.#connection ??= this.#parts.connect();
    return this.#connection;
  }

  #listen(): void {
    this.#gatherer?.restarted();
    if (this.#endListening !== undefined) return;
    const errors = this.store.errors$.subscribe((error) => {
      this.#indexErrors += error instanceof IndexError ? error.count : 1;
      this.#parts.logger.warn({ err: error }, 'a resource is left out: its index keys cannot be extracted');
      this.#errors.next(error);
      this.#changed();
    });
    const endGathering = this.#gatherer?.listen();
    this.#endListening = () => {
      errors.unsubscribe();
      endGathering?.();
    };
  }

  #listed(count: number): void {
    this.#waiters.check();
    if (this.#synced) return;
    this.#synced = true;
    this.#parts.logger.info({ count }, 'synced');
    this.#sync.resolve(count);
    const { onSyncComplete } = this.#parts;
    if (onSyncComplete !== undefined) this.#run(() => onSyncComplete(this.store, count));
    this.#gatherer?.synced();
    this.#changed();
  }

  #changed(): void {
    this.#parts.recording?.state(this.state);
    this.#states.changed();
  }

  /** Runs a callback of the user's; what it throws or rejects with is reported and harms nobody. */
  #run(call: () => unknown): void {
    const report = (cause: unknown): void => {
      const why = cause instanceof Error ? cause.message : String(cause);
      const error = new FirnError(`A callback of the watcher of ${this.#parts.name} failed: ${why}`, {
        code: 'CALLBACK_FAILED',
        cause,
      });
      this.#parts.logger.error({ err: error }, 'a callback failed');
      this.#errors.next(error);
    };
    try {
      const result = call();
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  }
}
