/** Owns the client that fetches single objects and pages of lists. */
import { type GroupVersionResource, type KubernetesObject, ProtocolError } from '@firn/core';
import type { CallOptions, ResourceClient, ResourceList } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { resourcePath } from '../discovery/resource-path.ts';
import { createTransport } from '../transport/create-transport.ts';
import { createObjectDecoder } from '../transport/json-object-decoder.ts';
import { ListSplitter } from '../transport/list-splitter.ts';
import type { ParsingDecoder } from '../transport/object-decoder.ts';
import { readBody } from '../transport/read-body.ts';
import { readStatus } from '../transport/read-status.ts';
import type { Transport, TransportRequest, TransportResponse } from '../transport/transport.ts';
import { ApiError } from './api-error.ts';

/** A resource client over a transport; disposing it closes the connections that it opened itself. */
export type ApiResourceClient = Required<ResourceClient> & AsyncDisposable;

function decoderFor(gvr: GroupVersionResource): ParsingDecoder {
  const apiVersion = gvr.group === '' ? gvr.version : `${gvr.group}/${gvr.version}`;
  return createObjectDecoder({ apiVersion });
}

async function readPage(response: TransportResponse, decoder: ParsingDecoder): Promise<ResourceList> {
  const splitter = new ListSplitter({ contentType: response.headers['content-type'] });
  const items: KubernetesObject[] = [];
  for await (const chunk of response.body) {
    for (const bytes of splitter.push(chunk)) {
      const { apiVersion, kind } = splitter;
      items.push(decoder.decodeListItem(bytes, { apiVersion, kind: kind?.replace(/List$/, '') }));
    }
  }
  const { resourceVersion, continue: next } = splitter.end().metadata;
  if (resourceVersion === undefined) {
    throw new ProtocolError(
      'The list has no metadata.resourceVersion. The server breaks the list protocol.',
      {
        code: 'MISSING_RESOURCE_VERSION',
      },
    );
  }
  return { items, resourceVersion, ...(next === undefined ? {} : { continue: next }) };
}

/** What lists are restricted to. */
export interface ListSelection {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** A resource client over a transport. */
export class TransportResourceClient implements ApiResourceClient {
  readonly #transport: Transport;
  readonly #ownsTransport: boolean;
  readonly #selection: ListSelection;

  constructor(transport: Transport, ownsTransport: boolean, selection: ListSelection = {}) {
    this.#transport = transport;
    this.#ownsTransport = ownsTransport;
    this.#selection = selection;
  }

  async get(
    gvr: GroupVersionResource,
    identity: { readonly namespace: string; readonly name: string },
    options: CallOptions = {},
  ): Promise<KubernetesObject | undefined> {
    const path = resourcePath(gvr, identity);
    const response = await this.#send({ path, ...withSignal(options) });
    if (response.status === 200) return decoderFor(gvr).decodeObject(await readBody(response.body));
    const error = await refusal(response, `get ${gvr.resource}`);
    if (error.code === 404) return undefined;
    throw error;
  }

  async list(
    gvr: GroupVersionResource,
    page: {
      readonly namespace?: string | undefined;
      readonly limit?: number | undefined;
      readonly continue?: string | undefined;
    },
    options: CallOptions = {},
  ): Promise<ResourceList> {
    const path = resourcePath(gvr, { namespace: page.namespace });
    const { labelSelector, fieldSelector } = this.#selection;
    const query = { limit: page.limit?.toString(), continue: page.continue, labelSelector, fieldSelector };
    const response = await this.#send({ path, query, ...withSignal(options) });
    if (response.status !== 200) throw await refusal(response, `list ${gvr.resource}`);
    return readPage(response, decoderFor(gvr));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ownsTransport) await this.#transport.close();
  }

  /** A 401 is asked again once, with fresh credentials. */
  async #send(request: TransportRequest): Promise<TransportResponse> {
    const response = await this.#transport.request(request);
    if (response.status !== 401) return response;
    await readStatus(response);
    await this.#transport.refreshCredentials();
    return this.#transport.request(request);
  }
}

function withSignal({ signal }: CallOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function refusal(response: TransportResponse, attempt: string): Promise<ApiError> {
  const status = await readStatus(response);
  return new ApiError(`The API server refused to ${attempt} (${status.code}): ${status.message}`, status);
}

/**
 * A client for single objects and lists.
 *
 * A 404 gives `undefined` from `get`; other refusals reject with an `ApiError` (numeric `code`, `retryAfterSeconds`),
 * failures of the network with a `TransportError`, and what is no object or list with a `ProtocolError`.
 *
 * @param connection a kubeconfig, or a transport that is shared and stays open.
 * @throws {ConfigError} when the kubeconfig leads nowhere.
 * @example
 * ```ts
 * const client = createResourceClient(kubeConfig);
 * const secret = await client.get(parseGvr('v1/secrets'), { namespace: 'shop', name: 'tls' });
 * ```
 */
export function createResourceClient(connection: KubeConfig | Transport): ApiResourceClient {
  if ('refreshCredentials' in connection) return new TransportResourceClient(connection, false);
  return new TransportResourceClient(createTransport(connection), true);
}
