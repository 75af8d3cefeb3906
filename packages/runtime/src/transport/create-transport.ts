/** Owns the transport that speaks HTTP/1.1 and HTTP/2 to the API server of a kubeconfig. */
import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '@firn/stores';
import { RequestLife } from '@firn/stores/engine';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { type Logger, silentLogger } from '../logger.ts';
import { VERSION } from '../version.ts';
import { visibleText } from '../visible-text.ts';
import { classifyFailure } from './classify-failure.ts';
import { type ClusterEndpoint, clusterEndpoint } from './cluster-endpoint.ts';
import type { ConnectionOptions, ConnectionPools } from './connection-pools.ts';
import { CredentialSource, type Credentials, type TlsMaterial } from './credential-source.ts';
import { loadConnectionPools } from './load-connection-pools.ts';
import { type HideCredentials, hideAuthorization } from './repeated-credentials.ts';
import { responseBody } from './response-body.ts';
import { ServerWarnings } from './server-warnings.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** Options of `createTransport`; all durations in milliseconds. */
export interface TransportOptions {
  /** `firn/VERSION` when left out. */
  readonly userAgent?: string;
  /** TCP keep-alive begins after this long; 30 s when left out, `false` turns it off. */
  readonly keepAlive?: number | false;
  /** Whether HTTP/2 may be negotiated over TLS; `true` when left out. */
  readonly allowH2?: boolean;
  /** 10 s when left out. */
  readonly connectTimeout?: number;
  /** 75 s when left out: API servers give up after 60. */
  readonly headersTimeout?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** Grace for a request that waits for its turn on a connection. */
const QUEUE_MS = 1000;

function pathWithQuery(prefix: string, { path, query }: TransportRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.append(name, value);
  }
  const text = parameters.toString();
  return text === '' ? prefix + path : `${prefix}${path}?${text}`;
}

function isStream({ query }: TransportRequest): boolean {
  return query?.watch === '1' || query?.watch === 'true';
}

function flatHeaders(
  headers: Dispatcher.ResponseData['headers'],
  hide: HideCredentials,
): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    flat[name.toLowerCase()] = hide(typeof value === 'string' ? value : value.join(', '));
  }
  return flat;
}

/** A response, and what it must not repeat. */
interface Answer {
  readonly response: Dispatcher.ResponseData;
  readonly hideCredentials: HideCredentials;
}

class UndiciTransport implements Transport {
  readonly #endpoint: ClusterEndpoint;
  readonly #credentials: CredentialSource;
  readonly #connection: ConnectionOptions;
  readonly #userAgent: string;
  readonly #headersTimeout: number;
  readonly #warnings: ServerWarnings;
  /** The newest last; older ones end with their last request. */
  readonly #pools = new Map<ConnectionPools, TlsMaterial>();
  #newest: ConnectionPools | undefined;
  readonly #underWay = new Set<RequestLife>();
  #closing: Promise<void> | undefined;

