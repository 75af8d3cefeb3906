/** The embedded API server keeps the contract, over HTTP/1.1 and over TLS with HTTP/2. */
import { startApiServer } from '@firn/runtime/testing';
import { type Clock, systemClock } from '@firn/stores';
import { describeApiServer } from './contract/api-server-contract.ts';
import type { ServerUnderTest } from './contract/server-under-test.ts';

/** Ten times as fast as the machine's: the contract waits for timeouts of whole seconds. */
const fastClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * 10,
  setTimeout: (f, ms) => systemClock.setTimeout(f, ms / 10),
  clearTimeout: (handle) => systemClock.clearTimeout(handle),
};

async function start(tls: boolean): Promise<ServerUnderTest> {
  const server = await startApiServer({ tls, tokens: ['sesame'], clock: fastClock });
  return {
    url: server.url,
    authorization: 'Bearer sesame',
    ca: server.ca,
    forget: async () => server.compact(),
    close: () => server.close(),
  };
}

describeApiServer('embedded, HTTP/1.1', () => start(false));
describeApiServer('embedded, TLS and HTTP/2', () => start(true));
