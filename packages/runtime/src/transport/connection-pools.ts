/** Owns the connections to one API server: long streams and short requests apart, direct or through a proxy. */
import { createSecureContext } from 'node:tls';
import type { Clock } from '@firn/stores';
import { buildConnector, Client, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import type { TlsMaterial } from './credential-source.ts';
import { guardLiveness, PING_INTERVAL_MS } from './liveness.ts';
import { socksConnector } from './socks-connector.ts';
import { TransportError } from './transport-error.ts';

/** How connections are made. */
export interface ConnectionOptions {
  readonly allowH2: boolean;
  /** TCP keep-alive begins after this many milliseconds of silence; `false` turns it off. */
  readonly keepAlive: number | false;
  /** Milliseconds for TCP and TLS to be set up. */
  readonly connectTimeout: number;
  readonly clock: Clock;
}

type Connector = buildConnector.connector;

const STREAM_WINDOW = 2 * 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;
const MOST_STREAMS = 100;
/** An idle connection is kept this long for the next request. */
const IDLE_MS = 30_000;

function secureContext(tls: TlsMaterial): ReturnType<typeof createSecureContext> {
  const { ca, cert, key, pfx, passphrase } = tls;
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(pfx === undefined ? {} : { pfx }),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    throw new TransportError(
      'The certificate-authority, the client certificate or its key in the kubeconfig cannot be read, or do not belong together. All must be PEM.',
      { code: 'TLS', cause },
    );
  }
}

type Lasting = Pick<buildConnector.BuildOptions, 'timeout' | 'keepAlive' | 'keepAliveInitialDelay'>;

/** How long a connection may take to be set up, and how soon a silent one is looked after. */
function lasting({ connectTimeout, keepAlive }: ConnectionOptions): Lasting {
  if (keepAlive === false) return { timeout: connectTimeout, keepAlive };
  return { timeout: connectTimeout, keepAlive: true, keepAliveInitialDelay: keepAlive };
}

/** The options that every connection is made with, as undici's connector takes them. */
function connectorOptions(tls: TlsMaterial, options: ConnectionOptions): buildConnector.BuildOptions {
  const { servername, rejectUnauthorized } = tls;
  return {
    secureContext: secureContext(tls),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    allowH2: options.allowH2,
    ...lasting(options),
  };
}

/**
 * A client whose HTTP/2 connections are watched over, and that asks on a new connection as soon as the server wants
 * the old one to go away: streams on the old one, watches of minutes among them, would hold up undici's queue.
 */
function watchedClient(origin: URL, given: Client.Options, clock: Clock): Client {
  const { connect } = given as { readonly connect: Connector };
  const client: Client = new Client(origin, {
    ...given,
    connect: (target: buildConnector.Options, callback: buildConnector.Callback) => {
      connect(target, (...result) => {
        // After an error undici passes nothing for the socket, whatever its types say.
        const socket = result[1] ?? undefined;
        const isH2 = socket !== undefined && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
        if (isH2) guardLiveness(socket, clock);
        client.pipelining = isH2 ? MOST_STREAMS : 1;
        callback(...result);
      });
    },
  });
  return client;
}

function poolOptions(connect: Connector, { allowH2, clock }: ConnectionOptions): Pool.Options {
  return {
    connect,
    allowH2,
    factory: (origin, given) => watchedClient(origin, given, clock),
    keepAliveTimeout: IDLE_MS,
    bodyTimeout: 0,
    // undici documents settings.initialWindowSize for the stream's window, but reads this one.
    initialWindowSize: STREAM_WINDOW,
    h2Options: {
      connectionWindowSize: CONNECTION_WINDOW,
      maxConcurrentStreams: MOST_STREAMS,
      pingInterval: PING_INTERVAL_MS,
    },
  };
}

function throughProxy(
  proxyUrl: URL,
  connector: buildConnector.BuildOptions,
  options: ConnectionOptions,
): Dispatcher {
  return new ProxyAgent({
    uri: proxyUrl.href,
    requestTls: connector,
    proxyTls: { allowH2: false, ...lasting(options) },
    connectTimeout: options.connectTimeout,
    factory: (origin, given) => {
      const { connect } = given as { connect: Connector };
      return new Pool(origin, poolOptions(connect, options));
    },
  });
}

function createDispatcher(
  { origin, proxyUrl }: ClusterEndpoint,
  connector: buildConnector.BuildOptions,
  options: ConnectionOptions,
): Dispatcher {
  if (proxyUrl !== undefined && /^https?:$/.test(proxyUrl.protocol))
    return throughProxy(proxyUrl, connector, options);
  const direct = buildConnector(connector);
  const { connectTimeout: timeout, keepAlive } = options;
  const connect = proxyUrl === undefined ? direct : socksConnector(proxyUrl, direct, { timeout, keepAlive });
  return new Pool(origin, poolOptions(connect, options));
}

/** Connections to one API server with one set of TLS material. */
export class ConnectionPools {
  /** For watches, which keep a connection or a stream for minutes. */
  readonly streams: Dispatcher;
  /** For everything else: never waits behind a watch. */
  readonly requests: Dispatcher;

  /** @throws {TransportError} `TLS` when certificates or keys cannot be read. */
  constructor(endpoint: ClusterEndpoint, tls: TlsMaterial, options: ConnectionOptions) {
    const connector = connectorOptions(tls, options);
    const create = (): Dispatcher => createDispatcher(endpoint, connector, options);
    this.streams = create();
    this.requests = create();
  }

  /** Takes no more requests; those under way end in their own time. */
  async retire(): Promise<void> {
    await Promise.all([this.streams.close(), this.requests.close()]);
  }

  /** Ends everything at once. */
  async destroy(error: Error): Promise<void> {
    await Promise.all([this.streams.destroy(error), this.requests.destroy(error)]);
  }
}
