import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  caData,
  http2Server,
  httpServer,
  httpsServer,
  kubeConfigFor,
  textOf,
} from '../../test-support/loopback-server.ts';
import { createTransport, type TransportOptions } from './create-transport.ts';

/** What the client's sockets of one request were told of TCP keep-alive. */
async function keepAlives(tls: boolean, options: TransportOptions = {}): Promise<unknown[][]> {
  await using server = await (tls ? httpsServer : httpServer)((_, response) => response.end('{}'));
  const told = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const transport = createTransport(kubeConfigFor(server, { cluster: { caData: caData() } }), options);
  try {
    const { body } = await transport.request({ path: '/api/v1/pods', query: { watch: '1' } });
    await textOf(body);
    return [...told.mock.calls];
  } finally {
    told.mockRestore();
    await transport.close();
  }
}

describe('the connections of a transport', () => {
  it.each([
    ['plain', false],
    ['TLS', true],
  ])('rule 17: over %s they use TCP keep-alive, from 30 s of silence on', async (_, tls) => {
    expect(await keepAlives(tls)).toEqual([[true, 30_000]]);
  });

  it('rule 17: keepAlive sets another time, or none', async () => {
    expect(await keepAlives(false, { keepAlive: 5000 })).toEqual([[true, 5000]]);
    expect(await keepAlives(false, { keepAlive: false })).toEqual([]);
  });

  it('rule 18: over HTTP/2 they have windows of more than 1 MiB, for a stream and in all', async () => {
    const windows: (number | undefined)[] = [];
    await using server = await http2Server(async ({ stream }, response) => {
      // What the client has said comes in two frames.
      const session = stream.session;
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      windows.push(session?.remoteSettings.initialWindowSize, session?.state.remoteWindowSize);
      response.end('{}');
    });
    const transport = createTransport(kubeConfigFor(server, { cluster: { caData: caData() } }));
    try {
      const { body } = await transport.request({ path: '/api/v1/pods', query: { watch: '1' } });
      await textOf(body);
      expect(windows).toHaveLength(2);
      for (const window of windows) expect(window).toBeGreaterThanOrEqual(2 ** 20);
    } finally {
      await transport.close();
    }
  });
});
