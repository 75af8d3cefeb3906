/** Owns what a reflector is told to watch and how, with every default filled in. */
import { type Duration, formatGvr, type GroupVersionResource, parseDuration } from '@firn/core';
import type { BackoffOptions, InitialList } from '../watcher/watched-resource-options.ts';
import { type BackoffConfig, DEFAULT_BACKOFF } from './backoff.ts';

/** The collection that is watched. */
export interface ReflectorTarget {
  readonly gvr: GroupVersionResource;
  /** Whether the type lives in namespaces. */
  readonly namespaced: boolean;
  /** One namespace; all when left out or `''`. */
  readonly namespace?: string | undefined;
  /** The kind of the items: what else arrives is a protocol error. Left out: the kind of a list's first item. */
  readonly kind?: string | undefined;
}

/** The options of a reflector that are plain data. */
export interface ReflectorSettings {
  readonly target: ReflectorTarget;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** `'watch-list'` when left out. */
  readonly initialList?: InitialList | undefined;
  /** Items per page of a list; 500 when left out. */
  readonly pageSize?: number | undefined;
  /** How long one watch lives; a random time from 5 to 10 min when left out. */
  readonly watchTimeout?: Duration | undefined;
  /** How long a stream may be silent before it is looked after; 90 s when left out. */
  readonly idleTimeout?: Duration | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** Ask for `PartialObjectMetadata` only; false when left out. */
  readonly metadataOnly?: boolean | undefined;
  /** Warm start: watch from here, without a list. */
  readonly resume?: { readonly resourceVersion: string } | undefined;
}

/** The settings as the state machine reads them; times in milliseconds. */
export interface ReflectorConfig {
  readonly target: ReflectorTarget;
  /** `v1/secrets`, or `v1/secrets in namespace shop`. */
  readonly targetName: string;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly initialList: InitialList;
  readonly pageSize: number;
  readonly watchTimeout: number | undefined;
  readonly idleTimeout: number;
  readonly backoff: BackoffConfig;
  readonly metadataOnly: boolean;
  readonly resumeAt: string | undefined;
}

/** Fills in the defaults of rule 16; a default gives way to a limit that is given on its other side. */
export function resolveBackoff(options: BackoffOptions = {}): BackoffConfig {
  const { factor, jitter, resetAfter } = options;
  const initial = options.initial === undefined ? undefined : parseDuration(options.initial);
  const cap = options.cap === undefined ? undefined : parseDuration(options.cap);
  return {
    initial: initial ?? Math.min(DEFAULT_BACKOFF.initial, cap ?? DEFAULT_BACKOFF.initial),
    factor: factor ?? DEFAULT_BACKOFF.factor,
    cap: cap ?? Math.max(DEFAULT_BACKOFF.cap, initial ?? DEFAULT_BACKOFF.cap),
    jitter: jitter ?? DEFAULT_BACKOFF.jitter,
    resetAfter: resetAfter === undefined ? DEFAULT_BACKOFF.resetAfter : parseDuration(resetAfter),
  };
}

/**
 * Fills in the defaults.
 *
 * @throws {ConfigError} `INVALID_DURATION` when a duration cannot be read.
 */
export function resolveConfig(settings: ReflectorSettings): ReflectorConfig {
  const { target } = settings;
  const name = formatGvr(target.gvr);
  return {
    target,
    targetName: target.namespace ? `${name} in namespace ${target.namespace}` : name,
    labelSelector: settings.labelSelector || undefined,
    fieldSelector: settings.fieldSelector || undefined,
    initialList: settings.initialList ?? 'watch-list',
    pageSize: settings.pageSize ?? 500,
    watchTimeout: settings.watchTimeout === undefined ? undefined : parseDuration(settings.watchTimeout),
    idleTimeout: settings.idleTimeout === undefined ? 90_000 : parseDuration(settings.idleTimeout),
    backoff: resolveBackoff(settings.backoff),
    metadataOnly: settings.metadataOnly ?? false,
    resumeAt: settings.resume?.resourceVersion || undefined,
  };
}
