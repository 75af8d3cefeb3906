/** Owns the client of an on-demand store: it uses the connection of the watchers, or one of its own while they are stopped. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { CallOptions, ResourceClient, ResourceList } from '@firn/stores';
import { type ListSelection, TransportResourceClient } from '../resource-client/create-resource-client.ts';
import type { Transport } from '../transport/transport.ts';

type GetIdentity = Parameters<ResourceClient['get']>[1];
type ListPage = Parameters<NonNullable<ResourceClient['list']>>[1];

/** A transport for as long as somebody needs it. */
export interface TransportLease {
  readonly transport: Transport;
  release(): Promise<void>;
}

/** Leases a transport for each call. Lists contain what the watch would, by its selectors. */
export class LeasedClient implements Required<ResourceClient> {
  readonly #lease: () => TransportLease;
  readonly #selection: ListSelection;

  constructor(lease: () => TransportLease, selection: ListSelection) {
    this.#lease = lease;
    this.#selection = selection;
  }

  get(
    gvr: GroupVersionResource,
    identity: GetIdentity,
    options?: CallOptions,
  ): Promise<KubernetesObject | undefined> {
    return this.#leased((client) => client.get(gvr, identity, options));
  }

  list(gvr: GroupVersionResource, page: ListPage, options?: CallOptions): Promise<ResourceList> {
    return this.#leased((client) => client.list(gvr, page, options));
  }

  async #leased<V>(call: (client: Required<ResourceClient>) => Promise<V>): Promise<V> {
    const { transport, release } = this.#lease();
    try {
      return await call(new TransportResourceClient(transport, false, this.#selection));
    } finally {
      await release();
    }
  }
}
