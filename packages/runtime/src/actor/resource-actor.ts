/** Owns the life of one watched resource: a reflector that fills a mailbox, and a loop that empties it into a store. */
import { ConfigError, FirnError, type KubernetesObject, type ResourceEvent, type Snapshot } from '@firn/core';
import type { StagedList } from '@firn/core/engine';
import type { Clock } from '@firn/stores';
import type { StoreWriter } from '@firn/stores/engine';
import type { Logger } from '../logger.ts';
import {
  type BackoffConfig,
  type BackoffState,
  contacted,
  delayAfter,
  failedOnce,
  NO_FAILURES,
  settled,
} from '../reflector/backoff.ts';
import type { ReflectorSink, ReflectorStatus } from '../reflector/reflector-sink.ts';
import { type Letter, Mailbox, type MailboxState } from './mailbox.ts';
import { MailboxDrain } from './mailbox-drain.ts';

/** Where an actor's source delivers to. */
export interface ActorSink extends ReflectorSink {
  /** What an earlier process left is there at once, and stale since then (wall clock); false if the store is in use. */
  restore(snapshot: Snapshot<KubernetesObject>, since: number): boolean;
  /** What was restored is in order: as good as a list. */
  confirmed(): void;
  /** The source cannot go on: another one is made after a delay. */
  failed(cause: unknown): void;
  /** Applies what has been delivered; gives a promise where subscribers have not heard all of it yet. */
  settle(): Promise<void> | undefined;
}

/** What an actor starts and stops: a reflector, or whatever stands in its place. */
export interface EventSource {
  start(): void;
  stop(): Promise<void>;
  forceRelist(): void;
}

/** Who is told what the actor does. Called synchronously. */
export interface ActorObserver {
  /** A list is complete and visible to readers. */
  synced(count: number): void;
  /** A batch has been applied. */
  applied(): void;
  /** The source's status, the mailbox or the restarts changed. */
  changed(): void;
  failed(error: FirnError): void;
}

/** What an actor needs. */
export interface ActorOptions {
  readonly writer: StoreWriter<KubernetesObject>;
  /** Makes the source anew at each start and restart; it delivers into the sink. */
  readonly createSource: (sink: ActorSink) => EventSource;
  readonly observer: ActorObserver;
  readonly backoff: BackoffConfig;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** How long one batch may keep subscribers busy before the log mentions it, in milliseconds. */
const SLOW_MS = 100;

const IDLE: ReflectorStatus = Object.freeze({ phase: 'idle', stale: false });

/** One watched resource, supervised: when it fails it starts again after a delay, and others go on. */
export class ResourceActor {
  readonly #options: ActorOptions;
  readonly #mailbox: Mailbox;
  readonly #drain: MailboxDrain;
  #source: EventSource | undefined;
  #list: StagedList<KubernetesObject> | undefined;
  #status: ReflectorStatus = IDLE;
  /** The store holds what an earlier source left, and no later one has been in contact yet. */
  #leftBehind = false;
  #restarts = 0;
  /** The failure that the source of today was started after: its own status knows nothing of it. */
  #failure: FirnError | undefined;
  /** What decides how long the next restart waits; counts anew after health, and after a stop. */
  #backoff: BackoffState = NO_FAILURES;
  #restartTimer: unknown;
  /** The observer was last told of a mailbox with something in it. */
  #toldFilled = false;
  /** Told apart by number, so that what a stopped source still delivers is not taken for the next one's. */
  #life = 0;

