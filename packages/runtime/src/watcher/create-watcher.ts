/** Owns the making of a watcher from its options. */
import {
  createIndexer,
  formatGvr,
  type GroupVersionResource,
  type KubernetesObject,
  parseDuration,
  parseGvr,
} from '@firn/core';
import { Packer } from '@firn/core/engine';
import { MemoryStore, systemClock } from '@firn/stores';
import { writerOf } from '@firn/stores/engine';
import type { KubeConfig } from '@kubernetes/client-node';
import { silentLogger } from '../logger.ts';
import { resolveBackoff } from '../reflector/reflector-config.ts';
import type { BuiltInResources } from './built-in-resources.ts';
import { ChangeGatherer } from './change-gatherer.ts';
import { checkWatcherOptions } from './check-options.ts';
import { ResourceWatcher } from './resource-watcher.ts';
import { connectTo, createWatchContext, type WatchContext } from './watch-context.ts';
import { DEFAULT_DEBOUNCE_INTERVAL, type Watcher, type WatcherOptions } from './watcher.ts';

/**
 * Creates a watcher that holds every resource; it does nothing before `start`.
 *
 * The literal names of built-in types infer `T`: `'v1/pods'` gives `V1Pod`.
 *
 * @throws {ConfigError} when an option is wrong or unknown, or the kubeconfig cannot be used, for instance because it
 * is not loaded (`NO_CONTEXT`); nothing is connected yet.
 * @throws {FieldPathError} when a field path cannot be parsed.
 * @example
 * ```ts
 * const watcher = createWatcher(kubeConfig, { gvr: 'networking.k8s.io/v1/ingresses' });
 * watcher.store.changes$.subscribe((change) => console.log(change.type, change.ref.name));
 * watcher.start();
 * console.log(await watcher.synced, 'ingresses');
 * await watcher.stop();
 * ```
 */
export function createWatcher<const G extends keyof BuiltInResources>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<MemoryStore<BuiltInResources[G]>> & { readonly gvr: G; readonly store?: 'full' },
): Watcher<BuiltInResources[G], MemoryStore<BuiltInResources[G]>>;
export function createWatcher<T extends KubernetesObject = KubernetesObject>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<MemoryStore<T>> & { readonly store?: 'full' },
): Watcher<T, MemoryStore<T>>;
export function createWatcher<T extends KubernetesObject>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<MemoryStore<T>>,
): Watcher<T, MemoryStore<T>> {
  checkWatcherOptions(options);
  const { clock = systemClock, random = Math.random, logger = silentLogger } = options;
  return createWatcherIn(createWatchContext(kubeConfig, { clock, random, logger }), options);
}

/** Creates a watcher among others of the same server; the options are checked already. */
export function createWatcherIn<T extends KubernetesObject>(
  shared: WatchContext,
  options: WatcherOptions<MemoryStore<T>>,
): ResourceWatcher<T> {
  const { clock = shared.clock, random = shared.random, logger = shared.logger } = options;
  const context: WatchContext = { ...shared, clock, random, logger };
  const gvr = parseGvr(typeof options.gvr === 'object' ? formatGvr(options.gvr) : options.gvr);
  const name = formatGvr(gvr);
  const indexer = createIndexer(indexerOptions(options, gvr));
  const store = new MemoryStore<T>({ indexer, clock });
  const interval = parseDuration(options.debounceInterval ?? DEFAULT_DEBOUNCE_INTERVAL);
  const { onChange, onSyncComplete, callOnChangeDuringSync: callDuringSync = false } = options;
  return new ResourceWatcher<T>({
    name,
    store,
    writer: writerOf(store),
    connect: connectTo(context, gvr, options, new Packer(indexer)),
    gatherer:
      onChange === undefined
        ? undefined
        : (run) => new ChangeGatherer({ store, interval, callDuringSync, onChange, clock, run }),
    onSyncComplete,
    backoff: resolveBackoff(options.backoff),
    clock,
    random,
    logger: logger.child({ gvr: name }),
  });
}

function indexerOptions<S>(
  options: WatcherOptions<S>,
  gvr: GroupVersionResource,
): Parameters<typeof createIndexer>[0] {
  const { indexBy, indexes, ignoreFields } = options;
  return {
    gvr,
    ...(indexBy === undefined ? undefined : { indexBy }),
    ...(indexes === undefined ? undefined : { indexes }),
    ...(ignoreFields === undefined ? undefined : { ignoreFields }),
  };
}
