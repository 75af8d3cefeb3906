/** Owns the watchers of a soak: each way of listing, with and without selectors, full stores and one on demand. */
import type { KubernetesObject } from '@firn/core';
import {
  createRuntime,
  type EventLog,
  type Runtime,
  type WatchedResourceOptions,
  watched,
} from '@firn/runtime';
import type { Clock } from '@firn/stores';
import { KubeConfig } from '@kubernetes/client-node';
import { isSelected, RESOURCES, type ResourceName } from './resources.ts';
import type { Visibility } from './version-model.ts';

/** One watcher, and what it should hold. */
export interface Watch {
  readonly name: string;
  readonly resource: ResourceName;
  readonly visibility: Visibility;
  readonly options: Omit<WatchedResourceOptions, 'gvr'>;
  /** The index keys of an object, without firn. */
  readonly keysOf: (object: KubernetesObject) => readonly string[];
  /** A secondary index, and its keys of an object. */
  readonly index?: {
    readonly name: string;
    readonly keysOf: (object: KubernetesObject) => readonly string[];
  };
}

/** Short, so that much happens: milliseconds or units of the soak's clock. */
export const TIMES = {
  watchTimeout: 20_000,
  idleTimeout: 8_000,
  backoff: { initial: 400, factor: 2, cap: 5_000, jitter: 1, resetAfter: 20_000 },
} as const;

/** Small, so that lists have several pages. */
export const PAGE_SIZE = 25;

const identity = ({ metadata }: KubernetesObject): string[] => [
  metadata?.namespace ?? '',
  metadata?.name ?? '',
];
const tier = ({ metadata }: KubernetesObject): string => metadata?.labels?.tier ?? '';
const ingressClass = (object: KubernetesObject): string =>
  (object as { readonly spec?: { readonly ingressClassName?: string } }).spec?.ingressClassName ?? '';

const hosts = (object: KubernetesObject): string[] => {
  const { spec } = object as { readonly spec?: { readonly rules?: readonly { readonly host: string }[] } };
  return spec?.rules?.map(({ host }) => host) ?? [];
};

const BY_TIER = ['metadata.labels.tier', 'metadata.namespace', 'metadata.name'];
const BY_CLASS = ['spec.ingressClassName', 'metadata.namespace', 'metadata.name'];
const byTier = (object: KubernetesObject): string[] => [tier(object), ...identity(object)];

export const WATCHES: readonly Watch[] = [
  {
    name: 'maps',
    resource: 'configmaps',
    visibility: 'all',
    options: { initialList: 'watch-list' },
    keysOf: identity,
  },
  {
    name: 'mapsInPages',
    resource: 'configmaps',
    visibility: 'all',
    // All that the soak writes have the label, and nothing else has.
    options: { initialList: 'list', labelSelector: 'tier', indexBy: BY_TIER },
    keysOf: byTier,
  },
  {
    name: 'selectedMaps',
    resource: 'configmaps',
    visibility: 'selected',
    options: { initialList: 'watch-list', labelSelector: 'soak=in', indexBy: BY_TIER },
    keysOf: byTier,
  },
  {
    name: 'selectedInPages',
    resource: 'configmaps',
    visibility: 'selected',
    options: { initialList: 'list', labelSelector: 'soak=in,tier' },
    keysOf: identity,
  },
  {
    name: 'ingresses',
    resource: 'ingresses',
    visibility: 'all',
    options: { initialList: 'watch-list', indexBy: BY_CLASS, indexes: { host: ['spec.rules[*].host'] } },
    keysOf: (object) => [ingressClass(object), ...identity(object)],
    index: { name: 'host', keysOf: hosts },
  },
  {
    name: 'roles',
    resource: 'clusterroles',
    visibility: 'all',
    options: { initialList: 'list', indexBy: ['metadata.name'] },
    keysOf: ({ metadata }) => [metadata?.name ?? ''],
  },
  {
    name: 'secrets',
    resource: 'secrets',
    visibility: 'all',
    options: { initialList: 'watch-list', store: 'on-demand', cacheTtl: '10s', maxCacheSize: 60 },
    keysOf: identity,
  },
];

/** Whether an object belongs into the store of a watcher. */
export function belongs({ visibility, options }: Watch, object: KubernetesObject): boolean {
  if (visibility === 'selected') return isSelected(object);
  return options.labelSelector === undefined || tier(object) !== '';
}

/** What watchers are made of. */
export interface WatchSurroundings {
  /** Of the proxy. */
  readonly url: string;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly random: () => number;
}

/** One runtime with all watchers. */
export type SoakRuntime = Runtime<Readonly<Record<string, WatchedResourceOptions>>>;

export function createWatchers({ url, eventLog, clock, random }: WatchSurroundings): SoakRuntime {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: 'soak', server: url, skipTLSVerify: false }, { name: 'soak' });
  const resources = WATCHES.map(({ name, resource, options }) => {
    const common = { ...TIMES, pageSize: PAGE_SIZE, ignoreFields: ['metadata.managedFields'] };
    return [name, watched(RESOURCES[resource].gvr, { ...common, ...options } as object)] as const;
  });
  return createRuntime({
    kubeConfig,
    resources: Object.fromEntries(resources) as Readonly<Record<string, WatchedResourceOptions>>,
    eventLog,
    clock,
    random,
  });
}
