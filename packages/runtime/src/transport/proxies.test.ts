import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import {
  caData,
  http2Server,
  httpServer,
  kubeConfigFor,
  type LoopbackServer,
  listen,
  textOf,
} from '../../test-support/loopback-server.ts';
import { createTransport } from './create-transport.ts';

/** What a server answers through a proxy. */
async function through(proxyUrl: string, server: { readonly url: string }): Promise<string> {
  const transport = createTransport(kubeConfigFor(server, { cluster: { caData: caData(), proxyUrl } }));
  try {
    return await textOf((await transport.request({ path: '/x' })).body);
  } finally {
    await transport.close();
  }
}

function failure(promise: Promise<unknown>): Promise<Error & { code: string }> {
  return promise.then(
    () => {
      throw new Error('the proxy let it through');
    },
    (error) => error,
  );
}

const versionServer = () => http2Server((request, response) => response.end(request.httpVersion));

function joined(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a);
  a.on('error', () => b.destroy());
  b.on('error', () => a.destroy());
}

/** An HTTP proxy that tunnels, or answers CONNECT with a status. */
function tunnelProxy(asked: unknown[], status = 200): Promise<LoopbackServer> {
  const server = createHttpServer((request, response) => {
    asked.push(request.url);
    response.end('forwarded');
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(request.url, request.headers['proxy-authorization']);
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const target = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      joined(socket, target);
    });
    return target;
  });
  return listen(server, 'http');
}

/** A SOCKS proxy that follows a script: what it awaits (in hex, as a pattern) and what it answers; then it tunnels. */
function socksProxy(script: [RegExp, string][], port = 0): Promise<LoopbackServer> {
  const server = createServer((socket) => {
    let step = 0;
    socket.on('error', () => undefined);
    socket.on('data', function answer(data) {
      const [awaited, reply] = script[step++] ?? [/^$/, ''];
      if (!awaited.test(data.toString('hex'))) return socket.destroy();
      if (step === script.length) {
        socket.off('data', answer).pause();
        if (port !== 0) {
          const target = connect(port, '127.0.0.1', () => joined(socket, target));
        }
      }
      // In two pieces: no reader may rely on whole messages.
      socket.write(Buffer.from(reply.slice(0, 2), 'hex'));
      setImmediate(() => socket.write(Buffer.from(reply.slice(2), 'hex')));
      return socket;
    });
  });
  return listen(server, 'socks5');
}

const scheme = (proxy: LoopbackServer, name: string, user = '') => `${name}://${user}127.0.0.1:${proxy.port}`;

const NO_AUTH: [RegExp, string] = [/^050100$/, '0500'];
const GRANTED_5: [RegExp, string] = [/^050100(01|03)/, '05000001000000000000'];

