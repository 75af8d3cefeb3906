/** Owns how an on-demand store is made: its options, their defaults, and what is wrong with them. */
import {
  ConfigError,
  type Duration,
  formatGvr,
  type GroupVersionResource,
  type Indexer,
  parseDuration,
  parseGvr,
} from '@firn/core';
import { shownValue } from '@firn/core/engine';
import type { Clock } from '../clock.ts';
import type { ResourceClient } from '../resource-client.ts';
import type { CacheLimits } from './resource-cache.ts';

/** How many fetched resources are kept at most, if that is not said. */
export const DEFAULT_MAX_CACHE_SIZE = 256;
const DEFAULT_CACHE_TTL = '2m10s';
const DEFAULT_FETCH_TIMEOUT = '10s';
const DEFAULT_CONCURRENCY = 8;
/** Room is set aside for all of them. */
const LARGEST_CACHE = 10_000_000;

/** Where an on-demand store reports; a pino logger fits as it is. */
export interface StoreLogger {
  readonly warn: (fields: object, message: string) => void;
}

/** How a CachedStore is made: the number of keys, or an indexer that says it, and where resources are fetched. */
export interface CachedStoreOptions {
  readonly numKeys?: number;
  /** Gives the keys, and says which fields of what is fetched are left out. */
  readonly indexer?: Indexer;
  readonly client: ResourceClient;
  readonly gvr: GroupVersionResource | string;
  /** The namespace of references that are added by keys which do not tell it. */
  readonly namespace?: string;
  /** How long a fetched resource is kept: from its fetch, `'2m10s'` when left out. */
  readonly cacheTtl?: Duration;
  /** Whether that time begins anew each time the resource is read. */
  readonly updateAgeOnGet?: boolean;
  /** How many are kept: 256 when left out. */
  readonly maxCacheSize?: number;
  /** How many characters of JSON they may have together; any number when left out. */
  readonly maxCacheBytes?: number;
  /** How many requests are under way at once: 8 when left out. */
  readonly concurrency?: number;
  /** How long a fetch may take from when it is sent, repetitions included: `'10s'` when left out. */
  readonly fetchTimeout?: Duration;
  readonly logger?: StoreLogger;
  /** Where time comes from; the machine's clock when left out. */
  readonly clock?: Clock;
  /** Random numbers in [0, 1), such as `Math.random`, to spread repeated requests; they are not spread when left out. */
  readonly random?: () => number;
}

/** The options as they are used. */
export interface CachedStoreSettings extends CacheLimits {
  readonly client: ResourceClient;
  readonly gvr: GroupVersionResource;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly fetchTimeout: number;
}

/** @throws {ConfigError} `NO_CLIENT`, `INVALID_GVR`, `INVALID_DURATION`, or `INVALID_VALUE` for what is too small. */
export function readCachedStoreOptions(options: CachedStoreOptions): CachedStoreSettings {
  const { client, gvr, updateAgeOnGet = false, maxCacheBytes } = options;
  if (typeof client?.get !== 'function') {
    throw new ConfigError(
      'client has no method get. Give what createResourceClient(kubeConfig) gives, or createFakeClient(objects) in tests.',
      { code: 'NO_CLIENT' },
    );
  }
  return {
    client,
    gvr: parseGvr(typeof gvr === 'object' && gvr !== null ? formatGvr(gvr) : gvr),
    cacheTtl: positiveDuration('cacheTtl', options.cacheTtl ?? DEFAULT_CACHE_TTL),
    fetchTimeout: positiveDuration('fetchTimeout', options.fetchTimeout ?? DEFAULT_FETCH_TIMEOUT),
    updateAgeOnGet,
    maxCacheSize: count('maxCacheSize', options.maxCacheSize ?? DEFAULT_MAX_CACHE_SIZE, LARGEST_CACHE),
    maxCacheBytes:
      maxCacheBytes === undefined
        ? undefined
        : count('maxCacheBytes', maxCacheBytes, Number.MAX_SAFE_INTEGER),
    concurrency: count('concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, LARGEST_CACHE),
  };
}

function positiveDuration(name: string, value: Duration): number {
  const ms = parseDuration(value);
  if (ms > 0) return ms;
  throw new ConfigError(`${name} is ${shownValue(value)}: give a time above 0, such as '2m10s'.`, {
    code: 'INVALID_VALUE',
  });
}

function count(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new ConfigError(`${name} is ${shownValue(value)}: give a whole number from 1 to ${most}.`, {
    code: 'INVALID_VALUE',
  });
}
