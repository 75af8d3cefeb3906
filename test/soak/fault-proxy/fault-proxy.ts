/** Owns the proxy between a soak's watchers and its server: HTTP/1.1 on loopback, with faults at the bytes' level. */
import { once } from 'node:events';
import {
  type Agent,
  createServer,
  Agent as HttpAgent,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as secureRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Upstream } from '../world/soak-server.ts';
import { type Asked, readAsked } from './asked.ts';
import { type Fault, type FaultKind, isRequestFault, isStreamFault, type RequestFaultKind } from './fault.ts';
import { OldAnswers } from './old-answers.ts';
import { type BodyEnd, Relay } from './relay.ts';
import { refusal, type WholeAnswer } from './status-answer.ts';

/** How a proxy is started. */
export interface FaultProxyOptions {
  readonly upstream: Upstream;
  /** How much faster the watchers' clock runs than the server's. */
  readonly speed: number;
  /** Hears of every request. */
  readonly onRequest?: (asked: Asked) => void;
  /** A bug to be found: every so many frames of each stream one is not sent. */
  readonly losesEvery?: number | undefined;
}

const HOST = '127.0.0.1';
/** How many of the faults of requests are for those of an on-demand store. */
const SHARE_OF_READS = 0.25;
const BODY_ENDS = { 'cut-body': 'cut', 'stall-body': 'stall', 'truncate-body': 'truncate' } as const;

/** Between watchers and server. */
export class FaultProxy implements AsyncDisposable {
  readonly #options: FaultProxyOptions;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #relays = new Set<Relay>();
  readonly #pending: (Fault & { readonly kind: RequestFaultKind })[] = [];
  readonly #old = new OldAnswers();
  readonly #counts = new Map<FaultKind, number>();
  readonly #closed = new AbortController();
  #port = 0;
  #restarting: Promise<void> | undefined;

  /** Use `startFaultProxy`. */
  constructor(options: FaultProxyOptions) {
    const { url, ca } = options.upstream;
    this.#options = options;
    this.#agent = url.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ca })
      : new HttpAgent({ keepAlive: true });
    this.#server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (incoming, response) => {
      void this.#answer(incoming, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get url(): string {
    return `http://${HOST}:${this.#port}`;
  }

  /** Connections that watchers have open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Faults that have met something, by kind. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, HOST);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Makes something go wrong, now or with the next request that it fits to. */
  inflict({ kind, pick, amount }: Fault): void {
    if (isStreamFault(kind)) {
      const streams = [...this.#relays].filter((relay) => relay.isStream && !relay.isOver);
      const met = streams[Math.floor(pick * streams.length)];
      if (met === undefined) return;
      this.#count(kind);
      met.inflict({ kind, pick, amount });
    } else if (isRequestFault(kind)) this.#pending.push({ kind, pick, amount });
    else if (kind === 'restart' && this.#restarting === undefined) {
      this.#count(kind);
      this.#restarting = this.#restart(amount);
    }
  }

  /** Nothing goes wrong any more. What is stalled stays so: to find that out is up to the watcher. */
  async calm(): Promise<void> {
    this.#pending.length = 0;
    for (const relay of this.#relays) relay.calm();
    await this.#restarting;
  }

  /** Ends all connections. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#restarting;
    if (this.#server.listening) await this.#stopListening();
    this.#agent.destroy();
  }

  async #restart(ms: number): Promise<void> {
    await this.#stopListening();
    await sleep(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    if (!this.#closed.signal.aborted) await this.listen();
    this.#restarting = undefined;
  }

  async #stopListening(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #count(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = readAsked(incoming.url ?? '/', this.#options.speed);
    this.#options.onRequest?.(asked);
    response.on('error', () => undefined);
    const fault = this.#faultOf(asked);
    if (fault !== undefined) this.#count(fault.kind);
    if (fault === undefined) return this.#forward(asked, incoming, response, undefined);
    switch (fault.kind) {
      case 'no-answer':
        return;
      case 'status':
        return send(response, refusal(fault.amount, (fault.pick * 64) % 1));
      case 'replay':
        return send(response, this.#old.find(asked) ?? refusal(503, 0.5));
      case 'delay':
        await sleep(fault.amount, undefined, { signal: this.#closed.signal }).catch(() => undefined);
        return this.#forward(asked, incoming, response, undefined);
      default:
        return this.#forward(asked, incoming, response, {
          how: BODY_ENDS[fault.kind],
          afterBytes: fault.amount,
        });
    }
  }

  /** The first fault that fits to a request; it is used up. */
  #faultOf(asked: Asked): (Fault & { readonly kind: RequestFaultKind }) | undefined {
    const index = this.#pending.findIndex((fault) => this.#fits(fault, asked));
    return index < 0 ? undefined : this.#pending.splice(index, 1)[0];
  }

  /** Reads on demand are many: without a share of their own they would use up all faults. */
  #fits({ kind, pick }: Fault, asked: Asked): boolean {
    if (kind === 'replay') return this.#old.find(asked) !== undefined;
    const isRead = asked.kind === 'get' || asked.kind === 'namespace-list';
    return isRead === pick < SHARE_OF_READS;
  }

  #forward(
    asked: Asked,
    incoming: IncomingMessage,
    response: ServerResponse,
    end: BodyEnd | undefined,
  ): void {
    if (response.destroyed) return;
    const { url, authorization } = this.#options.upstream;
    const { accept = '', 'accept-encoding': encoding, 'user-agent': agent = '' } = incoming.headers;
    const isStream = asked.kind === 'watch' || asked.kind === 'watch-list';
    const headers = {
      accept,
      'user-agent': agent,
      ...(authorization === undefined ? undefined : { authorization }),
      // Faults look into the frames of streams.
      ...(isStream || encoding === undefined ? undefined : { 'accept-encoding': encoding }),
    };
    const ask = url.startsWith('https:') ? secureRequest : request;
    const outgoing = ask(`${url}${asked.path}`, { agent: this.#agent, headers });
    outgoing.on('error', () => response.destroy());
    outgoing.on('response', (answer) => this.#relay(asked, answer, response, end));
    response.on('close', () => outgoing.destroy());
    outgoing.end();
  }

  #relay(asked: Asked, answer: IncomingMessage, response: ServerResponse, end: BodyEnd | undefined): void {
    const { 'transfer-encoding': _, 'content-length': __, connection: ___, ...headers } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, headers);
    response.flushHeaders();
    if (answer.statusCode === 200 && this.#old.fits(asked)) this.#remember(asked, answer);
    const relay = new Relay(asked, answer, response, end);
    this.#relays.add(relay);
    response.on('close', () => this.#relays.delete(relay));
    const { losesEvery } = this.#options;
    if (losesEvery !== undefined && asked.kind === 'watch')
      relay.inflict({ kind: 'lose', pick: 0, amount: losesEvery });
  }

  #remember(asked: Asked, answer: IncomingMessage): void {
    const { 'content-type': type = '', 'content-encoding': encoding } = answer.headers;
    const headers = {
      'content-type': type,
      ...(encoding === undefined ? undefined : { 'content-encoding': encoding }),
    };
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => this.#old.keep(asked, { status: 200, headers, body: Buffer.concat(chunks) }));
  }
}

function send(response: ServerResponse, { status, headers, body }: WholeAnswer): void {
  response.writeHead(status, headers as Record<string, string>).end(body);
}

/** Starts a proxy on a free port. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new FaultProxy(options);
  await proxy.listen();
  return proxy;
}
