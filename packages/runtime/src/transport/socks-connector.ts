/** Owns connections through a SOCKS proxy: versions 4, 4a and 5, with or without user and password. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { visibleText } from '../visible-text.ts';
import { TransportError } from './transport-error.ts';

type Connector = buildConnector.connector;

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');

/** What the handshake failed of; the library's own error holds the proxy's password and goes no further. */
function refused(error: unknown, timeout: number): TransportError {
  const why = error instanceof Error ? visibleText(error.message, 160) : 'unknown cause';
  if (/timed out/i.test(why)) {
    const message = `The SOCKS proxy does not answer within ${timeout} ms. Check proxy-url in the kubeconfig.`;
    return new TransportError(message, { code: 'TIMEOUT' });
  }
  return new TransportError(`The SOCKS proxy refuses: ${why}. Check proxy-url in the kubeconfig.`, {
    code: 'NETWORK',
  });
}

/** A connection to the proxy itself; what fails here is reported as for any other host. */
async function toProxy(proxy: URL, timeout: number): Promise<Socket> {
  const socket = connect(Number(proxy.port) || 1080, unbracketed(proxy.hostname));
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeout) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw (error as Error).name === 'AbortError' ? refused(new Error('timed out'), timeout) : error;
  }
}

async function tunnel(proxy: URL, target: buildConnector.Options, timeout: number): Promise<Socket> {
  // Few need it: loaded by who does.
  const { SocksClient } = await import('socks');
  const socket = await toProxy(proxy, timeout);
  const host = unbracketed(target.hostname);
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  const user = decodeURIComponent(proxy.username);
  try {
    const { socket: tunnelled } = await SocksClient.createConnection({
      command: 'connect',
      destination: { host, port },
      existing_socket: socket,
      timeout,
      proxy: {
        host: unbracketed(proxy.hostname),
        port: Number(proxy.port) || 1080,
        type: proxy.protocol.startsWith('socks4') ? 4 : 5,
        ...(user === '' ? {} : { userId: user, password: decodeURIComponent(proxy.password) }),
      },
    });
    return tunnelled;
  } catch (error) {
    socket.destroy();
    throw refused(error, timeout);
  }
}

/** A connector that reaches the target through a SOCKS proxy and leaves TLS to `connector`. */
export function socksConnector(
  proxy: URL,
  connector: Connector,
  options: { timeout: number; keepAlive: number | false },
): Connector {
  return (target, callback) => {
    tunnel(proxy, target, options.timeout).then(
      (socket) => {
        if (target.protocol === 'https:') {
          connector({ ...target, httpSocket: socket }, callback);
          return;
        }
        if (options.keepAlive !== false) socket.setKeepAlive(true, options.keepAlive);
        callback(null, socket.setNoDelay(true));
      },
      (error: Error) => callback(error, null),
    );
  };
}
