/** Owns waiting until a store has reached a resource version: reading one's own writes. */
import { ConfigError, compareResourceVersions, type Duration, FirnError, parseDuration } from '@firn/core';
import type { Clock } from '@firn/stores';

/** How long to wait, and what ends it. */
export interface ReachedOptions {
  readonly signal?: AbortSignal;
  /** For ever when left out. */
  readonly timeout?: Duration;
}

interface Waiter {
  readonly resourceVersion: string;
  readonly settle: (error?: unknown) => void;
}

/** Whether a store at `current` shows what was written at `wanted`. */
function isReached(current: string | undefined, wanted: string): boolean {
  if (current === undefined) return false;
  const order = compareResourceVersions(current, wanted);
  return order === undefined ? current === wanted : order >= 0;
}

/** Those who wait for a resource version. */
export class VersionWaiters {
  readonly #current: () => string | undefined;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();

  constructor(current: () => string | undefined, clock: Clock) {
    this.#current = current;
    this.#clock = clock;
  }

  /** Resolves when the version is reached; rejects on abort, after the timeout, or when `fail` is called. */
  async wait(resourceVersion: string, options: ReachedOptions): Promise<void> {
    const { signal, timeout } = options;
    const limit = timeout === undefined ? undefined : parseDuration(timeout);
    signal?.throwIfAborted();
    if (typeof resourceVersion !== 'string' || resourceVersion === '') throw noVersion();
    if (isReached(this.#current(), resourceVersion)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let timer: unknown;
    const abort = (): void => waiter.settle(signal?.reason);
    const waiter: Waiter = {
      resourceVersion,
      settle: (error) => {
        this.#waiters.delete(waiter);
        this.#clock.clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (error === undefined) resolve();
        else reject(error);
      },
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', abort);
    if (limit !== undefined)
      timer = this.#clock.setTimeout(() => waiter.settle(timedOut(resourceVersion, limit)), limit);
    return promise;
  }

  /** Tells those whose version is reached. */
  check(): void {
    if (this.#waiters.size === 0) return;
    const current = this.#current();
    for (const waiter of [...this.#waiters]) {
      if (isReached(current, waiter.resourceVersion)) waiter.settle();
    }
  }

  fail(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.settle(error);
  }
}

function noVersion(): ConfigError {
  return new ConfigError(
    'A resource version that is empty or not text is never reached. Give metadata.resourceVersion of what the server answered to the write.',
    { code: 'INVALID_RESOURCE_VERSION' },
  );
}

function timedOut(resourceVersion: string, limit: number): FirnError {
  return new FirnError(
    `Resource version ${resourceVersion} was not reached within ${limit} ms. The watch may be behind or without contact: look at state$.`,
    { code: 'TIMEOUT', retryable: true },
  );
}
