import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  caData,
  http2Server,
  httpServer,
  httpsServer,
  kubeConfigFor,
  listen,
  textOf,
} from '../../test-support/loopback-server.ts';
import type { Logger } from '../logger.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { VERSION } from '../version.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';
import type { TransportError } from './transport-error.ts';

type Settings = Parameters<typeof kubeConfigFor>[1] & TransportOptions;

function transportTo(server: { readonly url: string }, settings: Settings = {}) {
  const transport = createTransport(kubeConfigFor(server, settings), settings);
  return { ...bound(transport), [Symbol.asyncDispose]: () => transport.close() };
}

function bound(transport: ReturnType<typeof createTransport>) {
  return {
    request: transport.request.bind(transport),
    refreshCredentials: transport.refreshCredentials.bind(transport),
    close: transport.close.bind(transport),
  };
}

function failure(promise: Promise<unknown>): Promise<TransportError> {
  return promise.then(
    () => {
      throw new Error('the request succeeded');
    },
    (error) => error,
  );
}

const trusted = { cluster: { caData: caData() } };

describe('requests', () => {
  it('leaves out undefined query values, sends empty ones, and puts the server path in front', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await httpServer(({ url }, response) => {
      seen.push(url);
      response.end();
    });
    await using transport = transportTo({ url: `${server.url}/k8s/clusters/c-1/` });
    await transport.request({
      path: '/api/v1/pods',
      query: { a: undefined, resourceVersion: '', l: 'x in (a,b)' },
    });
    expect(seen).toEqual(['/k8s/clusters/c-1/api/v1/pods?resourceVersion=&l=x+in+%28a%2Cb%29']);
  });

  it('sends user agent, accept, content type and body', async () => {
    await using server = await httpServer((request, response) => {
      const {
        accept,
        'user-agent': agent,
        'content-type': type,
        'accept-encoding': encoding,
      } = request.headers;
      request.on('data', (body) =>
        response.end(
          JSON.stringify({ method: request.method, accept, agent, type, encoding, body: `${body}` }),
        ),
      );
    });
    await using transport = transportTo(server);
    const response = await transport.request({
      method: 'PATCH',
      path: '/x',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      contentType: 'application/merge-patch+json',
      body: '{}',
    });
    expect(JSON.parse(await textOf(response.body))).toEqual({
      method: 'PATCH',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      agent: `firn/${VERSION}`,
      type: 'application/merge-patch+json',
      encoding: 'gzip',
      body: '{}',
    });
  });

  it('resolves with any status', async () => {
    await using server = await httpServer((_request, response) =>
      response.writeHead(503, { 'X-A': '1' }).end('no'),
    );
    await using transport = transportTo(server);
    const { status, headers, body } = await transport.request({ path: '/x' });
    expect({ status, header: headers['x-a'], text: await textOf(body) }).toEqual({
      status: 503,
      header: '1',
      text: 'no',
    });
  });

  it('follows no redirect, neither to another host nor on the same one', async () => {
    let asked = 0;
    await using other = await httpServer((_request, response) => {
      asked++;
      response.end();
    });
    await using server = await httpServer((request, response) => {
      if (request.url === '/moved') asked++;
      const location = request.url === '/away' ? `${other.url}/steal?token=1` : '/moved';
      response.writeHead(302, { location }).end();
    });
    await using transport = transportTo(server, { user: { token: 'sesame' } });
    const away = await failure(transport.request({ path: '/away' }));
    expect(away).toMatchObject({ code: 'REDIRECT', retryable: false });
    expect(away.message).toContain(other.url);
    expect(away.message).not.toMatch(/sesame|token=/);
    expect((await failure(transport.request({ path: '/here' }))).code).toBe('REDIRECT');
    expect(asked).toBe(0);
  });

  it('rule 26: logs each warning of the server once, with control characters visible', async () => {
    await using server = await httpServer((_request, response) => {
      const old = '299 - "v1beta1 is \\"old\\""';
      response.setHeader('warning', [old, old, '299 - "a\u0085b"']).end();
    });
    const warnings: object[] = [];
    const logger = { warn: (fields: object) => warnings.push(fields) } as unknown as Logger;
    await using transport = transportTo(server, { logger });
    await transport.request({ path: '/a' });
    await transport.request({ path: '/b' });
    expect(warnings).toEqual([
      { path: '/a', warning: 'v1beta1 is "old"' },
      { path: '/a', warning: 'a\\u0085b' },
    ]);
  });
});

