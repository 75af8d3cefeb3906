/** Owns an embedded API server with one watcher on it: what the end-to-end tests of the protocol's rules stand on. */
import type { KubernetesObject } from '@firn/core';
import { createWatcher, type Watcher, type WatcherOptions, type WatchState } from '@firn/runtime';
import {
  type ApiServer,
  type ApiServerOptions,
  type RecordedRequest,
  startApiServer,
} from '@firn/runtime/testing';
import type { MemoryStore } from '@firn/stores';
import { expect } from 'vitest';

const CONFIG_MAPS = 'v1/configmaps';

/** A ConfigMap; equal texts make equal objects. */
export function configMap(name: string, text = ''): KubernetesObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name } };
  return Object.assign(object, { data: { text } });
}

/** That many ConfigMaps. */
export function configMaps(count: number, text = ''): KubernetesObject[] {
  return Array.from({ length: count }, (_, index) =>
    configMap(`map-${String(index).padStart(5, '0')}`, text),
  );
}

function versions(
  objects: Iterable<{ readonly metadata?: { name?: string; resourceVersion?: string } | undefined }>,
) {
  return [...objects].map(({ metadata }) => `${metadata?.name}@${metadata?.resourceVersion}`).sort();
}

/** Delays short enough for tests on real sockets, and without chance. */
export const QUICK = { initial: 20, factor: 2, cap: 80, jitter: 0 };

/** What tests change about the watcher. */
type Tuning = Omit<WatcherOptions<MemoryStore<KubernetesObject>>, 'gvr' | 'store'>;

/** An embedded server and a watcher of its ConfigMaps. */
export class WatchedServer implements AsyncDisposable {
  server: ApiServer;
  readonly watcher: Watcher<KubernetesObject, MemoryStore<KubernetesObject>>;
  readonly states: WatchState[] = [];
  readonly errors: string[] = [];

  private constructor(server: ApiServer, options: Tuning) {
    this.server = server;
    this.watcher = createWatcher<KubernetesObject>(server.kubeConfig, {
      gvr: CONFIG_MAPS,
      backoff: QUICK,
      ...options,
    });
    this.watcher.state$.subscribe((state) => this.states.push(state));
    this.watcher.errors$.subscribe((error) => this.errors.push(error.code));
  }

  /** Starts the server; the watcher is started by the test. */
  static async start(server: ApiServerOptions = {}, watcher: Tuning = {}): Promise<WatchedServer> {
    return new WatchedServer(await startApiServer(server), watcher);
  }

  /** Starts the watcher and waits until it is synced. */
  async synced(): Promise<void> {
    this.watcher.start();
    await this.watcher.synced;
  }

  /** The requests for ConfigMaps so far, of that kind if one is given. */
  requests(kind?: RecordedRequest['kind']): RecordedRequest[] {
    return this.server.requests.filter(
      (request) => request.gvr === CONFIG_MAPS && (kind === undefined || request.kind === kind),
    );
  }

  /** The state as it was last told. */
  get state(): WatchState | undefined {
    return this.states.at(-1);
  }

  /** Waits until the store holds what the server holds, version by version. */
  async agrees(): Promise<void> {
    await expect
      .poll(async () => versions(this.watcher.store.list()), { timeout: 10_000, interval: 10 })
      .toEqual(versions(await this.server.list(CONFIG_MAPS)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.stop();
    await this.server.close();
  }
}
