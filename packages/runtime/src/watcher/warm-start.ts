/** Owns a warm start: what an earlier run left is there at once, and the watch goes on from it. */
import { FirnError } from '@firn/core';
import type { Clock } from '@firn/stores';
import type { ActorSink, EventSource } from '../actor/resource-actor.ts';
import type { Logger } from '../logger.ts';
import type { LeftState, NothingLeft } from '../recording/left-states.ts';
import type { ReflectorStatus } from '../reflector/reflector-sink.ts';
import type { Connection } from './resource-watcher.ts';

/** What a warm start needs. */
export interface WarmStartParts {
  /** Reads what an earlier run left. */
  readonly left: () => Promise<LeftState | NothingLeft>;
  /** Whether the store is as it was made. */
  readonly isUnused: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How long a resumed watch has to stand before what was restored counts as in sync, in milliseconds: a server that has
 * forgotten the resource version says so at once, and what happened meanwhile comes at once.
 */
const PROOF_MS = 1000;

/** Begins with what an earlier run left, where nothing has happened to the store. */
export function startWarm(connect: () => Connection, parts: WarmStartParts): () => Connection {
  return () => {
    const connection = connect();
    return {
      createSource: (sink) =>
        parts.isUnused() ? new WarmSource(connection, sink, parts) : connection.createSource(sink),
      close: () => connection.close(),
    };
  };
}

/** Reads, restores, and then does as the source behind it. */
class WarmSource implements EventSource {
  readonly #connection: Connection;
  readonly #sink: ActorSink;
  readonly #parts: WarmStartParts;
  #source: EventSource | undefined;
  #isStopped = false;
  #proof: unknown;
  /** What was restored is in order, or there was nothing. */
  #isProven = false;
  #status: ReflectorStatus = { phase: 'listing', stale: true };

  constructor(connection: Connection, sink: ActorSink, parts: WarmStartParts) {
    this.#connection = connection;
    this.#sink = sink;
    this.#parts = parts;
  }

  start(): void {
    this.#sink.status(this.#status);
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#parts.clock.clearTimeout(this.#proof);
    await this.#source?.stop();
  }

  forceRelist(): void {
    this.#source?.forceRelist();
  }

  async #begin(): Promise<void> {
    const resourceVersion = await this.#restore();
    if (this.#isStopped) return;
    this.#isProven = resourceVersion === undefined;
    const resume = resourceVersion === undefined ? undefined : { resourceVersion };
    try {
      const source = this.#connection.createSource(this.#proving(), resume);
      this.#source = source;
      source.start();
    } catch (cause) {
      this.#sink.failed(cause);
    }
  }

  /** The resource version of what is in the store now. */
  async #restore(): Promise<string | undefined> {
    const { left, logger } = this.#parts;
    let state: LeftState | NothingLeft;
    try {
      state = await left();
    } catch (cause) {
      if (!this.#isStopped) this.#sink.error(failure(cause));
      return undefined;
    }
    if (this.#isStopped) return undefined;
    if ('because' in state) logger.info({ because: state.because }, 'cold start');
    else if (this.#sink.restore(state.snapshot, state.since)) {
      const { size: count, resourceVersion } = state.snapshot;
      logger.info({ count, resourceVersion, since: new Date(state.since).toISOString() }, 'warm start');
      return resourceVersion;
    }
    return undefined;
  }

  /** Until the watch stands, what was restored is stale. */
  #proving(): ActorSink {
    const sink = this.#sink;
    return {
      ...sink,
      listCommitted: (resourceVersion) => {
        this.#proven();
        sink.listCommitted(resourceVersion);
      },
      status: (status) => {
        this.#status = status;
        sink.status(this.#isProven ? status : { ...status, stale: true });
        if (!this.#isProven) this.#prove(status.phase === 'watching' && !status.stale);
      },
    };
  }

  #prove(stands: boolean): void {
    const { clock } = this.#parts;
    if (stands) this.#proof ??= clock.setTimeout(() => this.#confirm(), PROOF_MS);
    else {
      clock.clearTimeout(this.#proof);
      this.#proof = undefined;
    }
  }

  #confirm(): void {
    this.#proven();
    this.#sink.status(this.#status);
    this.#sink.confirmed();
  }

  #proven(): void {
    this.#isProven = true;
    this.#parts.clock.clearTimeout(this.#proof);
  }
}

function failure(cause: unknown): FirnError {
  if (cause instanceof FirnError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FirnError(`The warm start failed, and the watch begins with a list: ${why}`, {
    code: 'WARM_START_FAILED',
    cause,
  });
}