describe('connections', () => {
  it('rule 18: watches and other requests never share a connection', async () => {
    await using server = await http2Server((request, response) => {
      const { socket } = request.stream.session ?? request;
      response.write(`${socket.remotePort}`);
      if (!request.url.includes('watch')) response.end();
    });
    await using transport = transportTo(server, trusted);
    const ports = async (query: Record<string, string>) => {
      const { body } = await transport.request({ path: '/x', query });
      for await (const chunk of body) return Buffer.from(chunk).toString();
      return '';
    };
    const [watch, watchToo, get, getToo] = [
      await ports({ watch: '1' }),
      await ports({ watch: 'true' }),
      await ports({}),
      await ports({ limit: '1' }),
    ];
    expect(watchToo).toBe(watch);
    expect(getToo).toBe(get);
    expect(get).not.toBe(watch);
  });

  it('speaks HTTP/2 where the server does: many watches on few connections', async () => {
    const versions = new Set<string>();
    await using server = await http2Server((request, response) => {
      versions.add(request.httpVersion);
      response.write('{}\n');
    });
    await using transport = transportTo(server, trusted);
    const abort = new AbortController();
    const watches = Array.from({ length: 150 }, () =>
      transport.request({ path: '/x', query: { watch: '1' }, signal: abort.signal }),
    );
    const responses = await Promise.all(watches);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect([...versions]).toEqual(['2.0']);
    expect(server.connections).toBe(2);
    abort.abort();
  });

  it('speaks HTTP/1.1 when HTTP/2 is turned off', async () => {
    await using server = await http2Server((request, response) => response.end(request.httpVersion));
    await using transport = transportTo(server, { ...trusted, allowH2: false });
    expect(await textOf((await transport.request({ path: '/x' })).body)).toBe('1.1');
  });

  it('answers short requests while a hundred watches are open on HTTP/1.1', async () => {
    await using server = await httpServer((request, response) => {
      response.write('{}\n');
      if (!request.url?.includes('watch')) response.end();
    });
    await using transport = transportTo(server);
    const abort = new AbortController();
    const watch = () => transport.request({ path: '/x', query: { watch: '1' }, signal: abort.signal });
    await Promise.all(Array.from({ length: 100 }, watch));
    expect(await textOf((await transport.request({ path: '/x' })).body)).toBe('{}\n');
    abort.abort();
  });

  it('goes on reading a watch whose HTTP/2 connection is to go away, and asks on a new one', async () => {
    const open: { write(text: string): unknown }[] = [];
    await using server = await http2Server((request, response) => {
      open.push(response);
      response.write('one\n');
      if (open.length === 1) request.stream.session?.goaway();
    });
    await using transport = transportTo(server, trusted);
    const watch = { path: '/x', query: { watch: '1' } };
    const body = (await transport.request(watch)).body[Symbol.asyncIterator]();
    await body.next();
    expect((await transport.request(watch)).status).toBe(200);
    expect(server.connections).toBe(2);
    open[0]?.write('two\n');
    expect(`${(await body.next()).value}`).toBe('two\n');
    await transport.close();
    expect((await failure(body.next())).code).toBe('CLOSED');
  });

  it('rule 18: ends a watch on HTTP/2 whose connection is silent although it is pinged', async () => {
    await using server = await http2Server((_request, response) => void response.write('one\n'));
    const clock = createManualClock();
    await using transport = transportTo(server, { ...trusted, clock });
    const { body } = await transport.request({ path: '/x', query: { watch: '1' } });
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    const silent = failure(chunks.next());
    await clock.advance(60_000);
    expect(await silent).toMatchObject({ code: 'TIMEOUT', retryable: true });
  });

  it('rule 17: leaves a quiet watch on HTTP/1.1 to the deadlines of its reader', async () => {
    const later = Promise.withResolvers<void>();
    await using server = await httpServer(async (_request, response) => {
      response.write('one\n');
      await later.promise;
      response.write('two\n');
    });
    const clock = createManualClock();
    await using transport = transportTo(server, { clock });
    const { body } = await transport.request({ path: '/x', query: { watch: '1' } });
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    await clock.advance(3_600_000);
    later.resolve();
    expect(`${(await chunks.next()).value}`).toBe('two\n');
  });

  it('uses a connection again for the next request', async () => {
    await using server = await httpServer((_request, response) => response.end('x'));
    await using transport = transportTo(server);
    for (let count = 0; count < 10; count++) await textOf((await transport.request({ path: '/x' })).body);
    expect(server.connections).toBeLessThan(3);
  });

  it('names a refused connection', async () => {
    const server = await httpServer(() => undefined);
    await server[Symbol.asyncDispose]();
    await using transport = transportTo(server);
    const error = await failure(transport.request({ path: '/x' }));
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED', retryable: true });
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
  });

  it('names a host that does not exist', async () => {
    await using transport = transportTo({ url: 'https://firn.invalid' });
    const error = await failure(transport.request({ path: '/x' }));
    expect(error.code).toBe('DNS');
    expect(error.message).toContain('firn.invalid:443');
  });

  it('names a connection that is reset before an answer', async () => {
    await using server = await httpServer((request) => request.socket.destroy());
    await using transport = transportTo(server);
    expect((await failure(transport.request({ path: '/x' }))).code).toBe('CONNECTION_RESET');
  });

  it('names a server that does not answer in time', async () => {
    await using server = await httpServer(() => undefined);
    await using transport = transportTo(server);
    expect((await failure(transport.request({ path: '/x', headersTimeout: 50 }))).code).toBe('TIMEOUT');
  });

  it('names a server that speaks no HTTP', async () => {
    const raw = createServer((socket) => void socket.end('SSH-2.0-OpenSSH\r\n'));
    await using server = await listen(raw, 'http');
    await using transport = transportTo(server);
    expect((await failure(transport.request({ path: '/x' }))).code).toBe('NETWORK');
  });
});

