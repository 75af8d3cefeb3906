/** Owns what a recorded run fetched of one resource on demand: a replay gets the same answers, and no others. */
import {
  compareResourceVersions,
  type GroupVersionResource,
  type KubernetesObject,
  StoreError,
} from '@firn/core';
import type { CallOptions, ResourceClient } from '@firn/stores';
import type { LoggedFetch, LoggedWrite } from '../event-log/log-event.ts';
import { identityIn } from '../event-log/logged-identity.ts';

interface Waiting {
  readonly settle: (fetch: LoggedFetch) => void;
  readonly fail: (error: unknown) => void;
}

type Identity = Parameters<ResourceClient['get']>[1];

/** The client of a replayed store. */
export class RecordedFetches implements ResourceClient {
  readonly #resource: string;
  readonly #isRecorded: boolean;
  readonly #client: ResourceClient | undefined;
  /** The last answers that the log has told of, as long as nothing says that they are out of date. */
  readonly #known = new Map<string, LoggedFetch>();
  readonly #waiting = new Map<string, Waiting[]>();
  #isOver = false;

  /**
   * @param resource - its name, for messages.
   * @param isRecorded - whether the run recorded what it fetched.
   * @param client - asked for what the log does not have.
   */
  constructor(resource: string, isRecorded: boolean, client: ResourceClient | undefined) {
    this.#resource = resource;
    this.#isRecorded = isRecorded;
    this.#client = client;
  }

  /**
   * The answer that the log told of last, or the next one.
   *
   * @throws {StoreError} `NOT_RECORDED` (as a rejection) where the log has none, and no client was given.
   */
  get(
    gvr: GroupVersionResource,
    identity: Identity,
    options: CallOptions = {},
  ): Promise<KubernetesObject | undefined> {
    const known = this.#known.get(keyOf(identity));
    if (known !== undefined) return answer(known);
    if (this.#isRecorded && !this.#isOver) return this.#next(identity, options);
    if (this.#client !== undefined) return this.#client.get(gvr, identity, options);
    return Promise.reject(this.#notRecorded(identity));
  }

  /** The log tells of an answer. */
  fetched(fetch: LoggedFetch): void {
    const key = keyOf(fetch);
    // A failure is over when it has been told.
    if (fetch.error === undefined) this.#known.set(key, fetch);
    this.#settle(key, fetch);
  }

  /** The watch tells more than answers before it knew. */
  changed({ type, object }: Pick<LoggedWrite, 'type' | 'object'>): void {
    if (this.#known.size === 0 && this.#waiting.size === 0) return;
    const { namespace, name, resourceVersion: version } = identityIn(object);
    const key = keyOf({ namespace, name });
    // A list that was fetched does not name what is gone.
    if (type === 'DELETED') this.#settle(key, { type: 'FETCH', namespace, name, object: null });
    const known = this.#known.get(key)?.object?.metadata?.resourceVersion;
    const isOlder =
      known !== undefined && version !== undefined && compareResourceVersions(version, known) !== 1;
    if (type === 'DELETED' || !isOlder) this.#known.delete(key);
  }

  /** The log has been played to its end: what is still waited for was never answered. */
  end(): void {
    this.#isOver = true;
    for (const [key, waiting] of this.#waiting) {
      const [namespace = '', name = ''] = key.split('\0');
      for (const { fail } of waiting) fail(this.#notRecorded({ namespace, name }));
    }
    this.#waiting.clear();
  }

  #settle(key: string, fetch: LoggedFetch): void {
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const { settle } of waiting) settle(fetch);
  }

  async #next(identity: Identity, { signal }: CallOptions): Promise<KubernetesObject | undefined> {
    const { promise, resolve: settle, reject: fail } = Promise.withResolvers<LoggedFetch>();
    const key = keyOf(identity);
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), { settle, fail }]);
    const abort = (): void => fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      return await answer(await promise);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #notRecorded({ namespace, name }: Identity): StoreError {
    const id = namespace === '' ? name : `${namespace}/${name}`;
    const why = this.#isRecorded ? 'the recorded run did not fetch it' : 'what was fetched was not recorded';
    return new StoreError(
      `fetch: ${JSON.stringify(id)} of ${this.#resource} is not in the log: ${why}. Record with recordFetches, or give replay a client.`,
      { code: 'NOT_RECORDED', operation: 'fetch', keys: [namespace, name] },
    );
  }
}

async function answer({ object, error }: LoggedFetch): Promise<KubernetesObject | undefined> {
  if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.status });
  return object ?? undefined;
}

function keyOf({ namespace, name }: Identity): string {
  return `${namespace}\0${name}`;
}
