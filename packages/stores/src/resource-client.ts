/** Owns what a store needs of an API server: one object, and lists of them. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';

/** Settings of one call. */
export interface CallOptions {
  /** Aborting rejects the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One page of a list. */
export interface ResourceList {
  readonly items: readonly KubernetesObject[];
  /** Token of the next page; absent on the last one. */
  readonly continue?: string;
  readonly resourceVersion: string;
}

/** Fetches resources. Failures reject with a numeric `code` where a server answered, and `retryAfterSeconds` if known. */
export interface ResourceClient {
  /** The object, or `undefined` if it is gone; a rejection with code 404 means the same. */
  get(
    gvr: GroupVersionResource,
    identity: { readonly namespace: string; readonly name: string },
    options?: CallOptions,
  ): Promise<KubernetesObject | undefined>;
  /** One page; all namespaces if `namespace` is empty or left out. */
  list?(
    gvr: GroupVersionResource,
    page: {
      readonly namespace?: string | undefined;
      readonly limit?: number | undefined;
      readonly continue?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<ResourceList>;
}
