/** Owns the proof that each fault of the proxy is what its name says, on bare sockets. */
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultKind } from './fault.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

const WATCH = '/api/v1/configmaps?watch=1&timeoutSeconds=50';
const LIST = '/api/v1/configmaps';
const GET = '/api/v1/namespaces/shop/secrets/a';
const frame = (n: number): string => `{"type":"ADDED","object":{"n":${n}}}\n`;

let server: Server;
let proxy: FaultProxy;
let agent: Agent;
let asked: string[];
let sent: number;
/** Sends a frame to each open watch. */
let tick: () => void;

beforeEach(async () => {
  const watches = new Set<{ write(text: string): unknown }>();
  asked = [];
  sent = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (!request.url?.includes('watch=')) {
      sent++;
      response.end(JSON.stringify({ answer: sent, filling: 'x'.repeat(5000) }));
      return;
    }
    response.flushHeaders();
    watches.add(response);
    response.on('close', () => watches.delete(response));
  });
  tick = () => {
    sent++;
    for (const watch of watches) watch.write(frame(sent));
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await startFaultProxy({ upstream: { url: `http://127.0.0.1:${port}` }, speed: 10 });
  agent = new Agent({ keepAlive: true });
});
afterEach(async () => {
  agent.destroy();
  await proxy[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

async function ask(path: string): Promise<IncomingMessage> {
  const request = get(`${proxy.url}${path}`, { agent });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // What breaks off later is told by the response.
  request.on('error', () => undefined);
  return response;
}

async function read(path: string): Promise<{ status: number; body: string; response: IncomingMessage }> {
  const response = await ask(path);
  return { status: response.statusCode ?? 0, body: await text(response), response };
}

/** An open watch that has shown one frame. */
async function openWatch(): Promise<{
  response: IncomingMessage;
  seen: () => string;
  ended: Promise<string>;
}> {
  const response = await ask(WATCH);
  let seen = '';
  response.on('data', (chunk: Buffer) => {
    seen += chunk;
  });
  const ended = new Promise<string>((resolve) => {
    response.on('end', () => resolve('end'));
    response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  tick();
  await expect.poll(() => seen).toBe(frame(sent));
  return { response, seen: () => seen, ended };
}

function inflict(kind: FaultKind, amount = 0, pick = 0.5): void {
  proxy.inflict({ kind, amount, pick });
}

describe('the fault proxy', () => {
  it('hands requests on, with timeouts in the time of the server', async () => {
    expect(JSON.parse((await read(LIST)).body)).toMatchObject({ answer: 1 });
    await openWatch();
    expect(asked).toEqual([LIST, '/api/v1/configmaps?watch=1&timeoutSeconds=5']);
  });

  it.each([
    ['cut', 'ECONNRESET'],
    ['reset', 'ECONNRESET'],
  ] as const)('%s: a stream breaks off', async (kind, code) => {
    const { ended } = await openWatch();
    inflict(kind);
    expect(await ended).toBe(code);
    expect(proxy.counts.get(kind)).toBe(1);
  });

  it('stall: a stream shows nothing any more and is never closed, not even when all is calm', async () => {
    const { seen, response } = await openWatch();
    inflict('stall');
    await proxy.calm();
    for (let i = 0; i < 5; i++) tick();
    await read(LIST);
    await sleep(50);
    expect(seen()).toBe(frame(1));
    expect(response.destroyed).toBe(false);
  });

  it('throttle: a stream brings 1 KB a second, and the rest when it is over', async () => {
    const { seen } = await openWatch();
    inflict('throttle', 60_000);
    const before = seen().length;
    for (let i = 0; i < 200; i++) tick();
    await expect.poll(() => seen().length - before).toBeGreaterThan(0);
    expect(seen().length - before).toBeLessThan(1500);
    await proxy.calm();
    await expect.poll(() => seen().trimEnd().split('\n').length).toBe(201);
    expect(seen().endsWith(frame(sent))).toBe(true);
  });

  it('truncate: a stream ends in the middle of a frame, as if it were complete', async () => {
    const { seen, ended } = await openWatch();
    inflict('truncate');
    tick();
    expect(await ended).toBe('end');
    expect(seen()).toBe(frame(1) + frame(2).slice(0, frame(2).length / 2));
  });

  it('close-after: a stream ends in order after so many frames', async () => {
    const { seen, ended } = await openWatch();
    inflict('close-after', 2);
    for (let i = 0; i < 5; i++) tick();
    expect(await ended).toBe('end');
    expect(seen()).toBe(frame(1) + frame(2) + frame(3));
  });

  it('duplicate: so many frames come twice', async () => {
    const { seen } = await openWatch();
    inflict('duplicate', 2);
    for (let i = 0; i < 3; i++) tick();
    await expect.poll(seen).toContain(frame(4));
    expect(seen()).toBe([1, 2, 2, 3, 4].map(frame).join(''));
  });

  it('error-event: a stream tells of an error and ends', async () => {
    const { seen, ended } = await openWatch();
    inflict('error-event', 410);
    tick();
    expect(await ended).toBe('end');
    expect(JSON.parse(seen().trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    });
  });

  it('delay: a request reaches the server later', async () => {
    inflict('delay', 30_000);
    const answer = ask(LIST).catch((error: Error) => error);
    await read('/api/v1/secrets');
    expect(asked).toEqual(['/api/v1/secrets']);
    await proxy[Symbol.asyncDispose]();
    expect(await answer).toBeInstanceOf(Error);
  });

  it.each([401, 403, 410, 429, 500, 503])('status: a request is answered with %i', async (code) => {
    inflict('status', code);
    const { status } = await read(LIST);
    expect(status).toBe(code);
    expect(asked).toEqual([]);
    expect((await read(LIST)).status).toBe(200);
  });

  it('status: with Retry-After in head and Status, or without any Status', async () => {
    inflict('status', 429, 0.25 + 1 / 256);
    const busy = await read(LIST);
    expect(busy.response.headers['retry-after']).toBe('3');
    expect(JSON.parse(busy.body)).toMatchObject({ code: 429, details: { retryAfterSeconds: 3 } });
    inflict('status', 503, 0.5 + 0.9 / 64);
    expect((await read(LIST)).body).toBe('<h1>no</h1>');
  });

  it('no-answer: a request is never answered', async () => {
    inflict('no-answer');
    const isAnswered = ask(LIST).then(
      () => true,
      () => false,
    );
    await read(LIST);
    expect(await Promise.race([isAnswered, sleep(50, 'silence')])).toBe('silence');
  });

  it('cut-body: a body breaks off after so many bytes', async () => {
    inflict('cut-body', 1000);
    await expect(read(LIST)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('stall-body: a body stops after so many bytes', async () => {
    inflict('stall-body', 1000);
    const response = await ask(LIST);
    let bytes = 0;
    response.on('data', ({ length }: Buffer) => {
      bytes += length;
    });
    await expect.poll(() => bytes).toBe(1000);
    await read(LIST);
    expect(bytes).toBe(1000);
    expect(response.complete).toBe(false);
  });

  it('truncate-body: a body ends after so many bytes, as if it were complete', async () => {
    inflict('truncate-body', 1000);
    expect((await read(LIST)).body).toHaveLength(1000);
  });

  it('replay: an older answer comes again, where there is one', async () => {
    inflict('replay');
    expect(JSON.parse((await read(GET)).body)).toMatchObject({ answer: 1 });
    expect(JSON.parse((await read(GET)).body)).toMatchObject({ answer: 1 });
    expect(JSON.parse((await read(GET)).body)).toMatchObject({ answer: 2 });
  });

  it('restart: connections are closed, nobody listens, then somebody does at the same place', async () => {
    const { url } = proxy;
    const { ended } = await openWatch();
    inflict('restart', 20);
    expect(await ended).toBe('ECONNRESET');
    await expect(read(LIST)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.calm();
    expect(proxy.url).toBe(url);
    expect((await read(LIST)).status).toBe(200);
  });

  it('lets go of every connection with its client', async () => {
    await openWatch();
    expect(proxy.connections).toBe(1);
    agent.destroy();
    await expect.poll(() => proxy.connections).toBe(0);
  });
});
