/** Owns the making of a watcher from its options. */
import {
  createIndexer,
  formatGvr,
  type GroupVersionResource,
  type Indexer,
  type KubernetesObject,
  parseDuration,
  parseFieldPath,
  parseGvr,
} from '@firn/core';
import { Packer } from '@firn/core/engine';
import { CachedStore, type CachedStoreOptions, MemoryStore, type Store, systemClock } from '@firn/stores';
import { referenceWriterOf, type StoreWriter, writerOf } from '@firn/stores/engine';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ON_DEMAND_ONLY } from '../config/watched-resources-shape.ts';
import { silentLogger } from '../logger.ts';
import { describeResource } from '../recording/describe-resource.ts';
import { type EventLog, type RecordingOptions, recordTo } from '../recording/event-log.ts';
import { resolveBackoff } from '../reflector/reflector-config.ts';
import { SharedTimers } from '../reflector/shared-timers.ts';
import type { BuiltInResources } from './built-in-resources.ts';
import { ChangeGatherer } from './change-gatherer.ts';
import { checkWatcherOptions } from './check-options.ts';
import { LeasedClient } from './leased-client.ts';
import { type Connection, ResourceWatcher } from './resource-watcher.ts';
import { connectTo, createWatchContext, type WatchContext } from './watch-context.ts';
import { DEFAULT_DEBOUNCE_INTERVAL, type Watcher, type WatcherOptions } from './watcher.ts';

/**
 * Creates a watcher; it does nothing before `start`. Its store holds every resource, or with `store: 'on-demand'`
 * references, and fetches what is read.
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
export function createWatcher<const G extends keyof BuiltInResources>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<CachedStore<BuiltInResources[G]>> & {
    readonly gvr: G;
    readonly store: 'on-demand';
  },
): Watcher<BuiltInResources[G], CachedStore<BuiltInResources[G]>>;
export function createWatcher<T extends KubernetesObject = KubernetesObject>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<MemoryStore<T>> & { readonly store?: 'full' },
): Watcher<T, MemoryStore<T>>;
export function createWatcher<T extends KubernetesObject = KubernetesObject>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<CachedStore<T>> & { readonly store: 'on-demand' },
): Watcher<T, CachedStore<T>>;
export function createWatcher<T extends KubernetesObject>(
  kubeConfig: KubeConfig,
  options: WatcherOptions<MemoryStore<T>> | WatcherOptions<CachedStore<T>>,
): Watcher<T, MemoryStore<T>> | Watcher<T, CachedStore<T>> {
  checkWatcherOptions(options);
  const { clock = systemClock, random = Math.random, logger = silentLogger } = options;
  return createWatcherIn(createWatchContext(kubeConfig, { clock, random, logger }), options);
}

/** Creates a watcher among others of the same server; the options are checked already. */
export function createWatcherIn<T extends KubernetesObject>(
  shared: WatchContext,
  options: WatcherOptions<MemoryStore<T>> | WatcherOptions<CachedStore<T>>,
  recording: RecordingOptions = {},
): Watcher<T, MemoryStore<T>> | Watcher<T, CachedStore<T>> {
  const { clock = shared.clock, random = shared.random, logger = shared.logger } = options;
  const reflectorClock = clock === shared.clock ? shared.reflectorClock : new SharedTimers(clock);
  const gvr = parseGvr(typeof options.gvr === 'object' ? formatGvr(options.gvr) : options.gvr);
  const context: WatchContext = {
    ...shared,
    clock,
    reflectorClock,
    random,
    logger: logger.child({ gvr: formatGvr(gvr) }),
  };
  const { eventLog = options.eventLog, name = formatGvr(gvr) } = recording;
  const making: Making = {
    context,
    gvr,
    indexer: createIndexer(indexerOptions<unknown>(options as WatcherOptions<unknown>, gvr)),
    eventLog,
    name,
  };
  return options.store === 'on-demand'
    ? watcherOnDemand(making, options as WatcherOptions<CachedStore<T>>)
    : watcherOfAll(making, options as WatcherOptions<MemoryStore<T>>);
}

