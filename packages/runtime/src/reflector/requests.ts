/** Owns the query parameters of every request a reflector sends. */
import type { ReflectorConfig } from './reflector-config.ts';
import type { ReflectorRequest } from './reflector-step.ts';

type Query = Readonly<Record<string, string>>;

function selectors(config: ReflectorConfig): Record<string, string> {
  const query: Record<string, string> = {};
  if (config.labelSelector !== undefined) query.labelSelector = config.labelSelector;
  if (config.fieldSelector !== undefined) query.fieldSelector = config.fieldSelector;
  return query;
}

/** How long a watch is asked to live, in seconds: spread out, so that watches do not all end together (rule 11). */
export function watchSeconds(config: ReflectorConfig, random: number): number {
  if (config.watchTimeout !== undefined) return Math.max(1, Math.round(config.watchTimeout / 1000));
  return 300 + Math.floor(random * 301);
}

/** A streaming list (rule 1). `resourceVersion` is empty for whatever is newest. */
export function watchListQuery(config: ReflectorConfig, resourceVersion: string, seconds: number): Query {
  return {
    ...selectors(config),
    watch: '1',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(seconds),
  };
}

/** A watch (rule 11). */
export function watchQuery(config: ReflectorConfig, resourceVersion: string, seconds: number): Query {
  return {
    ...selectors(config),
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(seconds),
  };
}

/**
 * The first request of a list. At a known resource version it asks for the whole, because with a `limit` the server
 * would take that version as exact (rule 7); `whole` asks so at an empty one (rule 9).
 */
export function listQuery(config: ReflectorConfig, resourceVersion: string, whole: boolean): Query {
  if (resourceVersion !== '')
    return { ...selectors(config), resourceVersion, resourceVersionMatch: 'NotOlderThan' };
  if (whole) return { ...selectors(config), resourceVersion: '' };
  return { ...selectors(config), resourceVersion: '', limit: String(config.pageSize) };
}

/** A further page: the token stands for everything else (rule 8). */
export function pageQuery(config: ReflectorConfig, token: string): Query {
  return { ...selectors(config), limit: String(config.pageSize), continue: token };
}

/** One object, for the resource version that comes with it (rule 18). */
export function probeQuery(config: ReflectorConfig): Query {
  return { ...selectors(config), resourceVersion: '', limit: '1' };
}

const PARTIAL = 'g=meta.k8s.io;v=v1,application/json';

/** The `Accept` header; a probe never needs more than metadata (rule 23). */
export function acceptOf(purpose: ReflectorRequest['purpose'], metadataOnly: boolean): string {
  const asList = purpose === 'list' || purpose === 'probe';
  if (!metadataOnly && purpose !== 'probe') return 'application/json';
  return `application/json;as=PartialObjectMetadata${asList ? 'List' : ''};${PARTIAL}`;
}
