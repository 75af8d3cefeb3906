import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  caData,
  http2Server,
  httpServer,
  kubeConfigFor,
  listen,
  textOf,
} from '../../test-support/loopback-server.ts';
import { createTransport } from './create-transport.ts';
import type { TransportResponse } from './transport.ts';

/** The response of a server, read by `use`, and both closed. */
async function reading<T>(
  server: AsyncDisposable & { readonly url: string },
  use: (response: TransportResponse) => Promise<T>,
): Promise<T> {
  await using _server = server;
  const transport = createTransport(kubeConfigFor(server, { cluster: { caData: caData() } }));
  try {
    return await use(await transport.request({ path: '/x', query: { watch: '1' } }));
  } finally {
    await transport.close();
  }
}

function gzipped(...members: Uint8Array[]) {
  return httpServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    for (const member of members) response.write(member);
    response.end();
  });
}

/** A server that sends these bytes over TCP and hangs up. */
function raw(bytes: string) {
  return listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    }),
    'http',
  );
}

async function chunksOf(response: TransportResponse): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of response.body) chunks.push(Buffer.from(chunk).toString());
  return chunks;
}

describe('bodies', () => {
  it('rule 24: hands each gzip member on while the next one is still to come', async () => {
    const next = Promise.withResolvers<void>();
    const server = await httpServer(async (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync('one\n'));
      await next.promise;
      response.write(gzipSync('two\n'));
      response.end(gzipSync('three\n'));
    });
    const seen: string[] = [];
    await reading(server, async ({ body }) => {
      for await (const chunk of body) {
        seen.push(Buffer.from(chunk).toString());
        next.resolve();
      }
    });
    expect(seen[0]).toBe('one\n');
    expect(seen.join('')).toBe('one\ntwo\nthree\n');
  });

  it('rule 24: hands on what a flush inside a member has brought', async () => {
    const { createGzip, constants } = await import('node:zlib');
    const next = Promise.withResolvers<void>();
    const server = await httpServer(async (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      gzip.pipe(response);
      gzip.write('one\n');
      await next.promise;
      gzip.end('two\n');
    });
    const seen: string[] = [];
    await reading(server, async ({ body }) => {
      for await (const chunk of body) {
        seen.push(Buffer.from(chunk).toString());
        next.resolve();
      }
    });
    expect(seen).toEqual(['one\n', 'two\n']);
  });

  it('reads many gzip members, however the bytes are cut', async () => {
    const members = Buffer.concat(Array.from({ length: 50 }, (_, index) => gzipSync(`${index}\n`)));
    const pieces = Array.from({ length: Math.ceil(members.length / 13) }, (_, i) =>
      members.subarray(13 * i, 13 * i + 13),
    );
    const text = await reading(await gzipped(...pieces), ({ body }) => textOf(body));
    expect(text).toBe(Array.from({ length: 50 }, (_, index) => `${index}\n`).join(''));
  });

  it('reads an empty body that claims to be gzip', async () => {
    expect(await reading(await gzipped(), chunksOf)).toEqual([]);
  });

  it('refuses gzip that breaks off, and gzip that is damaged', async () => {
    const whole = gzipSync('x'.repeat(1000));
    await expect(reading(await gzipped(whole.subarray(0, -9)), chunksOf)).rejects.toMatchObject({
      code: 'TRUNCATED',
    });
    await expect(reading(await gzipped(whole, whole.subarray(0, 15)), chunksOf)).rejects.toMatchObject({
      code: 'TRUNCATED',
    });
    const damaged = Buffer.from(whole);
    damaged[12] = 0xff;
    damaged[13] = 0xff;
    await expect(reading(await gzipped(damaged), chunksOf)).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(reading(await gzipped(Buffer.from('no gzip')), chunksOf)).rejects.toMatchObject({
      code: 'NETWORK',
    });
  });

  it('refuses an encoding that nobody asked for', async () => {
    const server = await httpServer((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
    );
    await expect(reading(server, chunksOf)).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it.each([
    ['a content-length that is not reached', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345'],
    ['a chunked body without its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n'],
    ['a chunk cut in the middle', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123'],
  ])('refuses %s', async (_what, bytes) => {
    const error = await reading(await raw(bytes), chunksOf).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'TRUNCATED', retryable: true });
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ /);
  });

  it('tells a connection that is reset', async () => {
    const server = await listen(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345', () => socket.resetAndDestroy());
        });
      }),
      'http',
    );
    await expect(reading(server, chunksOf)).rejects.toMatchObject({ code: 'CONNECTION_RESET' });
  });

  it('refuses an HTTP/2 stream that is reset', async () => {
    const server = await http2Server((_request, response) => {
      response.write('12345');
      setImmediate(() => response.stream.close(2));
    });
    const error = await reading(server, chunksOf).catch((reason) => reason);
    expect(error).toMatchObject({ retryable: true });
    expect(['TRUNCATED', 'CONNECTION_RESET']).toContain(error.code);
  });

  it('refuses an HTTP/2 body whose connection is lost', async () => {
    const server = await http2Server((_request, response) => {
      response.write('12345');
      setImmediate(() => response.stream.session?.destroy());
    });
    await expect(reading(server, chunksOf)).rejects.toMatchObject({ retryable: true });
  });

  it('survives a body that fails before somebody reads it', async () => {
    const server = await raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345');
    const failed = await reading(server, async (response) => {
      await new Promise((resolve) => setImmediate(resolve));
      return chunksOf(response).catch((error) => error);
    });
    expect(failed.code).toBe('TRUNCATED');
  });
});
