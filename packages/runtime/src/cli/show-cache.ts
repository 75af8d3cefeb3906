/** Owns the connection between an on-demand store's cache and a view. */
import type { CacheStats, Clock } from '@firn/stores';
import { Subscription } from 'rxjs';
import type { View, WatchedName } from './views/view.ts';

/** What is shown of an on-demand store. */
export interface ShownCacheStore {
  readonly size: number;
  readonly cacheSize: number;
  readonly cacheStats: CacheStats;
}

/** Shows the numbers of a cache when they have changed, at intervals, and once more when it is unsubscribed. */
export function showCache(
  watched: WatchedName,
  store: ShownCacheStore,
  { view, clock, interval }: { readonly view: View; readonly clock: Clock; readonly interval: number },
): Subscription {
  let told = '';
  let timer: unknown;
  const tell = (): void => {
    const cache = { references: store.size, cached: store.cacheSize, ...store.cacheStats };
    const text = JSON.stringify(cache);
    if (text === told || cache.misses === 0) return;
    told = text;
    view.cache(watched, cache);
  };
  const tick = (): void => {
    tell();
    timer = clock.setTimeout(tick, interval);
  };
  timer = clock.setTimeout(tick, interval);
  return new Subscription(() => {
    clock.clearTimeout(timer);
    tell();
  });
}
