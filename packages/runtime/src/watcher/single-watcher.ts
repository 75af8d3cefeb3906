/** Owns the watching of one resource by name. */
import type { Duration, KubernetesObject, Resource } from '@firn/core';
import type { MemoryStore } from '@firn/stores';
import type { BuiltInResources } from './built-in-resources.ts';
import { checkSingleWatcherOptions } from './check-options.ts';
import { createWatcher } from './create-watcher.ts';
import type { ReachedOptions } from './version-waiters.ts';
import type { WatchedPlace } from './watch-origin.ts';
import type { WatchedResourceOptions } from './watched-resource-options.ts';
import type { StartOptions, Watcher, WatcherOptions } from './watcher.ts';

/** Options of a watcher of one resource. */
export interface SingleWatcherOptions<T>
  extends Pick<WatchedResourceOptions, 'gvr' | 'namespace' | 'namespaced' | 'ignoreFields' | 'initialList'>,
    Pick<WatchedResourceOptions, 'pageSize' | 'watchTimeout' | 'idleTimeout' | 'backoff'>,
    Pick<WatcherOptions<MemoryStore<T>>, 'logger' | 'clock' | 'random'> {
  readonly name: string;
  /** How long a change may wait for the next one, of which only the last is told; 0 when left out. */
  readonly debounceInterval?: Duration;
  /** Called with the resource, or `undefined` where there is none: after the first sync, then on each change. */
  readonly onChange?: (resource: Resource<T> | undefined) => unknown;
}

/** Keeps one resource in step with the API server: a `Watcher` that shows `current` instead of a store. */
export interface SingleWatcher<T> extends Omit<Watcher<T, MemoryStore<T>>, 'store'> {
  /** The resource as last seen; `undefined` while there is none. */
  readonly current: Resource<T> | undefined;
}

/** What was told last, before anything was. */
const NOTHING_YET: unique symbol = Symbol('nothing yet');

/**
 * Creates a watcher of one resource; it does nothing before `start`.
 *
 * @throws {ConfigError} as `createWatcher` does, and `MISSING_KEY` without a name.
 * @example
 * ```ts
 * const watcher = createSingleWatcher(kubeConfig, {
 *   gvr: 'v1/configmaps', namespace: 'shop', name: 'settings',
 *   onChange: (settings) => apply(settings?.data ?? {}),
 * });
 * watcher.start();
 * ```
 */
export function createSingleWatcher<const G extends keyof BuiltInResources>(
  kubeConfig: WatchedPlace,
  options: SingleWatcherOptions<BuiltInResources[G]> & { readonly gvr: G },
): SingleWatcher<BuiltInResources[G]>;
export function createSingleWatcher<T extends KubernetesObject = KubernetesObject>(
  kubeConfig: WatchedPlace,
  options: SingleWatcherOptions<T>,
): SingleWatcher<T>;
export function createSingleWatcher<T extends KubernetesObject>(
  kubeConfig: WatchedPlace,
  options: SingleWatcherOptions<T>,
): SingleWatcher<T> {
  checkSingleWatcherOptions(options);
  const { name, onChange, debounceInterval = 0, ...rest } = options;
  let told: Resource<T> | undefined | typeof NOTHING_YET = NOTHING_YET;
  const current = (): Resource<T> | undefined => {
    for (const resource of watcher.store.snapshot) return resource;
    return undefined;
  };
  const tell = (): unknown => {
    const resource = current();
    if (resource === told) return undefined;
    told = resource;
    return onChange?.(resource);
  };
  const watcher: Watcher<T, MemoryStore<T>> = createWatcher<T>(kubeConfig, {
    ...rest,
    fieldSelector: `metadata.name=${name}`,
    debounceInterval,
    // Nothing there is news too, the first time; a resource is told with the other changes.
    onSyncComplete: (_, count) => (count === 0 ? tell() : undefined),
    onChange: tell,
  });
  const single = {
    start: (startOptions?: StartOptions) => watcher.start(startOptions),
    stop: () => watcher.stop(),
    get isSynced() {
      return watcher.isSynced;
    },
    get synced() {
      return watcher.synced;
    },
    reached: (resourceVersion: string, reachedOptions?: ReachedOptions) =>
      watcher.reached(resourceVersion, reachedOptions),
    forceSync: () => watcher.forceSync(),
    state$: watcher.state$,
    get state() {
      return watcher.state;
    },
    errors$: watcher.errors$,
    [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose](),
  };
  // Whoever prints a watcher does not mean the resource.
  Object.defineProperty(single, 'current', { get: current });
  return Object.freeze(single as SingleWatcher<T>);
}
