/** Owns one request and its response, whether it came by HTTP/1.1 or HTTP/2. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { type ApiRequest, readApiRequest } from './api-request.ts';
import type { BodySink } from './body-sink.ts';
import { acceptsGzip } from './gzipped-body.ts';
import { badRequest, StatusError } from './status-error.ts';

const COMMON_HEADERS = { 'audit-id': 'firn', 'cache-control': 'no-cache, private' };
const MAX_BODY = 64 * 1024 * 1024;

/** The two shapes in which Node hands over a request. */
export type IncomingRequest = IncomingMessage | Http2ServerRequest;
/** The two shapes in which Node takes a response. */
export type OutgoingResponse = ServerResponse | Http2ServerResponse;

/** Writes a body as Node takes it. */
class RawBody implements BodySink {
  readonly #outgoing: OutgoingResponse;
  readonly #rawSocket: Socket | undefined;
  #isCut = false;

  constructor(outgoing: OutgoingResponse, rawSocket: Socket | undefined) {
    this.#outgoing = outgoing;
    this.#rawSocket = rawSocket;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isCut || this.#outgoing.destroyed || this.#outgoing.writableEnded) return true;
    // Typed apart for HTTP/1.1 and HTTP/2, the same to call.
    return (this.#outgoing as ServerResponse).write(chunk);
  }

  drained(): Promise<void> {
    const outgoing = this.#outgoing;
    const emitter: EventEmitter = outgoing;
    if (outgoing.destroyed || !outgoing.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        emitter.off('drain', done);
        emitter.off('close', done);
        resolve();
      };
      emitter.on('drain', done);
      emitter.on('close', done);
    });
  }

  end(): void {
    if (!this.#isCut) this.#outgoing.end();
  }

  close(): void {
    this.#afterWrites(() => {
      if ('stream' in this.#outgoing) this.#outgoing.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else this.#outgoing.socket?.destroySoon();
    });
  }

  reset(): void {
    this.#afterWrites(() => this.#rawSocket?.resetAndDestroy());
  }

  // Node keeps the writes of one turn together and sends them at its end.
  #afterWrites(then: () => void): void {
    this.#isCut = true;
    setImmediate(then);
  }
}

/** One request and its response. */
export class Exchange implements BodySink {
  readonly request: ApiRequest;
  readonly #incoming: IncomingRequest;
  readonly #outgoing: OutgoingResponse;
  #sink: BodySink;
  #isShaped = false;
  #staysPlain = false;
  readonly #over = new Set<() => void>();
  #isOver = false;

  constructor(incoming: IncomingRequest, outgoing: OutgoingResponse, rawSocket: Socket | undefined) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#sink = new RawBody(outgoing, rawSocket);
    this.request = readApiRequest(incoming.method ?? 'GET', incoming.url ?? '/', incoming.headers);
    const over = (): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      for (const listener of this.#over) listener();
      this.#over.clear();
    };
    const emitter: EventEmitter = outgoing;
    emitter.on('close', over);
    // Whoever hangs up in the middle is no failure of the server.
    emitter.on('error', over);
    incoming.on('error', () => undefined);
  }

  /** The `Authorization` header; it is not in `request`. */
  get authorization(): string | undefined {
    return this.#incoming.headers.authorization;
  }

  /** Whether the response is complete or its connection gone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get hasBegun(): boolean {
    return this.#outgoing.headersSent;
  }

  /** Calls the listener once the response is complete or its connection gone. */
  onOver(listener: () => void): void {
    if (this.#isOver) listener();
    else this.#over.add(listener);
  }

  /** Whether the body may be compressed for this client. */
  get takesGzip(): boolean {
    return !this.#staysPlain && acceptsGzip(this.request);
  }

  /** Puts something between the handlers and the client. */
  shape(wrap: (body: BodySink) => BodySink): void {
    this.#sink = wrap(this.#sink);
    this.#isShaped = true;
  }

  /** Puts something in between that reads or changes the text of the body: what it is given is not compressed. */
  shapeText(wrap: (body: BodySink) => BodySink): void {
    this.#staysPlain = true;
    this.shape(wrap);
  }

  /** @throws {StatusError} 413 beyond 64 MiB. */
  async body(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.#incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY) throw new StatusError({ code: 413, message: 'the request body is too large' });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  }

  /** @throws {StatusError} 400 when the body is not JSON. */
  async jsonBody(): Promise<unknown> {
    const body = await this.body();
    try {
      return JSON.parse(body.toString());
    } catch {
      throw badRequest('the body of the request is not valid JSON');
    }
  }

  /** Sends the head of the response. */
  begin(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#isOver) return;
    const outgoing = this.#outgoing as ServerResponse;
    outgoing.writeHead(status, { ...COMMON_HEADERS, ...headers });
    // A watch that stays silent must still be seen to have begun.
    if ('flushHeaders' in outgoing) outgoing.flushHeaders();
  }

  /** Answers with a whole body. */
  respond(
    status: number,
    contentType: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    if (this.#isOver) return;
    const bytes = Buffer.from(body);
    const outgoing = this.#outgoing as ServerResponse;
    outgoing.writeHead(status, {
      ...COMMON_HEADERS,
      'content-type': contentType,
      // What shapes the body may change its length.
      ...(this.#isShaped ? {} : { 'content-length': String(bytes.length) }),
      ...headers,
    });
    if (this.request.method !== 'HEAD' && bytes.length > 0) this.write(bytes);
    this.end();
  }

  /** Answers with JSON. */
  json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.respond(status, 'application/json', `${JSON.stringify(value)}\n`, headers);
  }

  write(chunk: Uint8Array): boolean {
    return this.#isOver || this.#sink.write(chunk);
  }

  drained(): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#sink.drained();
  }

  end(): void {
    if (!this.#isOver) this.#sink.end();
  }

  close(): void {
    if (!this.#isOver) this.#sink.close();
  }

  reset(): void {
    this.#sink.reset();
  }
}
