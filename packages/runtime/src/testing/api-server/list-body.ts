/** Owns how a list is written: in chunks, as fast as the client reads, compressed where that pays. */
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { writeContinueToken } from './continue-token.ts';
import type { Exchange } from './exchange.ts';
import { GZIP_HEADERS } from './gzipped-body.ts';
import type { ListPage } from './list-page.ts';
import type { Representation } from './representation.ts';
import type { StoredObject } from './stored-object.ts';

const CHUNK = 64 * 1024;
const COMPRESS_FROM = 128 * 1024;
const COMMA = Buffer.from(',');

function head(representation: Representation, page: ListPage, resourceVersion: string): Buffer {
  const { kind, apiVersion, members, items } = representation.list;
  const metadata = {
    resourceVersion,
    ...(page.next && { continue: writeContinueToken(page.next) }),
    ...(page.remaining !== undefined && { remainingItemCount: page.remaining }),
  };
  const start = JSON.stringify({ kind, apiVersion, metadata }).slice(0, -1);
  return Buffer.from(`${start},${members}"${items}":[`);
}

function* parts(
  first: Buffer,
  representation: Representation,
  items: Iterable<StoredObject>,
): Generator<Uint8Array> {
  yield first;
  let separate = false;
  for (const stored of items) {
    if (separate) yield COMMA;
    separate = true;
    yield* representation.item(stored);
  }
  yield Buffer.from(']}\n');
}

/** Joins parts to chunks of about 64 KiB, so that each write is worth its cost. */
function* chunks(pieces: Iterable<Uint8Array>): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(CHUNK);
  let used = 0;
  for (const piece of pieces) {
    if (used + piece.length > CHUNK && used > 0) {
      yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafe(CHUNK);
      used = 0;
    }
    if (piece.length > CHUNK) yield Buffer.from(piece);
    else {
      chunk.set(piece, used);
      used += piece.length;
    }
  }
  yield chunk.subarray(0, used);
}

async function writePlain(exchange: Exchange, body: Iterable<Buffer>): Promise<void> {
  for (const chunk of body) {
    if (exchange.isOver) return;
    if (!exchange.write(chunk)) await exchange.drained();
  }
  exchange.end();
}

async function writeCompressed(exchange: Exchange, body: Iterable<Buffer>): Promise<void> {
  const gzip = createGzip({ level: 1 });
  const forwarded = forward(gzip, exchange);
  for (const chunk of body) {
    if (exchange.isOver) break;
    if (!gzip.write(chunk)) await once(gzip, 'drain');
  }
  gzip.end();
  await forwarded;
}

async function forward(source: AsyncIterable<Buffer>, exchange: Exchange): Promise<void> {
  for await (const chunk of source) if (!exchange.write(chunk)) await exchange.drained();
  exchange.end();
}

/** Writes one page as the body of a list. */
export async function writeListBody(
  exchange: Exchange,
  representation: Representation,
  page: ListPage,
  resourceVersion: string,
): Promise<void> {
  const body = chunks(parts(head(representation, page, resourceVersion), representation, page.items));
  const first: Buffer[] = [];
  let length = 0;
  // Whether the list is long enough to be compressed shows after its first chunks.
  while (length < COMPRESS_FROM) {
    const { value, done } = body.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  if (length < COMPRESS_FROM) return exchange.respond(200, 'application/json', Buffer.concat(first, length));
  const all = (function* (): Generator<Buffer> {
    yield* first;
    yield* body;
  })();
  const compress = exchange.takesGzip && exchange.request.method !== 'HEAD';
  exchange.begin(200, {
    'content-type': 'application/json',
    ...(compress && GZIP_HEADERS),
  });
  await (compress ? writeCompressed(exchange, all) : writePlain(exchange, all));
}
