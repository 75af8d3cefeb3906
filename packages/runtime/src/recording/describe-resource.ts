/** Owns what a log says of a watched resource: enough to make an equal store of it. */
import { formatGvr, type GroupVersionResource, type Indexer } from '@firn/core';
import type { LoggedResource } from '../event-log/log-header.ts';
import type { WatchedResourceOptions } from '../watcher/watched-resource-options.ts';

/** Describes a watched resource, of whose options only those are said that were given, and whose firings are recorded. */
export function describeResource(
  gvr: GroupVersionResource,
  indexer: Indexer,
  options: WatchedResourceOptions,
  timers: readonly string[] = [],
): LoggedResource {
  const { store = 'full', indexes, namespace, namespaced, labelSelector, fieldSelector } = options;
  return {
    gvr: formatGvr(gvr),
    store,
    indexBy: indexer.expressions,
    ignoreFields: indexer.ignored,
    ...(indexes === undefined ? undefined : { indexes }),
    ...(namespace === undefined ? undefined : { namespace }),
    ...(namespaced === undefined ? undefined : { namespaced }),
    ...(labelSelector === undefined ? undefined : { labelSelector }),
    ...(timers.length === 0 ? undefined : { timers }),
    ...(fieldSelector === undefined ? undefined : { fieldSelector }),
  };
}