  constructor(kubeConfig: KubeConfig, options: TransportOptions) {
    const clock = options.clock ?? systemClock;
    this.#endpoint = clusterEndpoint(kubeConfig);
    this.#credentials = new CredentialSource(kubeConfig, this.#endpoint.context, clock);
    this.#connection = {
      allowH2: options.allowH2 ?? true,
      keepAlive: options.keepAlive ?? 30_000,
      connectTimeout: options.connectTimeout ?? 10_000,
      clock,
    };
    this.#userAgent = options.userAgent ?? `firn/${VERSION}`;
    this.#headersTimeout = options.headersTimeout ?? 75_000;
    this.#warnings = new ServerWarnings(options.logger ?? silentLogger);
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    request.signal?.throwIfAborted();
    if (this.#closing !== undefined) throw this.#closedError();
    const life = new RequestLife(request.signal, this.#connection.clock, () => this.#underWay.delete(life));
    this.#underWay.add(life);
    let response: Dispatcher.ResponseData;
    let hideCredentials: HideCredentials;
    try {
      ({ response, hideCredentials } = await this.#respond(request, life));
      life.clearDeadline();
      this.#refuseRedirect(response);
    } catch (error) {
      life.over();
      life.signal.throwIfAborted();
      throw classifyFailure(error, this.#endpoint.host, 'request');
    }
    response.body.once('close', () => life.over());
    const headers = flatHeaders(response.headers, hideCredentials);
    this.#warnings.report(headers.warning, request.path);
    const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
    const body = responseBody(response.body, { host: this.#endpoint.host, encoding, signal: life.signal });
    return { status: response.statusCode, headers, body, hideCredentials };
  }

  async #respond(request: TransportRequest, life: RequestLife): Promise<Answer> {
    const headersTimeout = request.headersTimeout ?? this.#headersTimeout;
    const credentials = await life.unlessEnded(this.#credentials.current());
    const { ConnectionPools } = await loadConnectionPools();
    life.signal.throwIfAborted();
    const pools = this.#poolsFor(credentials.tls, ConnectionPools);
    const dispatcher = isStream(request) ? pools.streams : pools.requests;
    // undici's own deadline begins when the request is on its way; this one counts the wait for a connection too.
    life.setDeadline(headersTimeout + this.#connection.connectTimeout + QUEUE_MS, () => this.#unanswered());
    const options = this.#dispatchOptions(request, credentials, headersTimeout, life.signal);
    return {
      response: await dispatcher.request(options),
      hideCredentials: hideAuthorization(credentials.headers),
    };
  }

  refreshCredentials(): Promise<void> {
    return this.#credentials.refresh();
  }

  close(): Promise<void> {
    this.#closing ??= this.#destroyAll();
    return this.#closing;
  }

  async #destroyAll(): Promise<void> {
    for (const life of [...this.#underWay]) life.end(this.#closedError());
    await Promise.all([...this.#pools.keys()].map((pools) => pools.destroy(this.#closedError())));
    this.#pools.clear();
  }

  #dispatchOptions(
    request: TransportRequest,
    credentials: Credentials,
    headersTimeout: number,
    signal: AbortSignal,
  ): Dispatcher.RequestOptions {
    const { method = 'GET', accept, contentType, body } = request;
    return {
      origin: this.#endpoint.origin,
      path: pathWithQuery(this.#endpoint.pathPrefix, request),
      method,
      headers: {
        ...credentials.headers,
        'user-agent': this.#userAgent,
        accept: accept ?? 'application/json',
        'accept-encoding': 'gzip',
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body }),
      signal,
      headersTimeout,
      bodyTimeout: 0,
    };
  }

  /** The pools for this TLS material: new ones after a certificate was changed, and the old ones fade out. */
  #poolsFor(tls: TlsMaterial, Pools: typeof ConnectionPools): ConnectionPools {
    const newest = this.#newest;
    if (newest !== undefined && isDeepStrictEqual(this.#pools.get(newest), tls)) return newest;
    const created = new Pools(this.#endpoint, tls, this.#connection);
    this.#pools.set(created, tls);
    this.#newest = created;
    if (newest !== undefined) void this.#retire(newest);
    return created;
  }

  async #retire(pools: ConnectionPools): Promise<void> {
    await pools.retire();
    this.#pools.delete(pools);
  }

  /** Credentials never go where a response points to: redirects are not followed, not even on the same host. */
  #refuseRedirect({ statusCode, headers, body }: Dispatcher.ResponseData): void {
    if (statusCode < 300 || statusCode > 399 || typeof headers.location !== 'string') return;
    body.on('error', () => undefined).destroy();
    const target =
      URL.parse(headers.location, this.#endpoint.origin)?.origin ?? 'an address that cannot be read';
    throw new TransportError(
      `${this.#endpoint.host} answers with a redirect (${statusCode}) to ${visibleText(target, 120)}. firn follows none, so that credentials stay where they belong: put the API server's own address into the kubeconfig.`,
      { code: 'REDIRECT' },
    );
  }

  #unanswered(): TransportError {
    return new TransportError(
      `${this.#endpoint.host} gave no answer in time, or no connection for the request.`,
      {
        code: 'TIMEOUT',
      },
    );
  }

  #closedError(): TransportError {
    return new TransportError(`The transport to ${this.#endpoint.host} is closed. Create a new one.`, {
      code: 'CLOSED',
    });
  }
}

/**
 * Opens a transport to the API server that the current context of `kubeConfig` means, with its credentials. Nothing
 * is sent before the first request.
 *
 * Watches and other requests have connections of their own. HTTP/2 is negotiated over TLS. Credentials are evaluated
 * with the requests, at most every 5 s. Redirects are never followed.
 *
 * @throws {ConfigError} when context, cluster, user, server or proxy of the kubeconfig are missing or wrong.
 * @example
 * ```ts
 * const transport = createTransport(kubeConfig);
 * const response = await transport.request({ path: '/api/v1/pods', query: { limit: '500' } });
 * ```
 */
export function createTransport(kubeConfig: KubeConfig, options: TransportOptions = {}): Transport {
  return new UndiciTransport(kubeConfig, options);
}
