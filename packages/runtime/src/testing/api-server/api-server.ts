/** Owns the embedded API server as a test sees it. */
import { randomInt } from 'node:crypto';
import { type GroupVersionResource, type KubernetesObject, parseGvr } from '@firn/core';
import { type Clock, systemClock } from '@firn/stores';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterState } from './cluster-state.ts';
import type { Fault, FaultMatch } from './fault.ts';
import { FaultRules } from './fault.ts';
import { writeKubeConfig } from './kube-config.ts';
import { Listener } from './listener.ts';
import { type RecordedRequest, RequestLog } from './request-log.ts';
import type { ResourceTypeOptions } from './resource-type.ts';
import { answerRequest, type RouterContext } from './router.ts';

/** An object of any type: one of client-node's classes, or a literal with whatever fields it has. */
export type AnyObject = KubernetesObject | (KubernetesObject & Readonly<Record<string, unknown>>);

/** How an embedded API server is started. */
export interface ApiServerOptions {
  /** Resource types beside the built-in ones; a `CustomResourceDefinition` among the objects does it too. */
  readonly resources?: readonly ResourceTypeOptions[];
  /** What is there when the server starts, written without events; missing uids and times are filled in. */
  readonly objects?: Iterable<AnyObject>;
  /** How many events of each resource type are remembered for watches and lists of the past; 10,000 when left out. */
  readonly history?: number;
  /** TLS with a CA of its own, HTTP/2 and HTTP/1.1. */
  readonly tls?: boolean;
  /**
   * Bearer tokens that are let in; everybody is when left out. The kubeconfig has the first.
   * kubectl and client-go send tokens over TLS only.
   */
  readonly tokens?: readonly string[];
  /** Requests that write are refused with 405 MethodNotAllowed; the calls on the server itself are not. */
  readonly readOnly?: boolean;
  /** Port on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** Milliseconds between the bookmarks of a watch; 60,000 when left out. */
  readonly bookmarkInterval?: number;
  /** Milliseconds to wait for a resource version that is not there yet; 3,000 when left out. */
  readonly versionWait?: number;
  /** Bytes that may wait for a slow watcher before it is cut off; 64 MiB when left out. */
  readonly maxPendingBytes?: number;
  /** Added to every resource version, to try versions of any size. */
  readonly resourceVersionBase?: bigint;
  readonly clock?: Clock;
  /** Uids and generated names follow from it; random when left out. */
  readonly seed?: number;
}

/** An API server in this process, listening on 127.0.0.1 only. */
export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly kubeConfig: KubeConfig;
  readonly kubeconfigYaml: string;
  /** PEM of the CA; undefined without TLS. */
  readonly ca: string | undefined;
  /** The newest resource version. */
  readonly resourceVersion: string;
  /** Requests so far, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Writes a new object, its status included; resolves to what is stored. */
  create<T extends KubernetesObject>(object: T): Promise<T>;
  /** Replaces an object, its status included; checked against `metadata.resourceVersion` where that is given. */
  update<T extends KubernetesObject>(object: T): Promise<T>;
  /** Merges the given fields into an object (JSON merge patch: `null` removes). */
  patch<T extends KubernetesObject>(object: T): Promise<T>;
  /** Deletes an object, or marks it as terminating if it has finalizers; resolves to its last state. */
  delete<T extends KubernetesObject>(object: T): Promise<T>;
  /** All objects of a type, in the server's order. */
  list<T extends KubernetesObject = KubernetesObject>(gvr: string | GroupVersionResource): Promise<T[]>;
  /** Forgets the past: older resource versions are answered with 410 from now on. */
  compact(): void;
  /**
   * Makes requests fail; the function that comes back ends it.
   *
   * @throws {ConfigError} `INVALID_FAULT` when this is no fault, or several at once.
   */
  fault(match: FaultMatch, what: Fault): () => void;
  /** Replaces the bearer tokens that are let in. */
  setTokens(tokens: readonly string[] | undefined): void;
  /** Closes every connection without a word, as a dying network would; the server goes on. */
  disconnect(): void;
  /** Ends watches and connections at once. Idempotent. */
  close(): Promise<void>;
}

