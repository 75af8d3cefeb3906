/** Owns the sockets of the server. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createCertificates } from './certificates.ts';
import { Exchange, type IncomingRequest, type OutgoingResponse } from './exchange.ts';

const HOST = '127.0.0.1';

/** Listens on 127.0.0.1, speaks HTTP/1.1 or, with TLS, HTTP/2 and HTTP/1.1. */
export class Listener {
  readonly ca: string | undefined;
  readonly #server: Server | Http2SecureServer;
  readonly #sockets = new Map<number, Socket>();
  #port = 0;
  #closing: Promise<void> | undefined;

  constructor(tls: boolean, answer: (exchange: Exchange) => Promise<void>) {
    const handle = (incoming: IncomingRequest, outgoing: OutgoingResponse): void => {
      // On HTTP/2 the socket of a request is a proxy; the port of the client names the real one.
      const rawSocket = this.#sockets.get(incoming.socket?.remotePort ?? -1);
      void answer(new Exchange(incoming, outgoing, rawSocket));
    };
    if (tls) {
      const { ca, cert, key } = createCertificates();
      this.ca = ca;
      const server = createSecureServer(
        { allowHTTP1: true, cert, key, settings: { maxConcurrentStreams: 100 } },
        handle,
      );
      server.on('session', (session) => session.on('error', () => undefined));
      server.on('sessionError', () => undefined);
      this.#server = server;
    } else {
      this.#server = createServer(
        { keepAliveTimeout: 120_000, requestTimeout: 0, highWaterMark: 256 * 1024 },
        handle,
      );
    }
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `${this.ca === undefined ? 'http' : 'https'}://${HOST}:${this.#port}`;
  }

  async listen(port: number): Promise<void> {
    await once(this.#server.listen(port, HOST), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes every connection. */
  disconnect(): void {
    // The sockets, not what speaks on them: an HTTP/2 session that is closed says goodbye.
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  /** Stops listening and closes every connection. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.disconnect();
    await closed;
  }

  #keep(socket: Socket): void {
    const port = socket.remotePort ?? -1;
    socket.setNoDelay(true);
    this.#sockets.set(port, socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#sockets.get(port) === socket) this.#sockets.delete(port);
    });
  }
}
