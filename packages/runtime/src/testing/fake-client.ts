/** Owns a resource client for tests that answers from memory, and whose answers can be held back or made to fail. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { CallOptions, ResourceClient, ResourceList } from '@firn/stores';

/** One call that a fake client was given. */
export interface FakeClientCall {
  readonly verb: 'get' | 'list';
  readonly gvr: GroupVersionResource;
  /** Empty for all namespaces. */
  readonly namespace: string;
  /** Absent for a list. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A refusal as an API server gives it. */
export interface FakeRefusal {
  /** HTTP status. */
  readonly code: number;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/** A resource client over objects in memory. */
export interface FakeClient extends Required<ResourceClient> {
  /** What it was asked, in order. */
  readonly calls: readonly FakeClientCall[];
  /** Calls that have not been answered. */
  readonly pending: number;
  /** Puts an object in, in place of the one of its name. */
  set(object: KubernetesObject): void;
  /** Takes an object out: from now on it is gone. */
  remove(identity: { readonly namespace?: string; readonly name: string }): void;
  /** Makes the next `times` calls reject, all of them until the returned function is called if that is left out. */
  fail(
    reason: FakeRefusal | Error,
    options?: { readonly times?: number; readonly name?: string },
  ): () => void;
  /** Holds all answers back until the returned function is called; what is answered is what there was at the call. */
  hold(): () => void;
}

interface Failure {
  readonly reason: unknown;
  readonly name: string | undefined;
  times: number;
}

class MemoryClient implements FakeClient {
  readonly calls: FakeClientCall[] = [];
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #failures = new Set<Failure>();
  #held: Promise<void> | undefined;
  #version = 0;
  #pending = 0;

  constructor(objects: Iterable<KubernetesObject>) {
    for (const object of objects) this.set(object);
  }

  get pending(): number {
    return this.#pending;
  }

  set(object: KubernetesObject): void {
    const { namespace = '', name } = object.metadata ?? {};
    if (name === undefined) throw new TypeError('The object has no metadata.name. Give it one.');
    this.#objects.set(`${namespace}/${name}`, structuredClone(object));
    this.#version++;
  }

  remove({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): void {
    this.#objects.delete(`${namespace}/${name}`);
    this.#version++;
  }

  fail(
    reason: FakeRefusal | Error,
    { times = Number.POSITIVE_INFINITY, name }: { readonly times?: number; readonly name?: string } = {},
  ): () => void {
    const error =
      reason instanceof Error
        ? reason
        : Object.assign(new Error(reason.message ?? `refused with ${reason.code}`), reason);
    const failure: Failure = { reason: error, name, times };
    this.#failures.add(failure);
    return () => this.#failures.delete(failure);
  }

  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      if (this.#held === promise) this.#held = undefined;
      resolve();
    };
  }

  get(
    gvr: GroupVersionResource,
    { namespace, name }: { readonly namespace: string; readonly name: string },
    { signal }: CallOptions = {},
  ): Promise<KubernetesObject | undefined> {
    this.calls.push({ verb: 'get', gvr, namespace, name, signal });
    const object = this.#objects.get(`${namespace}/${name}`);
    return this.#answer(name, signal, () => structuredClone(object));
  }

  list(
    gvr: GroupVersionResource,
    page: {
      readonly namespace?: string | undefined;
      readonly limit?: number | undefined;
      readonly continue?: string | undefined;
    },
    { signal }: CallOptions = {},
  ): Promise<ResourceList> {
    const { namespace = '', limit = Number.POSITIVE_INFINITY } = page;
    this.calls.push({ verb: 'list', gvr, namespace, signal });
    const all = [...this.#objects.values()].filter(
      ({ metadata }) => namespace === '' || (metadata?.namespace ?? '') === namespace,
    );
    const from = Number(page.continue ?? 0);
    const items = all.slice(from, from + limit).map((object) => structuredClone(object));
    const next = from + items.length;
    const resourceVersion = newestOf(all) ?? String(this.#version);
    return this.#answer(undefined, signal, () => ({
      items,
      resourceVersion,
      ...(next < all.length ? { continue: String(next) } : undefined),
    }));
  }

  async #answer<V>(name: string | undefined, signal: AbortSignal | undefined, value: () => V): Promise<V> {
    const failure = this.#failureOf(name);
    this.#pending++;
    try {
      await unlessAborted(this.#held ?? Promise.resolve(), signal);
    } finally {
      this.#pending--;
    }
    if (failure !== undefined) throw failure.reason;
    return value();
  }

  #failureOf(name: string | undefined): Failure | undefined {
    for (const failure of this.#failures) {
      if (failure.name !== undefined && failure.name !== name) continue;
      failure.times--;
      if (failure.times <= 0) this.#failures.delete(failure);
      return failure;
    }
    return undefined;
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** The highest of the resource versions that are numbers. */
function newestOf(objects: readonly KubernetesObject[]): string | undefined {
  const versions = objects
    .map(({ metadata }) => metadata?.resourceVersion)
    .filter((version) => version !== undefined);
  const numbers = versions.filter((version) => /^\d+$/.test(version)).map(BigInt);
  return numbers
    .toSorted((a, b) => (a < b ? -1 : 1))
    .at(-1)
    ?.toString();
}

/**
 * A resource client that answers from memory: for tests of what reads through a `CachedStore`.
 *
 * It tells objects apart by namespace and name only, whatever the resource type that is asked for.
 *
 * @example
 * ```ts
 * const client = createFakeClient([secret]);
 * const store = new CachedStore({ numKeys: 2, client, gvr: 'v1/secrets', clock: createManualClock() });
 * store.add(undefined, ['default', 'my-secret']);
 * await store.get('default', 'my-secret');
 * client.calls.length; // 1
 * ```
 */
export function createFakeClient(objects: Iterable<KubernetesObject> = []): FakeClient {
  return new MemoryClient(objects);
}
