/** Owns what a server says of one resource type. */
import type { GroupVersionResource } from '@firn/core';

/** A resource type as a server knows it. */
export interface ResolvedResource {
  readonly gvr: GroupVersionResource;
  /** Such as `Ingress`. */
  readonly kind: string;
  readonly namespaced: boolean;
  /** Such as `list`, `watch`. */
  readonly verbs: readonly string[];
  /** Such as `ing`. */
  readonly shortNames: readonly string[];
  /** Such as `ingress`; `''` if the server gives none. */
  readonly singular: string;
}

/** All that discovery found, in the order in which ambiguous names are decided: the core group first. */
export interface DiscoveredResources {
  readonly resources: readonly ResolvedResource[];
  /** `group/version` of what could not be read: its API server is down. */
  readonly missing: readonly string[];
}
