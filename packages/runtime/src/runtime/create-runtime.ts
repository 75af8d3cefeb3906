/** Owns the making of a runtime: its watchers over one connection to the server. */
import { ConfigError, FirnError, type KubernetesObject, parseDuration } from '@firn/core';
import { type AnyChange, type CachedStore, MemoryStore } from '@firn/stores';
import { map, merge, type Observable } from 'rxjs';
import { checkRuntimeOptions, checkWatcherOptions } from '../watcher/check-options.ts';
import { createWatcherIn } from '../watcher/create-watcher.ts';
import { originOf } from '../watcher/server-origin.ts';
import type { StartOptions, Watcher, WatcherOptions } from '../watcher/watcher.ts';
import { whenSynced } from './readiness.ts';
import type { NamedChange, ReadyOptions, Runtime, RuntimeOptions, WatchedMap } from './runtime.ts';

type AnyObject = KubernetesObject;
type AnyWatcher = Watcher<AnyObject, MemoryStore<AnyObject>> | Watcher<AnyObject, CachedStore<AnyObject>>;

/**
 * Creates a runtime: a watcher and a store for each resource, over one connection, with one life.
 *
 * @throws {ConfigError} when an option is wrong or unknown (of a resource: the message names it), `NO_RESOURCES` where
 * there are none, or when the kubeconfig cannot be used, for instance because it is not loaded (`NO_CONTEXT`).
 * @example
 * ```ts
 * const runtime = createRuntime({
 *   kubeConfig,
 *   resources: { ingresses: watched('networking.k8s.io/v1/ingresses'), services: watched('v1/services') },
 * });
 * runtime.start();
 * await runtime.ready({ timeout: '30s' });
 * const { ingresses, services } = runtime.snapshot(); // one instant
 * ```
 */
export function createRuntime<const R extends WatchedMap>(options: RuntimeOptions<R>): Runtime<R> {
  checkRuntimeOptions(options);
  const { kubeConfig, resources, eventLog, warmStart } = options;
  const origin = originOf(kubeConfig, options);
  const watchers = new Map<string, AnyWatcher>();
  for (const [name, resource] of Object.entries(byNames(resources))) {
    watchers.set(
      name,
      createNamed(name, () => {
        checkWatcherOptions(resource);
        const { warmStart: own = warmStart } = resource as WatcherOptions<unknown>;
        const watcherOptions = { ...resource, ...(own !== undefined && { warmStart: own }) };
        return createWatcherIn(origin, watcherOptions as WatcherOptions<MemoryStore<AnyObject>>, {
          eventLog,
          name,
        });
      }),
    );
  }
  if (watchers.size === 0) {
    throw new ConfigError('A runtime needs at least one watched resource.', { code: 'NO_RESOURCES' });
  }
  const byName = <V>(read: (watcher: AnyWatcher) => V): Readonly<Record<string, V>> =>
    Object.freeze(Object.fromEntries([...watchers].map(([name, watcher]) => [name, read(watcher)])));
  const all = [...watchers.values()];
  const changes = [...watchers].map(([resource, { store }]) =>
    (store.changes$ as Observable<AnyChange<AnyObject>>).pipe(
      map((change) => Object.freeze({ resource, change }) as unknown as NamedChange<R>),
    ),
  );
  const runtime = {
    stores: byName((watcher) => watcher.store),
    watchers: byName((watcher) => watcher),
    get states() {
      return byName((watcher) => watcher.state);
    },
    snapshot: () => snapshotsOf(watchers),
    changes$: merge(...changes),
    errors$: merge(...all.map((watcher) => watcher.errors$)),
    start(startOptions?: StartOptions): void {
      for (const watcher of all) watcher.start(startOptions);
    },
    async stop(): Promise<void> {
      await Promise.all(all.map((watcher) => watcher.stop()));
    },
    async ready(readyOptions: ReadyOptions<R> = {}): Promise<void> {
      const { timeout, require = [...watchers.keys()] } = readyOptions;
      const limit = timeout === undefined ? undefined : parseDuration(timeout);
      const required = require.map((name) => [name, watcherOf(watchers, name)] as const);
      return whenSynced(required, limit, origin.surroundings({}).clock);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all(all.map((watcher) => watcher[Symbol.asyncDispose]()));
    },
  };
  return Object.freeze(runtime) as unknown as Runtime<R>;
}

function snapshotsOf(watchers: ReadonlyMap<string, AnyWatcher>): object {
  const full = [...watchers].flatMap(([name, { store }]) =>
    store instanceof MemoryStore ? [[name, store.snapshot] as const] : [],
  );
  return Object.freeze(Object.fromEntries(full));
}

/** The resources by name, also where the whole of a loaded file is given. */
function byNames(resources: WatchedMap | { readonly resources: WatchedMap }): WatchedMap {
  const inner = (resources as { readonly resources?: WatchedMap }).resources;
  return typeof inner === 'object' && inner !== null && !('gvr' in inner) ? inner : (resources as WatchedMap);
}

function createNamed(name: string, create: () => AnyWatcher): AnyWatcher {
  try {
    return create();
  } catch (cause) {
    if (!(cause instanceof FirnError)) throw cause;
    const { suggestion } = cause as Partial<ConfigError>;
    throw new ConfigError(`resources.${name}: ${cause.message}`, { code: cause.code, cause, suggestion });
  }
}

function watcherOf(watchers: ReadonlyMap<string, AnyWatcher>, name: string): AnyWatcher {
  const watcher = watchers.get(name);
  if (watcher !== undefined) return watcher;
  throw new ConfigError(
    `There is no resource ${JSON.stringify(name)}. There are: ${[...watchers.keys()].join(', ')}.`,
    {
      code: 'UNKNOWN_NAME',
    },
  );
}
