/** A bare client for contract tests: what went over the wire is what a test sees. */
import { randomBytes } from 'node:crypto';
import { Agent, fetch, type Response } from 'undici';
import type { ServerUnderTest } from './server-under-test.ts';

/** JSON as tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: a contract test reads whatever a server sent, of any shape
export type Json = any;

/** How a request is sent. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Response['headers'];
  /** Parsed where it is JSON, else text. */
  readonly body: Json;
}

interface ChunkReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

/** One watch, read frame by frame. */
export class WatchReader {
  readonly #abort: AbortController;
  readonly #frames: AsyncGenerator<Json>;

  constructor(reader: ChunkReader, abort: AbortController) {
    this.#abort = abort;
    this.#frames = readFrames(reader);
  }

  /** The next event; undefined once the stream has ended. */
  async next(): Promise<Json | undefined> {
    const { value, done } = await this.#frames.next();
    return done ? undefined : value;
  }

  /** The next `count` events. */
  async take(count: number): Promise<Json[]> {
    const events: Json[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined) throw new Error(`the watch ended after ${events.length} of ${count} events`);
      events.push(event);
    }
    return events;
  }

  /** Everything up to the end of the stream. */
  async rest(): Promise<Json[]> {
    const events: Json[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) events.push(event);
    return events;
  }

  close(): void {
    this.#abort.abort();
  }
}

async function* readFrames(reader: ChunkReader): AsyncGenerator<Json> {
  let pending = Buffer.alloc(0);
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    pending = Buffer.concat([pending, chunk.value ?? Buffer.alloc(0)]);
    for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
      yield JSON.parse(pending.subarray(0, end).toString());
      pending = pending.subarray(end + 1);
    }
  }
  if (pending.length > 0) throw new Error('the watch ended in the middle of a frame');
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** What a client needs to know of its server. */
export type ServerAddress = Pick<ServerUnderTest, 'url' | 'authorization' | 'ca'>;

/** Sends requests to the server under test. */
export class ApiClient {
  readonly #server: ServerAddress;
  readonly #agent: Agent;

  constructor(server: ServerAddress) {
    this.#server = server;
    this.#agent = new Agent({ allowH2: true, connect: server.ca === undefined ? {} : { ca: server.ca } });
  }

  async send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const {
      body,
      accept = 'application/json',
      contentType = 'application/json',
      headers = {},
      signal,
    } = options;
    return fetch(`${this.#server.url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: {
        accept,
        authorization: this.#server.authorization,
        ...(body !== undefined && { 'content-type': contentType }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.send(method, path, options);
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const isJson = contentType.startsWith('application/json') && text !== '';
    if (!isJson) return { status: response.status, contentType, headers: response.headers, body: text };
    return {
      status: response.status,
      contentType,
      headers: response.headers,
      body: JSON.parse(text),
    };
  }

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('GET', path, options);
  }

  post(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('POST', path, { ...options, body });
  }

  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('PUT', path, { ...options, body });
  }

  patch(
    path: string,
    type: 'json-patch' | 'merge-patch' | 'strategic-merge-patch',
    body: unknown,
  ): Promise<Answer> {
    return this.request('PATCH', path, { body, contentType: `application/${type}+json` });
  }

  apply(path: string, body: unknown): Promise<Answer> {
    return this.request('PATCH', path, { body, contentType: 'application/apply-patch+yaml' });
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.request('DELETE', path, body === undefined ? {} : { body });
  }

  /** Opens a watch; the head of the response has arrived when this resolves. */
  async watch(path: string, accept = 'application/json'): Promise<WatchReader> {
    const abort = new AbortController();
    const response = await this.send('GET', path, { accept, signal: abort.signal });
    if (response.status !== 200 || !response.body)
      throw new Error(`watch: ${response.status} ${await response.text()}`);
    // Taken at once: fetch cancels a body that nobody reads when its response is collected as garbage.
    return new WatchReader(response.body.getReader(), abort);
  }

  /** Creates a namespace for one test; gives the path below which its objects are. */
  async namespace(): Promise<{ readonly name: string; readonly path: string }> {
    const name = `contract-${randomBytes(5).toString('hex')}`;
    await this.post('/api/v1/namespaces', { metadata: { name } });
    return { name, path: `/api/v1/namespaces/${name}` };
  }

  /** Creates config maps with these names and gives the resource version of each. */
  async configMaps(
    path: string,
    names: readonly string[],
    labels: Record<string, string> = {},
  ): Promise<string[]> {
    const versions: string[] = [];
    for (const name of names) {
      const { status, body } = await this.post(`${path}/configmaps`, {
        metadata: { name, labels },
        data: { of: name },
      });
      if (status !== 201) throw new Error(`create ${name}: ${status} ${JSON.stringify(body)}`);
      versions.push(body.metadata.resourceVersion);
    }
    return versions;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** The names of a list's items. */
export function namesOf(list: Json): string[] {
  return list.items.map((item: Json) => item.metadata.name);
}

/** Type and name of each event. */
export function eventsOf(events: readonly Json[]): string[] {
  return events.map((event) =>
    `${event.type} ${event.object.metadata?.name ?? event.object.code ?? ''}`.trim(),
  );
}
