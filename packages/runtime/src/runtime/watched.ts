/** Owns the description of one watched resource in a runtime. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { BuiltInResources } from '../watcher/built-in-resources.ts';
import type { StoreKind } from '../watcher/watched-resource-options.ts';
import type { WatcherOptions } from '../watcher/watcher.ts';
import type { StoreOf, Watched } from './runtime.ts';

type Options<T, K extends StoreKind> = Omit<WatcherOptions<StoreOf<T, K>>, 'gvr' | 'store'>;
type FullOptions<T> = Options<T, 'full'> & { readonly store?: 'full' };
type OnDemandOptions<T> = Options<T, 'on-demand'> & { readonly store: 'on-demand' };

/**
 * Describes one watched resource for `createRuntime`; the literal names of built-in types infer `T`.
 *
 * @example
 * ```ts
 * watched('v1/services')                                             // V1Service
 * watched<Certificate>('cert-manager.io/v1/certificates', { namespace: 'shop' })
 * watched('v1/secrets', { store: 'on-demand', cacheTtl: '15m' })     // references; secrets are fetched when read
 * ```
 */
export function watched<const G extends keyof BuiltInResources>(
  gvr: G,
  options: OnDemandOptions<BuiltInResources[G]>,
): Watched<BuiltInResources[G], 'on-demand'>;
export function watched<const G extends keyof BuiltInResources>(
  gvr: G,
  options?: FullOptions<BuiltInResources[G]>,
): Watched<BuiltInResources[G]>;
export function watched<T extends KubernetesObject>(
  gvr: GroupVersionResource | string,
  options: OnDemandOptions<T>,
): Watched<T, 'on-demand'>;
export function watched<T extends KubernetesObject>(
  gvr: GroupVersionResource | string,
  options?: FullOptions<T>,
): Watched<T>;
export function watched<T extends KubernetesObject>(
  gvr: GroupVersionResource | string,
  options: FullOptions<T> | OnDemandOptions<T> = {},
): Watched<T> | Watched<T, 'on-demand'> {
  return Object.freeze({ ...options, gvr }) as Watched<T> | Watched<T, 'on-demand'>;
}
