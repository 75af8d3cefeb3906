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
import { CachedStore, type CachedStoreOptions, MemoryStore, type Store } from '@firn/stores';
import { referenceWriterOf, type StoreWriter, writerOf } from '@firn/stores/engine';
import type { ON_DEMAND_ONLY } from '../config/watched-resources-shape.ts';
import { describeResource } from '../recording/describe-resource.ts';
import { type EventLog, leftIn, type RecordingOptions, recordTo } from '../recording/event-log.ts';
import type { Recording } from '../recording/recorded-resources.ts';
import { RecordingClient } from '../recording/recording-client.ts';
import { resolveBackoff } from '../reflector/reflector-config.ts';
import type { BuiltInResources } from './built-in-resources.ts';
import { ChangeGatherer } from './change-gatherer.ts';
import { checkWatcherOptions } from './check-options.ts';
import { type Connection, ResourceWatcher } from './resource-watcher.ts';
import { originOf } from './server-origin.ts';
import { startWarm } from './warm-start.ts';
import type { WatchedPlace, WatchOrigin, WatchTarget } from './watch-origin.ts';
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
  kubeConfig: WatchedPlace,
  options: WatcherOptions<MemoryStore<BuiltInResources[G]>> & { readonly gvr: G; readonly store?: 'full' },
): Watcher<BuiltInResources[G], MemoryStore<BuiltInResources[G]>>;
export function createWatcher<const G extends keyof BuiltInResources>(
  kubeConfig: WatchedPlace,
  options: WatcherOptions<CachedStore<BuiltInResources[G]>> & {
    readonly gvr: G;
    readonly store: 'on-demand';
  },
): Watcher<BuiltInResources[G], CachedStore<BuiltInResources[G]>>;
export function createWatcher<T extends KubernetesObject = KubernetesObject>(
  kubeConfig: WatchedPlace,
  options: WatcherOptions<MemoryStore<T>> & { readonly store?: 'full' },
): Watcher<T, MemoryStore<T>>;
export function createWatcher<T extends KubernetesObject = KubernetesObject>(
  kubeConfig: WatchedPlace,
  options: WatcherOptions<CachedStore<T>> & { readonly store: 'on-demand' },
): Watcher<T, CachedStore<T>>;
export function createWatcher<T extends KubernetesObject>(
  kubeConfig: WatchedPlace,
  options: WatcherOptions<MemoryStore<T>> | WatcherOptions<CachedStore<T>>,
): Watcher<T, MemoryStore<T>> | Watcher<T, CachedStore<T>> {
  checkWatcherOptions(options);
  return createWatcherIn(originOf(kubeConfig, options), options);
}

/** Creates a watcher among others of the same place; the options are checked already. */
export function createWatcherIn<T extends KubernetesObject>(
  origin: WatchOrigin,
  options: WatcherOptions<MemoryStore<T>> | WatcherOptions<CachedStore<T>>,
  recording: RecordingOptions = {},
): Watcher<T, MemoryStore<T>> | Watcher<T, CachedStore<T>> {
  const { clock, random, logger } = origin.surroundings(options);
  const gvr = parseGvr(typeof options.gvr === 'object' ? formatGvr(options.gvr) : options.gvr);
  const { eventLog = options.eventLog, name = formatGvr(gvr) } = recording;
  const surroundings = { clock, random, logger: logger.child({ gvr: formatGvr(gvr) }) };
  const making: Making = {
    origin,
    target: { name, gvr, options, surroundings },
    indexer: createIndexer(indexerOptions<unknown>(options as WatcherOptions<unknown>, gvr)),
    eventLog,
  };
  return options.store === 'on-demand'
    ? watcherOnDemand(making, options as WatcherOptions<CachedStore<T>>)
    : watcherOfAll(making, options as WatcherOptions<MemoryStore<T>>);
}