/** What a watcher is made in. */
interface Making {
  readonly context: WatchContext;
  readonly gvr: GroupVersionResource;
  readonly indexer: Indexer;
  readonly eventLog: EventLog | undefined;
  /** By which it is recorded. */
  readonly name: string;
}

function watcherOfAll<T extends KubernetesObject>(
  making: Making,
  options: WatcherOptions<MemoryStore<T>>,
): Watcher<T, MemoryStore<T>> {
  const { context, gvr, indexer } = making;
  const store = new MemoryStore<T>({ indexer, clock: context.clock });
  const connect = connectTo(context, gvr, options, { packer: new Packer(indexer), metadataOnly: false });
  return putTogether(making, options, { store, writer: writerOf(store), connect });
}

/** References come from the metadata alone where all keys are in it; the resources themselves are fetched. */
function watcherOnDemand<T extends KubernetesObject>(
  making: Making,
  options: WatcherOptions<CachedStore<T>>,
): Watcher<T, CachedStore<T>> {
  const { context, gvr, indexer } = making;
  const { clock, random, logger } = context;
  const store = new CachedStore<T>({
    ...cacheOptions(options),
    indexer,
    gvr,
    clock,
    random,
    logger,
    client: new LeasedClient(context.lease, options),
  });
  const metadataOnly = indexer.expressions.every(isInMetadata);
  if (!metadataOnly) {
    logger.info(
      { indexBy: indexer.expressions },
      'an index path lies outside of metadata: whole objects are watched, of which references are kept',
    );
  }
  const packer = new Packer(indexer, 'references');
  const connect = connectTo(context, gvr, options, { packer, metadataOnly });
  return putTogether(making, options, { store, writer: referenceWriterOf(store), connect });
}

function putTogether<T extends KubernetesObject, S extends Store<T>>(
  { context, gvr, indexer, eventLog, name }: Making,
  options: WatcherOptions<S>,
  parts: { readonly store: S; readonly writer: StoreWriter<T>; readonly connect: () => Connection },
): Watcher<T, S> {
  const { clock, random, logger } = context;
  const { store } = parts;
  const writer = parts.writer as StoreWriter<unknown> as StoreWriter<KubernetesObject>;
  const recording =
    eventLog &&
    recordTo(eventLog, { name, description: describeResource(gvr, indexer, options), indexer, writer });
  const { onChange, onSyncComplete, callOnChangeDuringSync: callDuringSync = false } = options;
  const interval = parseDuration(options.debounceInterval ?? DEFAULT_DEBOUNCE_INTERVAL);
  return new ResourceWatcher<T, S>({
    ...parts,
    name: formatGvr(gvr),
    gatherer:
      onChange === undefined
        ? undefined
        : (run) => new ChangeGatherer({ store, interval, callDuringSync, onChange, clock, run }),
    onSyncComplete,
    backoff: resolveBackoff(options.backoff),
    recording,
    clock,
    random,
    logger,
  });
}

function isInMetadata(expression: string): boolean {
  const [first] = parseFieldPath(expression).segments;
  return first?.kind === 'field' && first.name === 'metadata';
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

function cacheOptions<S>({
  namespace,
  cacheTtl,
  updateAgeOnGet,
  maxCacheSize,
  maxCacheBytes,
}: WatcherOptions<S>): Pick<CachedStoreOptions, 'namespace' | (typeof ON_DEMAND_ONLY)[number]> {
  return {
    ...(namespace === undefined ? undefined : { namespace }),
    ...(cacheTtl === undefined ? undefined : { cacheTtl }),
    ...(updateAgeOnGet === undefined ? undefined : { updateAgeOnGet }),
    ...(maxCacheSize === undefined ? undefined : { maxCacheSize }),
    ...(maxCacheBytes === undefined ? undefined : { maxCacheBytes }),
  };
}
