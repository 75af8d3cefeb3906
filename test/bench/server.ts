/** Owns the server of the benchmark, a process of its own: it makes bytes faster than anybody reads them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Load } from './objects/kinds.ts';
import { formsOf, OBJECTS_AT_ONCE, type ServedForm } from './objects/served-form.ts';
import { placesOfNamespace, slotsOf } from './objects/slots.ts';

/** What a server serves. */
export interface ServerOptions extends Load {
  /** Lists are sent compressed. */
  readonly gzip: boolean;
  /** How long objects and lists are waited for; not at all when left out. */
  readonly latencyMs?: number;
}

/** What the owner of the run asks of the server: to make events, to send them, how long that took, who asked. */
export type ServerRequest =
  | { readonly prepare: number }
  | { readonly burst: true }
  | { readonly written: true }
  | { readonly traffic: true }
  | { readonly connections: true };

/** Requests of objects and lists since this was last asked: how many, and the most that were under way at once. */
export interface Traffic {
  readonly requests: number;
  readonly mostAtOnce: number;
}

/** Who watches: in which form, and how many events were made for it. */
interface Watch {
  readonly form: ServedForm;
  readonly sent: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions;
const { objects, oneNamespace } = options;
const forms = formsOf(options);
const compressed = new Map<string, Promise<Buffer>>();
const watching = new Map<ServerResponse, Watch>();
const prepared = new Map<ServerResponse, Buffer[]>();
let numConnections = 0;
let traffic: Traffic = { requests: 0, mostAtOnce: 0 };
let underWay = 0;
/** The last burst: resolves to the milliseconds that its writing took. */
let writing: Promise<number> = Promise.resolve(0);

/** Bytes that may wait in the server: the kernel always has some to go on with. */
const MOST_WAITING = 8 * 1024 * 1024;

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (!response.write(bytes) && response.writableLength > MOST_WAITING) await once(response, 'drain');
}

/** What a request asks for. */
interface Asked {
  readonly form: ServedForm;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
}

function readRequest({ url = '', headers }: IncomingMessage): Asked {
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const [, namespace, name] = /\/namespaces\/([^/]+)\/[^/]+(?:\/([^/]+))?$/.exec(pathname) ?? [];
  const isPartial = headers.accept?.includes('as=PartialObjectMetadata') === true;
  return { form: isPartial ? forms.metadataOnly : forms.whole, namespace, name, query };
}

function sendObject(bytes: Buffer | undefined, response: ServerResponse): void {
  if (bytes === undefined) response.statusCode = 404;
  response.end(
    bytes ?? '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}',
  );
}

async function sendList({ form, namespace, query }: Asked, response: ServerResponse): Promise<void> {
  const [first, end] =
    namespace === undefined ? [0, objects] : placesOfNamespace(objects, oneNamespace, namespace);
  const from = Number(query.get('continue') ?? first);
  const limit = Number(query.get('limit') ?? 0);
  const to = limit > 0 ? Math.min(end, from + limit) : end;
  if (!options.gzip) {
    for (const bytes of form.list(from, to, end)) await write(response, bytes);
    response.end();
    return;
  }
  const key = `${form === forms.whole}-${from}-${to}-${end}`;
  const made =
    compressed.get(key) ?? promisify(gzip)(Buffer.concat([...form.list(from, to, end)]), { level: 1 });
  compressed.set(key, made);
  response.setHeader('content-encoding', 'gzip');
  response.end(await made);
}

async function sendWatch({ form, query }: Asked, response: ServerResponse): Promise<void> {
  response.flushHeaders();
  response.on('close', () => {
    watching.delete(response);
    prepared.delete(response);
  });
  if (query.get('sendInitialEvents') === 'true') {
    for (let at = 0; at < objects; at += OBJECTS_AT_ONCE) {
      await write(response, form.added(at));
    }
    response.write(form.endOfList);
  }
  watching.set(response, { form, sent: 0 });
}

/** Answers what is not a watch; it counts as under way until all of the answer is written. */
async function answer(asked: Asked, response: ServerResponse): Promise<void> {
  underWay++;
  response.on('close', () => underWay--);
  traffic = {
    requests: traffic.requests + 1,
    mostAtOnce: Math.max(traffic.mostAtOnce, underWay),
  };
  if (options.latencyMs !== undefined) await delay(options.latencyMs);
  const { form, namespace, name } = asked;
  if (namespace !== undefined && name !== undefined) sendObject(form.object(namespace, name), response);
  else await sendList(asked, response);
}

/** Makes events: each object in turn, in ever newer versions. */
function prepare(count: number): void {
  for (const [response, { form, sent }] of watching) {
    const chunks: Buffer[] = [];
    for (let at = sent; at < sent + count; at += OBJECTS_AT_ONCE) {
      const length = Math.min(OBJECTS_AT_ONCE, sent + count - at);
      const slots = Array.from({ length }, (_, i) =>
        slotsOf((at + i) % objects, objects + at + i, oneNamespace),
      );
      chunks.push(form.modified.many(slots));
    }
    watching.set(response, { form, sent: sent + count });
    prepared.set(response, chunks);
  }
}

/** Sends the events that were made, as fast as they are taken; gives the milliseconds until the last was written. */
async function burst(): Promise<number> {
  const start = performance.now();
  for (const [response, chunks] of prepared) {
    prepared.delete(response);
    for (const bytes of chunks) await write(response, bytes);
  }
  return performance.now() - start;
}

const server = createServer((request, response) => {
  const asked = readRequest(request);
  response.setHeader('content-type', 'application/json');
  void (asked.query.get('watch') === null ? answer(asked, response) : sendWatch(asked, response));
});
server.on('connection', () => numConnections++);

process.on('message', (request: ServerRequest) => {
  if ('prepare' in request) {
    prepare(request.prepare);
    process.send?.({ prepared: request.prepare });
  } else if ('burst' in request) writing = burst();
  else if ('written' in request) void writing.then((writtenMs) => process.send?.({ writtenMs }));
  else if ('traffic' in request) {
    process.send?.(traffic);
    traffic = { requests: 0, mostAtOnce: 0 };
  } else process.send?.({ connections: numConnections });
});

server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