class EmbeddedApiServer implements ApiServer {
  readonly #state: ClusterState;
  readonly #listener: Listener;
  readonly #faults: FaultRules;
  readonly #log: RequestLog;
  #tokens: readonly string[] | undefined;

  constructor(options: ApiServerOptions) {
    const clock = options.clock ?? systemClock;
    this.#tokens = options.tokens;
    this.#faults = new FaultRules();
    this.#log = new RequestLog(() => clock.now());
    this.#state = new ClusterState({
      clock,
      seed: options.seed ?? randomInt(2 ** 32),
      history: options.history ?? 10_000,
      versionBase: options.resourceVersionBase ?? 0n,
      resources: options.resources ?? [],
      objects: options.objects ?? [],
    });
    const context: RouterContext = {
      ...this.#state.parts,
      clock,
      versionWait: options.versionWait ?? 3000,
      bookmarkInterval: options.bookmarkInterval ?? 60_000,
      maxPending: options.maxPendingBytes ?? 64 * 1024 * 1024,
      faults: this.#faults,
      log: this.#log,
      tokens: () => this.#tokens,
      readOnly: options.readOnly === true ? 'this server is read only' : undefined,
    };
    this.#listener = new Listener(options.tls === true, (exchange) => answerRequest(context, exchange));
  }

  async listen(port: number): Promise<void> {
    await this.#listener.listen(port);
  }

  get url(): string {
    return this.#listener.url;
  }

  get port(): number {
    return this.#listener.port;
  }

  get ca(): string | undefined {
    return this.#listener.ca;
  }

  get kubeconfigYaml(): string {
    return writeKubeConfig({ url: this.url, ca: this.ca, token: this.#tokens?.[0] });
  }

  get kubeConfig(): KubeConfig {
    const config = new KubeConfig();
    config.loadFromString(this.kubeconfigYaml);
    return config;
  }

  get resourceVersion(): string {
    return this.#state.resourceVersion;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#log.requests;
  }

  async create<T extends KubernetesObject>(object: T): Promise<T> {
    return this.#state.create(object) as unknown as T;
  }

  async update<T extends KubernetesObject>(object: T): Promise<T> {
    return this.#state.update(object) as unknown as T;
  }

  async patch<T extends KubernetesObject>(object: T): Promise<T> {
    return this.#state.patch(object) as unknown as T;
  }

  async delete<T extends KubernetesObject>(object: T): Promise<T> {
    return this.#state.delete(object) as unknown as T;
  }

  async list<T extends KubernetesObject>(gvr: string | GroupVersionResource): Promise<T[]> {
    return this.#state.list(typeof gvr === 'string' ? parseGvr(gvr) : gvr) as unknown as T[];
  }

  compact(): void {
    this.#state.compact();
  }

  fault(match: FaultMatch, what: Fault): () => void {
    return this.#faults.add(match, what);
  }

  setTokens(tokens: readonly string[] | undefined): void {
    this.#tokens = tokens;
  }

  disconnect(): void {
    this.#listener.disconnect();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Starts a Kubernetes API server inside this process: no Kubernetes needed, loopback only.
 *
 * Kept in memory; nothing runs controllers, so nothing but requests and the calls on the server itself changes
 * objects. Namespaces need not exist. Nothing is validated but metadata; server-side apply never conflicts. The README
 * of this package lists what else differs from a real server.
 *
 * @throws {ConfigError} when a resource type or an object of the options is wrong; the error of `listen` when the port is taken.
 * @example
 * ```ts
 * const server = await startApiServer();
 * try {
 *   await server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'prices' } });
 *   const watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps' });
 * } finally {
 *   await server.close();
 * }
 * ```
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = new EmbeddedApiServer(options);
  await server.listen(options.port ?? 0);
  return server;
}