describe('TLS', () => {
  const answer = (_request: unknown, response: { end(text: string): unknown }) => void response.end('ok');

  it.each([
    ['an unknown authority', 'server', {}],
    ['another authority', 'server', { caData: caData('stranger.pem') }],
    ['another name', 'other-name', trusted.cluster],
    ['an expired certificate', 'expired', trusted.cluster],
  ])('refuses %s', async (_what, name, cluster) => {
    await using server = await httpsServer(answer, name);
    await using transport = transportTo(server, { cluster });
    const error = await failure(transport.request({ path: '/x' }));
    expect(error).toMatchObject({ code: 'TLS', retryable: false });
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
  });

  it('says so when the server speaks plain http', async () => {
    await using server = await httpServer(answer);
    await using transport = transportTo({ url: server.url.replace('http:', 'https:') }, trusted);
    const error = await failure(transport.request({ path: '/x' }));
    expect(error.code).toBe('TLS');
    expect(error.message).toContain('http://');
  });

  it.each([
    ['certificate-authority-data', 'server', trusted.cluster],
    ['insecure-skip-tls-verify', 'expired', { skipTLSVerify: true }],
    ['tls-server-name', 'other-name', { ...trusted.cluster, tlsServerName: 'other.example' }],
  ])('honours %s', async (_what, name, cluster) => {
    await using server = await httpsServer(answer, name);
    await using transport = transportTo(server, { cluster });
    expect((await transport.request({ path: '/x' })).status).toBe(200);
  });

  it('shows its client certificate, and says so when one is missing', async () => {
    await using server = await httpsServer(answer, 'server', true);
    const user = { certData: caData('client.pem'), keyData: caData('client.key') };
    await using known = transportTo(server, { ...trusted, user });
    expect((await known.request({ path: '/x' })).status).toBe(200);
    await using unknown = transportTo(server, trusted);
    expect(['TLS', 'CONNECTION_RESET']).toContain((await failure(unknown.request({ path: '/x' }))).code);
  });

  it('refuses a certificate that is none', async () => {
    await using transport = transportTo(
      { url: 'https://127.0.0.1:1' },
      { cluster: { caData: 'bm9uZQ==' }, user: { certData: 'bm9uZQ==', keyData: 'bm9uZQ==' } },
    );
    const error = await failure(transport.request({ path: '/x' }));
    expect(error.code).toBe('TLS');
    expect(error.message).not.toContain('none');
  });
});

