/** Owns a server of ConfigMaps made of bare bytes: it behaves until it is told what to send instead. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

/** Stands in everything that is sent; must never stand in a message. */
export const CONTENTS = 'contents-of-a-config-map';
/** The bearer token of the kubeconfig; must never stand in a message either. */
export const TOKEN = 'token-of-the-user';

/** What was asked for. */
export type Asked = 'list' | 'watch' | 'watch-list' | 'other';

export interface AskedRequest {
  readonly kind: Asked;
  readonly query: Readonly<Record<string, string>>;
  /** Milliseconds of a clock of its own. */
  readonly at: number;
}

/** Answers one request in place of the server. */
export type Answer = (response: ServerResponse) => void;

/** An answer with this body and nothing else wrong. */
export function body(
  text: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** The frames of a watch, which stays open behind them. */
export function openFrames(...frames: readonly (string | Uint8Array)[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(Buffer.concat(frames.map((frame) => Buffer.concat([Buffer.from(frame), NEWLINE]))));
  };
}

/** A list of these items; what is given as `members` replaces the usual members, as JSON text. */
export function listText(
  items: readonly string[],
  resourceVersion: string | number,
  members: Readonly<Record<string, string | undefined>> = {},
): string {
  const usual = {
    kind: '"ConfigMapList"',
    apiVersion: '"v1"',
    metadata: `{"resourceVersion":"${resourceVersion}"}`,
    items: `[${items.join(',')}]`,
    ...members,
  };
  const written = Object.entries(usual).filter(([, value]) => value !== undefined);
  return `{${written.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

/** The text of a ConfigMap. */
export function configMapText(
  name: string,
  resourceVersion: number,
  data = `{"text":"${CONTENTS}"}`,
): string {
  return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"shop","name":"${name}","uid":"uid-${name}","resourceVersion":"${resourceVersion}"},"data":${data}}`;
}

export function frameText(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}`;
}

/** A bookmark; `end` completes the initial events. */
export function bookmarkText(resourceVersion: number, end = false): string {
  const annotations = end ? ',"annotations":{"k8s.io/initial-events-end":"true"}' : '';
  return frameText(
    'BOOKMARK',
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":"${resourceVersion}"${annotations}}}`,
  );
}

const NEWLINE = Buffer.from('\n');

function kindOf(url: URL): Asked {
  if (!url.pathname.endsWith('/configmaps')) return 'other';
  if (url.searchParams.get('sendInitialEvents') === 'true') return 'watch-list';
  return url.searchParams.has('watch') ? 'watch' : 'list';
}

/** Certificate and key in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Keeps ConfigMaps as text, serves them, and sends what it is told to. */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: AskedRequest[] = [];
  /** Connections that were opened so far. */
  connections = 0;
  readonly #server: ReturnType<typeof createServer> | TlsServer;
  readonly #tls: boolean;
  readonly #items = new Map<string, string>();
  readonly #history: { readonly version: number; readonly frame: string }[] = [];
  readonly #scripts = new Map<Asked, { readonly answer: Answer; left: number }[]>();
  readonly #watches = new Set<ServerResponse>();
  readonly #sockets = new Set<Socket>();
  #version = 10;

  private constructor(identity: Identity | undefined) {
    const listener: RequestListener = (request, response) => this.#take(request, response);
    this.#tls = identity !== undefined;
    this.#server = identity === undefined ? createServer(listener) : createTlsServer(identity, listener);
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(names: readonly string[] = [], identity?: Identity): Promise<ScriptedServer> {
    const server = new ScriptedServer(identity);
    for (const name of names) server.keep(name);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  get kubeConfig(): KubeConfig {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'cluster', server: this.url, skipTLSVerify: false },
      { name: 'user', token: TOKEN },
    );
    return kubeConfig;
  }

  get version(): number {
    return this.#version;
  }

  /** Whether somebody is watching. */
  get watching(): boolean {
    return this.#watches.size > 0;
  }

  /** Everything it holds, as text. */
  get items(): readonly string[] {
    return [...this.#items.values()];
  }

  /** Stores a ConfigMap without telling the watches; gives its frame. */
  keep(name: string, text?: string): string {
    const known = this.#items.has(name);
    const version = ++this.#version;
    const object = text ?? configMapText(name, version);
    this.#items.set(name, object);
    const frame = frameText(known ? 'MODIFIED' : 'ADDED', object);
    this.#history.push({ version, frame });
    return frame;
  }

  /** Stores a ConfigMap and tells the watches. */
  write(name: string, text?: string): void {
    this.send(this.keep(name, text));
  }

  /** Sends lines to the open watches, all in one piece. */
  send(...frames: readonly (string | Uint8Array)[]): void {
    const bytes = Buffer.concat(frames.map((frame) => Buffer.concat([Buffer.from(frame), NEWLINE])));
    for (const watch of this.#watches) watch.write(bytes);
  }

  /** The next requests of this kind are answered so; the function that comes back ends it. */
  answer(kind: Asked, answer: Answer, times = Number.POSITIVE_INFINITY): () => void {
    const script = { answer, left: times };
    const scripts = this.#scripts.get(kind) ?? [];
    this.#scripts.set(kind, [...scripts, script]);
    return () => {
      script.left = 0;
    };
  }

  /** How often it was asked for one kind, or for anything. */
  asked(kind?: Asked): readonly AskedRequest[] {
    return kind === undefined ? this.requests : this.requests.filter((request) => request.kind === kind);
  }

  /** Cuts all connections. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on it shows another certificate. */
  setIdentity(identity: Identity): void {
    (this.#server as TlsServer).setSecureContext(identity);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    const kind = kindOf(url);
    this.requests.push({ kind, query: Object.fromEntries(url.searchParams), at: performance.now() });
    response.on('error', () => undefined);
    const script = this.#scripts.get(kind)?.find(({ left }) => left > 0);
    if (script !== undefined) {
      script.left--;
      script.answer(response);
    } else this.#behave(kind, url, response);
    if (response.writableEnded || kind === 'list' || kind === 'other') return;
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }

  #behave(kind: Asked, url: URL, response: ServerResponse): void {
    switch (kind) {
      case 'other':
        body('{"kind":"Status","code":503}', {}, 503)(response);
        break;
      case 'list':
        body(listText(this.items, this.#version))(response);
        break;
      case 'watch-list': {
        const added = this.items.map((item) => frameText('ADDED', item));
        openFrames(...added, bookmarkText(this.#version, true))(response);
        break;
      }
      case 'watch': {
        const since = Number(url.searchParams.get('resourceVersion'));
        const missed = this.#history.filter(({ version }) => version > since);
        openFrames(...missed.map(({ frame }) => frame))(response);
        response.flushHeaders();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
