/** Owns the tiny servers on loopback that transport tests talk to. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Handler2 = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export interface LoopbackServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Connections that were opened so far. */
  readonly connections: number;
}

/** A file of `certificates/`. */
export function certificate(name: string): string {
  return readFileSync(new URL(`./certificates/${name}`, import.meta.url), 'utf8');
}

/** Makes a server listen on a free port. */
export async function listen(server: Server, scheme: string, host = '127.0.0.1'): Promise<LoopbackServer> {
  const sockets = new Set<{ destroy(): void }>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://${host}:${port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function httpServer(handler: Handler): Promise<LoopbackServer> {
  return listen(createServer(handler), 'http');
}

/** HTTPS with the certificate of that name; `clientCa`: asks for a client certificate. */
export function httpsServer(handler: Handler, name = 'server', mutual = false): Promise<LoopbackServer> {
  const options = { cert: certificate(`${name}.pem`), key: certificate(`${name}.key`) };
  const ca = { ca: certificate('ca.pem'), requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer({ ...options, ...(mutual ? ca : {}) }, handler);
  server.on('tlsClientError', () => undefined);
  return listen(server, 'https');
}

/** HTTP/2 or 1.1 by ALPN. */
export function http2Server(handler: Handler2): Promise<LoopbackServer> {
  const server = createSecureServer(
    { cert: certificate('server.pem'), key: certificate('server.key'), allowHTTP1: true },
    handler,
  );
  server.on('sessionError', () => undefined);
  return listen(server as unknown as Server, 'https');
}

/** A kubeconfig with one context that points to `server`. */
export function kubeConfigFor(
  server: { readonly url: string },
  { cluster = {}, user = {} }: { cluster?: Partial<Cluster>; user?: Partial<User> } = {},
): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'cluster', server: server.url, skipTLSVerify: false, ...cluster },
    { name: 'user', ...user },
  );
  return kubeConfig;
}

/** Base64 of the test CA, as a kubeconfig holds it. */
export function caData(name = 'ca.pem'): string {
  return Buffer.from(certificate(name)).toString('base64');
}

/** Everything that a body gives, as text. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
