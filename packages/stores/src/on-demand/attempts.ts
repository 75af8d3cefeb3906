/** Owns the repetition of a request: how often, how long between, and when it is given up. */
import { StoreError } from '@firn/core';
import type { Clock } from '../clock.ts';
import { RequestLife } from '../request-life.ts';
import { type FetchSubject, fetchError, isRetryable, retryAfterOf } from './fetch-error.ts';

/** What attempts need of their surroundings. */
export interface AttemptContext {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds for all attempts together. */
  readonly timeout: number;
}

/** What an attempt may give instead of a value: the answer is older than what the watch has said. */
export const OUTDATED: unique symbol = Symbol('outdated');

const MAX_FAILURES = 5;
/** A server that lags behind catches up, or does not. */
const MAX_OUTDATED = 4;
const FIRST_DELAY = 200;

/**
 * Calls `attempt` until it gives a value that is up to date.
 *
 * Failures that may pass are repeated after 200 ms, 400 ms and so on, up to twice as much by chance, or after what
 * the server asks for; not beyond the deadline, which is for all attempts together.
 *
 * @throws {StoreError} what `fetchError` makes of the last failure, `FETCH_TIMEOUT`, `OUTDATED_RESPONSE`; or rejects
 * with the reason of the signal.
 */
export async function untilCurrent<V>(
  attempt: (signal: AbortSignal) => Promise<V | typeof OUTDATED>,
  subject: FetchSubject,
  { clock, random, timeout }: AttemptContext,
  outer: AbortSignal,
): Promise<V> {
  const life = new RequestLife(outer, clock, () => undefined);
  const end = clock.monotonic() + timeout;
  life.setDeadline(timeout, () => timedOut(subject, timeout));
  let failures = 0;
  let outdated = 0;
  try {
    for (;;) {
      let wait: number;
      const answer = await life.unlessEnded(attempt(life.signal)).then(asValue, asFailure);
      life.signal.throwIfAborted();
      if ('value' in answer) {
        if (answer.value !== OUTDATED) return answer.value;
        outdated++;
        wait = FIRST_DELAY * 2 ** (outdated - 1);
        if (outdated === MAX_OUTDATED || clock.monotonic() + wait >= end)
          throw stillOutdated(subject, outdated);
      } else {
        const { cause } = answer;
        if (!isRetryable(cause) || ++failures === MAX_FAILURES) throw fetchError(cause, subject);
        wait = retryAfterOf(cause) ?? FIRST_DELAY * 2 ** (failures - 1) * (1 + random());
        if (clock.monotonic() + wait >= end) throw fetchError(cause, subject);
      }
      await sleep(wait, clock, life);
    }
  } finally {
    life.over();
  }
}

function asValue<V>(value: V): { readonly value: V } {
  return { value };
}

function asFailure(cause: unknown): { readonly cause: unknown } {
  return { cause };
}

async function sleep(ms: number, clock: Clock, life: RequestLife): Promise<void> {
  let timer: unknown;
  const slept = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, ms);
  });
  try {
    await life.unlessEnded(slept);
  } finally {
    clock.clearTimeout(timer);
  }
}

function timedOut({ verb, resource, namespace, name, keys }: FetchSubject, timeout: number): StoreError {
  const what = name === '' ? namespace : `${namespace}/${name}`;
  return new StoreError(
    `${verb} ${resource} ${JSON.stringify(what)}: no answer within ${timeout} ms. Try again later, or raise fetchTimeout.`,
    { code: 'FETCH_TIMEOUT', operation: 'fetch', keys, retryable: true },
  );
}

function stillOutdated({ resource, namespace, name, keys }: FetchSubject, times: number): StoreError {
  return new StoreError(
    `get ${resource} ${JSON.stringify(`${namespace}/${name}`)}: the API server answered ${times} times with another state than the watch has told of. Try again later.`,
    { code: 'OUTDATED_RESPONSE', operation: 'fetch', keys, retryable: true },
  );
}
