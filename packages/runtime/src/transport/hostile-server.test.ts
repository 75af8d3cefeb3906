/** Owns what a server may do to a connection without being able to do harm: bytes on sockets that no HTTP server sends. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { constants, createGzip, gzipSync } from 'node:zlib';
import { FirnError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { kubeConfigFor, type LoopbackServer, listen, textOf } from '../../test-support/loopback-server.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';
import { readBody } from './read-body.ts';
import { readStatus } from './read-status.ts';
import type { Transport, TransportResponse } from './transport.ts';

const MIB = 1024 * 1024;

/** Answers each request on a socket as told. */
async function rawServer(answer: (socket: Socket) => unknown): Promise<LoopbackServer> {
  return listen(
    createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (request) => {
          if (request.includes('\r\n\r\n')) void answer(socket);
        });
    }),
    'http',
  );
}

/** Writes the same again and again, as fast as it is taken, until the client has had enough. */
async function forEver(socket: Socket, piece: string | Uint8Array): Promise<void> {
  while (!socket.destroyed) if (!socket.write(piece)) await once(socket, 'drain').catch(() => undefined);
}

function transportTo(server: LoopbackServer, options: TransportOptions = {}): Transport & AsyncDisposable {
  const transport = createTransport(kubeConfigFor(server, { user: { token: 'sesame' } }), options);
  return Object.assign(transport, { [Symbol.asyncDispose]: () => transport.close() });
}

async function refusal(attempt: Promise<unknown>): Promise<FirnError> {
  const error = await attempt.then(
    () => new Error('it was answered'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FirnError);
  return error as FirnError;
}

const whole = async (response: Promise<TransportResponse>): Promise<string> => textOf((await response).body);

describe('a server that sends', () => {
  it.each([
    ['a header line of 64 KiB', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(64 * 1024)}\r\n\r\n`],
    ['ten thousand headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`],
    ['no HTTP', '\u0000\u0001\u0002 nothing that was asked for\r\n\r\n'],
    ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nhello'],
    [
      'a switch to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello',
    ],
  ])('%s is refused', async (_, bytes) => {
    await using server = await rawServer((socket) => socket.write(bytes));
    await using transport = transportTo(server, { headersTimeout: 500 });
    const error = await refusal(whole(transport.request({ path: '/a' })));
    expect(['NETWORK', 'CONNECTION_RESET', 'TRUNCATED', 'TIMEOUT']).toContain(error.code);
    expect(error.message).toContain('127.0.0.1');
    expect(error.message.length).toBeLessThan(300);
  });

  it.each([
    ['headers', 'x-more: y\r\n', 'HTTP/1.1 200 OK\r\n'],
    ['provisional answers', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', ''],
    ['a header line', 'x'.repeat(1024), 'HTTP/1.1 200 OK\r\nx: '],
    ['a reason', 'x'.repeat(1024), 'HTTP/1.1 200 '],
  ])('%s without end is left', async (_, piece, first) => {
    let sent: Socket | undefined;
    await using server = await rawServer(async (socket) => {
      sent = socket;
      socket.write(first);
      await forEver(socket, piece);
    });
    await using transport = transportTo(server, { headersTimeout: 300, connectTimeout: 200 });
    const error = await refusal(transport.request({ path: '/a' }));
    expect(['NETWORK', 'TIMEOUT']).toContain(error.code);
    await expect.poll(() => sent?.destroyed).toBe(true);
  });

  it.each([
    ['fewer bytes than it announced', 'content-length: 10\r\n\r\nhello', 'TRUNCATED'],
    ['a chunk whose length is none', 'transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n', undefined],
    [
      'a chunk of a length beyond all numbers',
      'transfer-encoding: chunked\r\n\r\nfffffffffffffffffff\r\nhello',
      undefined,
    ],
    [
      'a chunk longer than its length',
      'transfer-encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n',
      undefined,
    ],
    [
      'chunks that end in the middle',
      'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwor',
      'TRUNCATED',
    ],
  ])('%s breaks off', async (_, rest, code) => {
    await using server = await rawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    await using transport = transportTo(server);
    const error = await refusal(whole(transport.request({ path: '/a' })));
    expect(error).toMatchObject(code === undefined ? { code: expect.any(String) } : { code });
    expect(JSON.stringify(error)).not.toContain('hello');
  });

  it('more bytes than it announced is believed in what it announced, and the rest is no answer to anything', async () => {
    let asked = 0;
    await using server = await rawServer((socket) => {
      asked++;
      const stray = asked === 1 ? 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong' : '';
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello${stray}`);
    });
    await using transport = transportTo(server);
    expect(await whole(transport.request({ path: '/a' }))).toBe('hello');
    const second = await whole(transport.request({ path: '/b' })).catch((error: FirnError) => error.code);
    expect(['hello', 'NETWORK', 'CONNECTION_RESET']).toContain(second);
  });
});

describe('a response that grows when it is unpacked', () => {
  /** A gigabyte of nothing, in a megabyte. */
  async function bomb(socket: Socket, head: string): Promise<void> {
    socket.write(`HTTP/1.1 ${head}\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n`);
    const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
    const piece = Buffer.alloc(MIB, 'x');
    gzip.on('data', (bytes: Buffer) => void socket.write(bytes));
    for (let i = 0; i < 1024 && !socket.destroyed; i++) if (!gzip.write(piece)) await once(gzip, 'drain');
    gzip.end();
  }

  it('is left at the limit of what is read in one piece', async () => {
    await using server = await rawServer((socket) => bomb(socket, '200 OK'));
    await using transport = transportTo(server);
    const { body } = await transport.request({ path: '/a' });
    expect(await refusal(readBody(body))).toMatchObject({ code: 'FRAME_TOO_LARGE' });
  });

  it('is read for 64 KiB where it is a refusal', async () => {
    await using server = await rawServer((socket) => bomb(socket, '500 Oops'));
    await using transport = transportTo(server);
    const { code, message } = await readStatus(await transport.request({ path: '/a' }));
    expect([code, message.length]).toEqual([500, 301]);
  });

  it('comes in pieces of 64 KiB at most, whatever a piece was packed into', async () => {
    const packed = gzipSync(Buffer.alloc(64 * MIB, ' '));
    await using server = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
      socket.write(packed);
    });
    await using transport = transportTo(server);
    let bytes = 0;
    let largest = 0;
    for await (const { length } of (await transport.request({ path: '/a' })).body) {
      bytes += length;
      largest = Math.max(largest, length);
    }
    expect(bytes).toBe(64 * MIB);
    expect(largest).toBeLessThanOrEqual(64 * 1024);
  });
});
