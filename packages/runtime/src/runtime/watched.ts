/** Owns the description of one watched resource in a runtime. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { MemoryStore } from '@firn/stores';
import type { BuiltInResources } from '../watcher/built-in-resources.ts';
import type { WatcherOptions } from '../watcher/watcher.ts';
import type { Watched } from './runtime.ts';

type Options<T> = Omit<WatcherOptions<MemoryStore<T>>, 'gvr'>;

/**
 * Describes one watched resource for `createRuntime`; the literal names of built-in types infer `T`.
 *
 * @example
 * ```ts
 * watched('v1/services')                                             // V1Service
 * watched<Certificate>('cert-manager.io/v1/certificates', { namespace: 'shop' })
 * ```
 */
export function watched<const G extends keyof BuiltInResources>(
  gvr: G,
  options?: Options<BuiltInResources[G]>,
): Watched<BuiltInResources[G]>;
export function watched<T extends KubernetesObject>(
  gvr: GroupVersionResource | string,
  options?: Options<T>,
): Watched<T>;
export function watched<T extends KubernetesObject>(
  gvr: GroupVersionResource | string,
  options: Options<T> = {},
): Watched<T> {
  return Object.freeze({ ...options, gvr });
}
