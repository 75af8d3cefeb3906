/** Owns what can be said of one watched resource as plain data: in code and in a configuration file. */
import type { Duration, GroupVersionResource } from '@firn/core';

/** The storage strategies: hold every resource, or hold references and fetch on demand. */
export type StoreKind = 'full' | 'on-demand';

/** How the initial list is asked for: streamed in a watch, or page by page. */
export type InitialList = 'watch-list' | 'list';

/** How long a reflector waits before it tries again. */
export interface BackoffOptions {
  /** First delay; 800 ms when left out. */
  readonly initial?: Duration;
  /** What each further delay is multiplied by, 1 or more; 2 when left out. */
  readonly factor?: number;
  /** Longest delay, before jitter; 30 s when left out. */
  readonly cap?: Duration;
  /** A random share of the delay that is added, 0 or more; 1 (up to twice the delay) when left out. */
  readonly jitter?: number;
  /** Health for this long starts again at `initial`; 2 min when left out. */
  readonly resetAfter?: Duration;
}

/** The options of one watched resource that are plain data, as `createWatcher` and a configuration file take them. */
export interface WatchedResourceOptions {
  /** `'networking.k8s.io/v1/ingresses'`, or as `parseGvr` gives it. */
  readonly gvr: GroupVersionResource | string;
  /** `'full'` when left out. */
  readonly store?: StoreKind;
  /** Field paths of the index keys; `['metadata.namespace', 'metadata.name']` when left out. */
  readonly indexBy?: readonly string[];
  /** Secondary indexes: name to field paths. */
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  /** Field paths that are cut out of every resource. */
  readonly ignoreFields?: readonly string[];
  /** One namespace; all when left out or `''`. */
  readonly namespace?: string;
  /** Whether the type lives in namespaces. Matters only beside a `namespace`, which says so itself: true when left out. */
  readonly namespaced?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** On demand only: how long a fetched resource is kept; 2 min 10 s when left out. */
  readonly cacheTtl?: Duration;
  /** On demand only: reading a cached resource starts its time anew; false when left out. */
  readonly updateAgeOnGet?: boolean;
  /** On demand only: most resources in the cache. */
  readonly maxCacheSize?: number;
  /** On demand only: most bytes in the cache. */
  readonly maxCacheBytes?: number;
  /** How long `onChange` gathers changes; 500 ms when left out. */
  readonly debounceInterval?: Duration;
  /** Whether `onChange` is called before the first sync is complete; false when left out. */
  readonly callOnChangeDuringSync?: boolean;
  /** `'watch-list'` when left out. */
  readonly initialList?: InitialList;
  /** Items per page of a list; 500 when left out. */
  readonly pageSize?: number;
  /** How long one watch lives; a random time from 5 to 10 min when left out. */
  readonly watchTimeout?: Duration;
  /** A watch that has shown bookmarks and is silent for this long is opened again; 90 s when left out. */
  readonly idleTimeout?: Duration;
  readonly backoff?: BackoffOptions;
}
