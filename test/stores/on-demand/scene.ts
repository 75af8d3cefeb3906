/** Owns the stage of tests on demand: a store that a watch feeds, and a server whose every answer the test decides. */
import type { FirnError, KubernetesObject, ResourceEvent } from '@firn/core';
import { createManualClock, type ManualClock } from '@firn/runtime/testing';
import { CachedStore, type CachedStoreOptions, type ResourceClient, type ResourceList } from '@firn/stores';
import { referenceWriterOf, type StoreWriter } from '@firn/stores/engine';

/** What the tests store. */
export interface Secret {
  metadata: {
    namespace?: string;
    name: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    managedFields?: unknown[];
  };
  data?: Record<string, string>;
}

/** A secret of the namespace `shop`; `version` is also what it says. */
export function secret(name: string, version: string, uid = 'u1'): Secret {
  const metadata = { namespace: 'shop', name, uid, resourceVersion: version };
  return { metadata, data: { said: version } };
}

/** One request that the server was sent. */
export class ServerRequest {
  readonly verb: 'get' | 'list';
  readonly namespace: string;
  readonly name: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly #answer: PromiseWithResolvers<unknown> = Promise.withResolvers();
  #isAnswered = false;

  constructor(
    verb: 'get' | 'list',
    where: { readonly namespace?: string | undefined; readonly name?: string; readonly continue?: unknown },
    signal: AbortSignal | undefined,
  ) {
    this.verb = verb;
    this.namespace = where.namespace ?? '';
    this.name = where.name ?? '';
    this.token = where.continue as string | undefined;
    this.signal = signal;
    signal?.addEventListener('abort', () => this.#answer.reject(signal.reason));
    if (signal?.aborted === true) this.#answer.reject(signal.reason);
    this.#answer.promise.catch(() => {});
  }

  get isAborted(): boolean {
    return this.signal?.aborted === true;
  }

  /** Neither answered nor called off. */
  get isOpen(): boolean {
    return !this.#isAnswered && !this.isAborted;
  }

  get promise(): Promise<unknown> {
    return this.#answer.promise;
  }

  answer(value: KubernetesObject | ResourceList | undefined): void {
    this.#isAnswered = true;
    this.#answer.resolve(value);
  }

  refuse(reason: { readonly code: number | string; readonly retryAfterSeconds?: number } | Error): void {
    this.#isAnswered = true;
    this.#answer.reject(
      reason instanceof Error ? reason : Object.assign(new Error('the server says no'), reason),
    );
  }
}

/** What became of a look-up: nothing yet, what it gave, or the code of its error. */
export class Outcome {
  value: unknown;
  error: FirnError | undefined;
  shown = 'waits';

  constructor(promise: Promise<unknown>) {
    promise.then(
      (value) => {
        this.value = value;
        this.shown = shown(value);
      },
      (error: FirnError) => {
        this.error = error;
        this.shown = error.code ?? String(error);
      },
    );
  }
}

function shown(value: unknown): string {
  const resources = (Array.isArray(value) ? value : value === undefined ? [] : [value]) as Secret[];
  const all = resources.map(({ metadata: { name, resourceVersion } }) => `${name}@${resourceVersion}`);
  return all.join(' ') || 'nothing';
}

/** How the store is made; whether its server can list. */
export type SceneOptions = Partial<CachedStoreOptions> & { readonly lists?: boolean };

/** Store, watch, server and clock. */
export class Scene {
  readonly clock: ManualClock = createManualClock();
  readonly requests: ServerRequest[] = [];
  readonly store: CachedStore<Secret>;
  readonly writer: StoreWriter<Secret>;

  constructor(options: SceneOptions = {}) {
    const { lists = false, ...rest } = options;
    const send = (verb: 'get' | 'list', where: object, signal: AbortSignal | undefined): Promise<never> => {
      const request = new ServerRequest(verb, where, signal);
      this.requests.push(request);
      return request.promise as Promise<never>;
    };
    const get: ResourceClient['get'] = (_gvr, identity, { signal } = {}) => send('get', identity, signal);
    const list: ResourceClient['list'] = (_gvr, page, { signal } = {}) => send('list', page, signal);
    const client: ResourceClient = lists ? { get, list } : { get };
    const keyed = rest.indexer === undefined ? { numKeys: 2 } : {};
    this.store = new CachedStore({ ...keyed, client, gvr: 'v1/secrets', clock: this.clock, ...rest });
    this.writer = referenceWriterOf(this.store);
  }

  /** The watch says so, in one batch. */
  watch(...said: readonly (readonly ['ADDED' | 'MODIFIED' | 'DELETED', Secret])[]): void {
    this.writer.apply(
      said.map(([type, object]): ResourceEvent<Secret> => ({ type, object, origin: 'watch' })),
    );
  }

  /** The watch lists anew. */
  relist(...objects: readonly Secret[]): void {
    const list = this.writer.beginList();
    list.append(objects);
    this.writer.commitList(list, '1000');
  }

  get(...keys: string[]): Outcome {
    return new Outcome(this.store.get(...keys));
  }

  /** Everything that can happen without the passing of time happens. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  /** The requests that wait for an answer. */
  get open(): readonly ServerRequest[] {
    return this.requests.filter(({ isOpen }) => isOpen);
  }

  /** Answers the one request that is under way. */
  async answer(value: KubernetesObject | ResourceList | undefined): Promise<void> {
    await this.settle();
    this.only().answer(value);
    await this.settle();
  }

  /** Refuses the one request that is under way. */
  async refuse(reason: Parameters<ServerRequest['refuse']>[0]): Promise<void> {
    await this.settle();
    this.only().refuse(reason);
    await this.settle();
  }

  only(): ServerRequest {
    const [request, ...others] = this.open;
    if (request === undefined || others.length > 0) throw new Error(`${this.open.length} requests are open`);
    return request;
  }
}

/** A store that knows `shop/a` at version 10. */
export function known(options: SceneOptions = {}): Scene {
  const scene = new Scene(options);
  scene.watch(['ADDED', secret('a', '10')]);
  return scene;
}

/** The same, with version 10 cached. */
export async function cached(): Promise<Scene> {
  const scene = known();
  const got = scene.get('shop', 'a');
  await scene.answer(secret('a', '10'));
  if (got.shown !== 'a@10' || scene.store.cacheSize !== 1) throw new Error('the first fetch went wrong');
  return scene;
}