describe('HTTP proxies', () => {
  it('rule 17: connections through an HTTP proxy use TCP keep-alive too', async () => {
    await using server = await versionServer();
    await using proxy = await tunnelProxy([]);
    const told = vi.spyOn(Socket.prototype, 'setKeepAlive');
    try {
      expect(await through(proxy.url, server)).toBe('2.0');
      expect(told.mock.calls[0]).toEqual([true, 30_000]);
    } finally {
      told.mockRestore();
    }
  });

  it('tunnel TLS and HTTP/2 to the server', async () => {
    await using server = await versionServer();
    const asked: unknown[] = [];
    await using proxy = await tunnelProxy(asked);
    expect(await through(scheme(proxy, 'http', 'me:p%40ss@'), server)).toBe('2.0');
    expect(asked).toEqual([`127.0.0.1:${server.port}`, `Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  });

  it('forward plain http', async () => {
    const asked: unknown[] = [];
    await using proxy = await tunnelProxy(asked);
    expect(await through(proxy.url, { url: 'http://127.0.0.1:9' })).toBe('forwarded');
    expect(asked).toEqual(['http://127.0.0.1:9/x']);
  });

  it.each([403, 407, 502])('that refuse with %i are named, without their password', async (status) => {
    await using proxy = await tunnelProxy([], status);
    const url = scheme(proxy, 'http', 'me:sesame@');
    const error = await failure(through(url, { url: 'https://10.255.255.1:6443' }));
    expect(error.code).toBe('NETWORK');
    expect(error.message).toContain(`10.255.255.1:6443 (through the proxy 127.0.0.1:${proxy.port})`);
    expect(error.message).not.toContain('sesame');
  });

  it('that are not there are named', async () => {
    const proxy = await httpServer(() => undefined);
    await proxy[Symbol.asyncDispose]();
    for (const name of ['http', 'socks5']) {
      const error = await failure(through(scheme(proxy, name), { url: 'https://10.255.255.1:6443' }));
      expect(error.code).toBe('CONNECTION_REFUSED');
      expect(error.message).toContain(`proxy 127.0.0.1:${proxy.port}`);
    }
  });
});

describe('SOCKS proxies', () => {
  it.each(['socks5', 'socks5h', 'socks'])('%s: tunnel TLS and HTTP/2', async (name) => {
    await using server = await versionServer();
    await using proxy = await socksProxy([NO_AUTH, GRANTED_5], server.port);
    expect(await through(scheme(proxy, name), server)).toBe('2.0');
  });

  it('tunnel plain http', async () => {
    await using server = await httpServer((_request, response) => response.end('plain'));
    await using proxy = await socksProxy([NO_AUTH, GRANTED_5], server.port);
    expect(await through(scheme(proxy, 'socks5'), server)).toBe('plain');
  });

  it('get the name, not an address, and user and password when they ask', async () => {
    await using server = await versionServer();
    const name = Buffer.from('localhost').toString('hex');
    const port = server.port.toString(16).padStart(4, '0');
    const script: [RegExp, string][] = [
      [/^05020002$/, '0502'],
      [/^01026d6504704073730?$/, '0100'],
      [new RegExp(`^0501000309${name}${port}$`), '0500000309aaaaaaaaaaaaaaaaaa0000'],
    ];
    await using proxy = await socksProxy(script, server.port);
    const url = { url: `https://localhost:${server.port}` };
    expect(await through(scheme(proxy, 'socks5', 'me:p%40ss@'), url)).toBe('2.0');
  });

  it('of version 4 get an address, of version 4a a name', async () => {
    await using server = await versionServer();
    const port = server.port.toString(16).padStart(4, '0');
    await using four = await socksProxy(
      [[new RegExp(`^0401${port}7f00000100$`), '005a000000000000']],
      server.port,
    );
    expect(await through(scheme(four, 'socks4'), server)).toBe('2.0');
    const name = Buffer.from('localhost').toString('hex');
    await using named = await socksProxy(
      [[new RegExp(`^0401${port}00000001${'6d65'}00${name}00$`), '005a000000000000']],
      server.port,
    );
    const url = { url: `https://localhost:${server.port}` };
    expect(await through(scheme(named, 'socks4a', 'me@'), url)).toBe('2.0');
  });

  it.each([
    [
      'wrong password',
      'socks5',
      [
        [/./, '0502'],
        [/./, '0101'],
      ],
      /Authentication failed/,
    ],
    ['no common authentication', 'socks5', [[/./, '05ff']], /authentication type/],
    [
      'not allowed',
      'socks5',
      [
        [/./, '0500'],
        [/./, '05020001000000000000'],
      ],
      /NotAllowed/,
    ],
    ['another protocol', 'socks5', [[/./, '4854']], /invalid socks version/],
    ['refused by version 4', 'socks4', [[/./, '005b000000000000']], /Failed/],
    ['a connection that is closed', 'socks5', [[/never/, '']], /Socket closed/],
  ] as [string, string, [RegExp, string][], RegExp][])(
    'that refuse are named: %s',
    async (_what, name, script, message) => {
      await using proxy = await socksProxy(script);
      const error = await failure(through(scheme(proxy, name, 'me:sesame@'), { url: 'https://127.0.0.1:1' }));
      expect(error.code).toBe('NETWORK');
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain('sesame');
    },
  );
});
