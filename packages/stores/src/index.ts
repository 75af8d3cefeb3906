/** The public face of @firn/stores. */
export { type Clock, systemClock } from './clock.ts';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export { CachedStore, type CacheStats } from './on-demand/cached-store.ts';
export {
  type CachedStoreOptions,
  DEFAULT_MAX_CACHE_SIZE,
  type StoreLogger,
} from './on-demand/cached-store-options.ts';
export type { CallOptions, ResourceClient, ResourceList } from './resource-client.ts';
export type { AnyChange, Awaitable, Freshness, RefChange, Store } from './store.ts';