  constructor(options: ActorOptions) {
    this.#options = options;
    const { writer, clock } = options;
    const mailbox = new Mailbox(undefined, (list) => writer.discardList(list));
    this.#mailbox = mailbox;
    this.#drain = new MailboxDrain({
      mailbox,
      writer,
      clock,
      deliver: (letter) => this.#tryToDeliver(letter),
      done: () => this.#emptied(),
    });
  }

  get status(): ReflectorStatus {
    return this.#status;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get mailbox(): MailboxState {
    return this.#mailbox.state(this.#options.clock.monotonic());
  }

  start(): void {
    const life = ++this.#life;
    try {
      this.#source = this.#options.createSource(this.#sink(life));
      this.#source.start();
    } catch (error) {
      this.#fail(life, error);
    }
  }

  /** Nothing is applied, emitted or requested afterwards. */
  async stop(): Promise<void> {
    const source = this.#end();
    this.#backoff = NO_FAILURES;
    this.#failure = undefined;
    const { connectedSince, nextAttemptAt, listed, ...kept } = this.#status;
    this.#setStatus({ ...kept, phase: 'stopped', stale: true });
    await source?.stop();
  }

  forceRelist(): void {
    this.#source?.forceRelist();
  }

  #end(): EventSource | undefined {
    const source = this.#source;
    this.#life++;
    this.#source = undefined;
    this.#discardList();
    this.#leftBehind = true;
    this.#mailbox.clear();
    this.#options.clock.clearTimeout(this.#restartTimer);
    return source;
  }

  #sink(life: number): ActorSink {
    const alive = (act: () => void): void => {
      if (this.#life !== life) return;
      try {
        act();
      } catch (error) {
        this.#fail(life, error);
      }
    };
    const { writer, observer } = this.#options;
    return {
      listStarted: () =>
        alive(() => {
          this.#discardList();
          this.#list = writer.beginList();
        }),
      listItems: (objects) => alive(() => this.#list && writer.appendToList(this.#list, objects)),
      listItemDeleted: (identity) => alive(() => this.#list && writer.removeFromList(this.#list, identity)),
      listCommitted: (resourceVersion) => alive(() => this.#commit(resourceVersion)),
      listDiscarded: () => alive(() => this.#discardList()),
      batch: (events, bytes) => alive(() => this.#post(events, bytes)),
      status: (status) => alive(() => this.#heard(status)),
      error: (error) => alive(() => observer.failed(error)),
      restore: (snapshot, since) => this.#life === life && this.#restore(snapshot, since),
      confirmed: () => alive(() => observer.synced(writer.store.size)),
      failed: (cause) => this.#fail(life, cause),
      settle: () => (this.#life === life ? this.#drain.settle() : undefined),
    };
  }

  #restore(snapshot: Snapshot<KubernetesObject>, since: number): boolean {
    const { writer, observer } = this.#options;
    if (!writer.restore(snapshot)) return false;
    writer.setFreshness({ stale: true, since });
    observer.applied();
    return true;
  }

  #discardList(): void {
    if (this.#list !== undefined) this.#options.writer.discardList(this.#list);
    this.#list = undefined;
  }

  #commit(resourceVersion: string): void {
    const list = this.#list;
    if (list === undefined) return;
    this.#list = undefined;
    const arrivedAt = this.#options.clock.monotonic();
    this.#mailbox.post({ kind: 'list', list, resourceVersion, arrivedAt });
    this.#drain.soon();
  }

  #post(events: readonly ResourceEvent<KubernetesObject>[], bytes: number): void {
    if (events.length === 0) return;
    this.#mailbox.post({ kind: 'events', events, bytes, arrivedAt: this.#options.clock.monotonic() });
    this.#drain.soon();
  }

  #heard(status: ReflectorStatus): void {
    if (status.connectedSince !== undefined) {
      this.#leftBehind = false;
      this.#backoff = contacted(this.#backoff, this.#options.clock.monotonic());
    }
    const failed = this.#failure === undefined ? undefined : { lastError: this.#failure };
    this.#setStatus({ ...failed, ...status, ...(this.#leftBehind ? { stale: true } : undefined) });
  }

  #setStatus(status: ReflectorStatus): void {
    const { stale } = this.#status;
    this.#status = status;
    if (status.stale !== stale) {
      const since = this.#options.clock.now();
      this.#options.writer.setFreshness(status.stale ? { stale: true, since } : { stale: false });
    }
    this.#toldFilled = !this.#mailbox.isEmpty;
    this.#options.observer.changed();
  }

  #tryToDeliver(letter: Letter): void {
    const life = this.#life;
    try {
      this.#deliver(letter);
    } catch (error) {
      this.#fail(life, error);
    }
  }

  #emptied(): void {
    if (!this.#toldFilled) return;
    this.#toldFilled = false;
    this.#options.observer.changed();
  }

  #deliver(letter: Letter): void {
    const { writer, observer, clock, logger } = this.#options;
    const before = clock.monotonic();
    if (letter.kind === 'list') {
      writer.commitList(letter.list, letter.resourceVersion);
      observer.synced(writer.store.size);
    } else {
      writer.apply(letter.events);
      observer.applied();
    }
    const took = clock.monotonic() - before;
    if (took > SLOW_MS) logger.warn({ tookMs: Math.round(took) }, 'a subscriber is slow: it held up a batch');
  }

  /** The unexpected: give up this life, and begin another after a delay. */
  #fail(life: number, cause: unknown): void {
    if (this.#life !== life) return;
    const { clock, random, backoff, observer, logger } = this.#options;
    const source = this.#end();
    source?.stop().catch((error: unknown) => logger.error({ err: error }, 'a failed source did not stop'));
    const error = failureOf(cause);
    const { failures } = settled(this.#backoff, backoff, clock.monotonic());
    const delay = delayAfter(failures, backoff, random());
    this.#backoff = failedOnce({ ...this.#backoff, failures });
    this.#failure = error;
    this.#restarts++;
    logger.error({ err: error, delayMs: Math.round(delay) }, 'watch failed, starting again');
    this.#restartTimer = clock.setTimeout(() => this.start(), delay);
    observer.failed(error);
    const nextAttemptAt = clock.now() + delay;
    const { connectedSince, listed, ...kept } = this.#status;
    this.#setStatus({ ...kept, phase: 'backoff', stale: true, lastError: error, nextAttemptAt });
  }
}

/** A wrong configuration, such as a kubeconfig without a context, speaks for itself. */
function failureOf(cause: unknown): FirnError {
  if (cause instanceof ConfigError) return cause;
  const why = cause instanceof Error ? cause.message : 'unknown cause';
  const message = `The watch failed unexpectedly and will be started again: ${why}`;
  return new FirnError(message, { code: 'ACTOR_FAILED', retryable: true, cause });
}
