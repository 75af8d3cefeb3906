/** Owns what a soak asks of an API server, embedded or real. */
import type { KubernetesObject } from '@firn/core';
import type { Place, SoakResource } from './resources.ts';

/** Where requests go behind the proxy. */
export interface Upstream {
  readonly url: string;
  /** PEM, where the URL is https. */
  readonly ca?: string | undefined;
  /** Sent with every request. */
  readonly authorization?: string | undefined;
}

/** A server that a soak writes to; whoever watches it does so through the proxy. */
export interface SoakServer extends AsyncDisposable {
  readonly upstream: Upstream;
  /** How many writes may be under way at once. */
  readonly concurrency: number;
  create(resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject>;
  update(resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject>;
  /** Merges the fields that are given. */
  patch(resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject>;
  delete(resource: SoakResource, place: Place): Promise<void>;
  list(resource: SoakResource): Promise<readonly KubernetesObject[]>;
  /** Forgets the past, so that watches of older versions are answered with 410; false where it cannot. */
  compact(): boolean;
  /** Lets go of what it remembers of requests, which nobody asks for: memory is compared. */
  forgetRequests(): void;
}
