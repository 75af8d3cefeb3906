import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import {
  caData,
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
});