/** What a watcher is made in. */
interface Making {
  readonly origin: WatchOrigin;
  readonly target: WatchTarget;
  readonly indexer: Indexer;
  readonly eventLog: EventLog | undefined;
}

function watcherOfAll<T extends KubernetesObject>(
  making: Making,
  options: WatcherOptions<MemoryStore<T>>,
): Watcher<T, MemoryStore<T>> {
  const { origin, target, indexer } = making;
  const store = new MemoryStore<T>({ indexer, clock: target.surroundings.clock });
  const writer = untyped(writerOf(store));
  const connect = origin.connect(target, { packer: new Packer(indexer), metadataOnly: false, writer });
  return putTogether(making, options, { store, writer, connect });
}

/** References come from the metadata alone where all keys are in it; the resources themselves are fetched. */
function watcherOnDemand<T extends KubernetesObject>(
  making: Making,
  options: WatcherOptions<CachedStore<T>>,
): Watcher<T, CachedStore<T>> {
  const { origin, target, indexer } = making;
  const { gvr, surroundings } = target;
  let recording: Recording | undefined;
  const client = new RecordingClient(origin.client(target), () => recording?.fetches);
  const store = new CachedStore<T>({ ...cacheOptions(options), indexer, gvr, ...surroundings, client });
  const metadataOnly = indexer.expressions.every(isInMetadata);
  if (!metadataOnly) {
    surroundings.logger.info(
      { indexBy: indexer.expressions },
      'an index path lies outside of metadata: whole objects are watched, of which references are kept',
    );
  }
  const writer = untyped(referenceWriterOf(store));
  const connect = origin.connect(target, { packer: new Packer(indexer, 'references'), metadataOnly, writer });
  const recorded = (joined: Recording): void => {
    recording = joined;
  };
  return putTogether(making, options, { store, writer, connect, recorded });
}

function putTogether<T extends KubernetesObject, S extends Store<T>>(
  { origin, target, indexer, eventLog }: Making,
  options: WatcherOptions<S>,
  parts: {
    readonly store: S;
    readonly writer: StoreWriter<KubernetesObject>;
    readonly connect: () => Connection;
    /** Hears of its recording. */
    readonly recorded?: (recording: Recording) => void;
  },
): Watcher<T, S> {
  const { gvr, name, surroundings } = target;
  const { store, writer } = parts;
  const { onChange, onSyncComplete, callOnChangeDuringSync: callDuringSync = false } = options;
  const described = describeResource(gvr, indexer, options, onChange === undefined ? [] : ['debounce']);
  const recording = eventLog && recordTo(eventLog, { name, description: described, indexer, writer });
  if (recording !== undefined) parts.recorded?.(recording);
  const connect = options.warmStart === true ? warm(parts, target, eventLog) : parts.connect;
  const interval = parseDuration(options.debounceInterval ?? DEFAULT_DEBOUNCE_INTERVAL);
  const clock = origin.debounce(target);
  return new ResourceWatcher<T, S>({
    ...parts,
    ...surroundings,
    connect,
    name: formatGvr(gvr),
    gatherer:
      onChange === undefined
        ? undefined
        : (run) => new ChangeGatherer({ store, interval, callDuringSync, onChange, clock, run }),
    onSyncComplete,
    backoff: resolveBackoff(options.backoff),
    recording,
  });
}

function warm(
  { connect, writer }: { readonly connect: () => Connection; readonly writer: StoreWriter<KubernetesObject> },
  { name, surroundings }: WatchTarget,
  eventLog: EventLog | undefined,
): () => Connection {
  const left = leftIn(eventLog);
  const isUnused = (): boolean => {
    const { modCount, resourceVersion } = writer.snapshot;
    return modCount === 0 && resourceVersion === undefined;
  };
  return startWarm(connect, { left: () => left(name), isUnused, ...surroundings });
}

function untyped<T>(writer: StoreWriter<T>): StoreWriter<KubernetesObject> {
  return writer as StoreWriter<unknown> as StoreWriter<KubernetesObject>;
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
