/** Finds loopback ports that nobody listens on and that nobody gets by chance. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ranges that Linux (32768…) and macOS (49152…) take ports for outgoing connections and for port 0 from:
// a server that is down for a while finds its port free again, and a client that keeps dialling it
// can never be given that very port as its own and so connect to itself.
const FIRST = 20_000;
const AFTER_LAST = 32_768;

/**
 * Resolves to `count` different free ports of 127.0.0.1. Another process may take one before it is used:
 * whoever starts a server on them tries again with others.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST, AFTER_LAST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(probe.close(), 'close');
  return true;
}
