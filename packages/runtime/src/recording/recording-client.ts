/** Owns the recording of what is fetched on demand: each answer of a client, as it came. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { CallOptions, ResourceClient, ResourceList } from '@firn/stores';

type Identity = Parameters<ResourceClient['get']>[1];
type Page = Parameters<NonNullable<ResourceClient['list']>>[1];

/** Who hears of answers: an object, undefined if it is gone, or why there is none. */
export interface FetchListener {
  fetched(identity: Identity, object: KubernetesObject | undefined): void;
  failed(identity: Identity, cause: unknown): void;
}

/** Asks another client, and tells what it answers. What was cancelled is not told. */
export class RecordingClient implements ResourceClient {
  readonly list?: (gvr: GroupVersionResource, page: Page, options?: CallOptions) => Promise<ResourceList>;
  readonly #client: ResourceClient;
  readonly #listener: () => FetchListener | undefined;

  /** @param listener - set when the store is recorded, which is made with this client. */
  constructor(client: ResourceClient, listener: () => FetchListener | undefined) {
    this.#client = client;
    this.#listener = listener;
    const { list } = client;
    if (list !== undefined)
      this.list = async (gvr, page, options) => {
        const listed = await list.call(client, gvr, page, options);
        for (const item of listed.items) this.#listener()?.fetched(identityOf(item), item);
        return listed;
      };
  }

  async get(
    gvr: GroupVersionResource,
    identity: Identity,
    options?: CallOptions,
  ): Promise<KubernetesObject | undefined> {
    try {
      const object = await this.#client.get(gvr, identity, options);
      if (options?.signal?.aborted !== true) this.#listener()?.fetched(identity, object);
      return object;
    } catch (cause) {
      if (options?.signal?.aborted !== true) this.#listener()?.failed(identity, cause);
      throw cause;
    }
  }
}

function identityOf({ metadata }: KubernetesObject): Identity {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}
