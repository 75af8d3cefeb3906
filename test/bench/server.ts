/** Owns the server of the benchmark, a process of its own: it makes bytes faster than anybody reads them. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { KINDS, type Load } from './objects/kinds.ts';
import { ObjectBytes } from './objects/object-bytes.ts';
import { listOrder, listVersion, type Slots, slotsOf } from './objects/slots.ts';

/** What a server serves. */
export interface ServerOptions extends Load {
  /** Lists are sent compressed. */
  readonly gzip: boolean;
}

/** What the owner of the run asks of the server: to make events, to send them, how long that took, who connected. */
export type ServerRequest =
  | { readonly prepare: number }
  | { readonly burst: true }
  | { readonly written: true }
  | { readonly connections: true };

const OBJECTS_AT_ONCE = 500;

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions;
const { objects, oneNamespace } = options;
const { apiVersion, kind, listKind, make } = KINDS[options.kind];
const version = listVersion(objects);
const order = listOrder(objects, oneNamespace);
const item = kept(new ObjectBytes(unnamed, '', ','));
const added = kept(new ObjectBytes(make, '{"type":"ADDED","object":', '}\n'));
const modified = new ObjectBytes(make, '{"type":"MODIFIED","object":', '}\n');
const endOfList = frame('BOOKMARK', {
  kind,
  apiVersion,
  metadata: { resourceVersion: version, annotations: { 'k8s.io/initial-events-end': 'true' } },
});
const itemLength = new ObjectBytes(unnamed, '', ',').length;
const compressed = new Map<string, Promise<Buffer>>();
/** Who watches, and how many events were made for each. */
const watching = new Map<ServerResponse, number>();
const prepared = new Map<ServerResponse, Buffer[]>();
let numConnections = 0;
/** The last burst: resolves to the milliseconds that its writing took. */
let writing: Promise<number> = Promise.resolve(0);

/** In lists, items of built-in types carry neither apiVersion nor kind. */
function unnamed(slots: Slots): object {
  const { apiVersion: _, kind: __, ...rest } = make(slots) as { apiVersion: string; kind: string };
  return rest;
}

function frame(type: string, object: object): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

/** Those of a run of objects in the order of a list. */
function slotsBetween(from: number, to: number): Slots[] {
  return order.slice(from, to).map((index) => slotsOf(index, index, oneNamespace));
}

/** The bytes of a run of objects, which are made once: the server is not what is measured. */
function kept(bytes: ObjectBytes): (from: number) => Buffer {
  const made = new Map<number, Buffer>();
  return (from) => {
    const known = made.get(from) ?? bytes.many(slotsBetween(from, Math.min(objects, from + OBJECTS_AT_ONCE)));
    made.set(from, known);
    return known;
  };
}

/** Bytes that may wait in the server: the kernel always has some to go on with. */
const MOST_WAITING = 8 * 1024 * 1024;

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (!response.write(bytes) && response.writableLength > MOST_WAITING) await once(response, 'drain');
}

function* listOf(from: number, to: number): Iterable<Buffer> {
  const token = to < objects ? `,"continue":"${to}"` : '';
  const metadata = `"metadata":{"resourceVersion":"${version}"${token}}`;
  yield Buffer.from(`{"kind":"${listKind}","apiVersion":"${apiVersion}",${metadata},"items":[`);
  for (let at = from; at < to; at += OBJECTS_AT_ONCE) {
    const isLast = at + OBJECTS_AT_ONCE >= to;
    const bytes = item(at).subarray(0, (to - at) * itemLength);
    yield isLast ? bytes.subarray(0, -1) : bytes;
  }
  yield Buffer.from(']}\n');
}

async function sendList(query: URLSearchParams, response: ServerResponse): Promise<void> {
  const from = Number(query.get('continue') ?? 0);
  const limit = Number(query.get('limit') ?? 0);
  const to = limit > 0 ? Math.min(objects, from + limit) : objects;
  if (!options.gzip) {
    for (const bytes of listOf(from, to)) await write(response, bytes);
    response.end();
    return;
  }
  const key = `${from}-${to}`;
  const made = compressed.get(key) ?? promisify(gzip)(Buffer.concat([...listOf(from, to)]), { level: 1 });
  compressed.set(key, made);
  response.setHeader('content-encoding', 'gzip');
  response.end(await made);
}

async function sendWatch(query: URLSearchParams, response: ServerResponse): Promise<void> {
  response.flushHeaders();
  response.on('close', () => {
    watching.delete(response);
    prepared.delete(response);
  });
  if (query.get('sendInitialEvents') === 'true') {
    for (let at = 0; at < objects; at += OBJECTS_AT_ONCE) {
      await write(response, added(at));
    }
    response.write(endOfList);
  }
  watching.set(response, 0);
}

/** Makes events: each object in turn, in ever newer versions. */
function prepare(count: number): void {
  for (const [response, sent] of watching) {
    const chunks: Buffer[] = [];
    for (let at = sent; at < sent + count; at += OBJECTS_AT_ONCE) {
      const length = Math.min(OBJECTS_AT_ONCE, sent + count - at);
      const slots = Array.from({ length }, (_, i) =>
        slotsOf((at + i) % objects, objects + at + i, oneNamespace),
      );
      chunks.push(modified.many(slots));
    }
    watching.set(response, sent + count);
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
  const query = new URL(request.url ?? '', 'http://localhost').searchParams;
  response.setHeader('content-type', 'application/json');
  void (query.get('watch') === null ? sendList(query, response) : sendWatch(query, response));
});
server.on('connection', () => numConnections++);

process.on('message', (request: ServerRequest) => {
  if ('prepare' in request) {
    prepare(request.prepare);
    process.send?.({ prepared: request.prepare });
  } else if ('burst' in request) writing = burst();
  else if ('written' in request) void writing.then((writtenMs) => process.send?.({ writtenMs }));
  else process.send?.({ connections: numConnections });
});

server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