describe('aborting and closing', () => {
  it('rule 27: rejects with the reason of the signal, in whichever phase', async () => {
    await using server = await httpServer((request, response) => {
      if (request.url === '/headers') response.write('x');
    });
    await using transport = transportTo(server);
    const early = AbortSignal.abort('early');
    await expect(transport.request({ path: '/x', signal: early })).rejects.toBe('early');
    expect(server.connections).toBe(0);

    const waiting = new AbortController();
    const request = transport.request({ path: '/never', signal: waiting.signal });
    await expect.poll(() => server.connections).toBe(1);
    waiting.abort('waiting');
    await expect(request).rejects.toBe('waiting');

    const reading = new AbortController();
    const { body } = await transport.request({ path: '/headers', signal: reading.signal });
    const text = textOf(body);
    reading.abort('reading');
    await expect(text).rejects.toBe('reading');
  });

  it('sends nothing when it is aborted while the credentials are fetched', async () => {
    let asked = 0;
    await using server = await httpServer((_request, response) => {
      asked++;
      response.end();
    });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['5'] };
    await using transport = transportTo(server, { user: { exec } });
    const abort = new AbortController();
    const request = transport.request({ path: '/x', signal: abort.signal });
    abort.abort('stopped');
    await expect(request).rejects.toBe('stopped');
    expect(asked).toBe(0);
  });

  it('survives an abort between the headers and the reading of the body', async () => {
    await using server = await httpServer((_request, response) => void response.write('x'));
    await using transport = transportTo(server);
    const abort = new AbortController();
    const { body } = await transport.request({ path: '/x', signal: abort.signal });
    abort.abort('late');
    await expect(textOf(body)).rejects.toBe('late');
  });

  it('closes the connection of a body that is left early', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await httpServer((_request, response) => {
      response.on('close', () => closed.resolve());
      response.write('x');
    });
    await using transport = transportTo(server);
    for await (const _chunk of (await transport.request({ path: '/x' })).body) break;
    await closed.promise;
  });

  it('ends requests under way on close, refuses later ones, and closes twice', async () => {
    await using server = await httpServer((request, response) => {
      if (request.url?.startsWith('/body')) response.write('x');
    });
    const transport = createTransport(kubeConfigFor(server));
    const { body } = await transport.request({ path: '/body', query: { watch: '1' } });
    const waiting = failure(transport.request({ path: '/x' }));
    await expect.poll(() => server.connections).toBe(2);
    await Promise.all([transport.close(), transport.close()]);
    expect((await waiting).code).toBe('CLOSED');
    expect((await failure(textOf(body))).code).toBe('CLOSED');
    expect((await failure(transport.request({ path: '/x' }))).code).toBe('CLOSED');
  });
});
