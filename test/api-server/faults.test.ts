/** Every fault that the embedded API server can be asked for, as a client sees it. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type ApiServer, type Fault, type FaultMatch, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient, eventsOf, namesOf, type WatchReader } from './contract/api-client.ts';

const PATH = '/api/v1/namespaces/shop/configmaps';
const WATCH_LIST =
  'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

let server: ApiServer;
let client: ApiClient;
beforeEach(async () => {
  server = await startApiServer();
  client = new ApiClient({
    url: server.url,
    authorization: '',
    ca: undefined,
  });
  await client.configMaps('/api/v1/namespaces/shop', ['a', 'b']);
});
afterEach(async () => {
  await client.close();
  await server.close();
});

interface RawAnswer {
  readonly text: string;
  readonly ending: 'complete' | string;
}

/** What arrives and how it ends, without a client that interprets it. */
function raw(path: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const outgoing = request(`${server.url}${path}`, { agent: false }, (incoming) => {
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => resolve({ text, ending: 'complete' }));
      incoming.on('error', (error: NodeJS.ErrnoException) => resolve({ text, ending: error.code ?? '' }));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ text, ending: error.code ?? '' }));
    outgoing.end();
  });
}

async function watchWith(what: Fault, query = 'watch=1'): Promise<WatchReader> {
  server.fault({ kind: ['watch', 'watch-list'] }, what);
  return client.watch(`${PATH}?${query}`);
}

describe('which requests a fault meets', () => {
  const failing: Fault = { status: 503 };

  it.each<[string, FaultMatch, number[]]>([
    ['all of a kind', { kind: 'list' }, [503, 503, 503]],
    ['only the nth', { kind: 'list', nth: 2 }, [200, 503, 200]],
    ['as many as told', { kind: 'list', times: 2 }, [503, 503, 200]],
    ['from the nth on', { kind: 'list', nth: 2, times: 2 }, [200, 503, 503]],
    ['of one resource type as text', { gvr: 'v1/configmaps' }, [503, 503, 503]],
    [
      'of one resource type in parts',
      { gvr: { group: '', version: 'v1', resource: 'configmaps' } },
      [503, 503, 503],
    ],
    ['none of another type', { gvr: 'v1/secrets' }, [200, 200, 200]],
    ['none of another kind', { kind: ['watch', 'get'] }, [200, 200, 200]],
    ['of one namespace', { namespace: 'shop' }, [503, 503, 503]],
    ['as a function says', { when: (asked) => asked.query.limit === '7' }, [200, 200, 200]],
  ])('%s', async (_, match, expected) => {
    server.fault(match, failing);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await client.get(PATH)).status);
    expect(statuses).toEqual(expected);
  });

  it.each([{}, { clsoe: true }, { close: true, stall: true }])(
    'and one that is none, or more than one, is refused at once: %j',
    (what) => {
      expect(() => server.fault({}, what as unknown as Fault)).toThrow(
        expect.objectContaining({ code: 'INVALID_FAULT' }),
      );
    },
  );

  it('until it is taken away', async () => {
    const end = server.fault({ kind: 'list' }, failing);
    expect((await client.get(PATH)).status).toBe(503);
    end();
    expect((await client.get(PATH)).status).toBe(200);
  });
});

describe('faults of any request', () => {
  it('status: with Retry-After, in header and details', async () => {
    server.fault({ kind: 'get' }, { status: 429, retryAfter: 7, message: 'slow down' });
    const { status, body, headers } = await client.get(`${PATH}/a`);
    expect([status, headers.get('retry-after')]).toEqual([429, '7']);
    expect(body).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      message: 'slow down',
      details: { retryAfterSeconds: 7 },
    });
  });

  it('status: a body of any kind, even with 200', async () => {
    server.fault({ kind: 'list' }, { status: 200, body: '<html>Sign in</html>', contentType: 'text/html' });
    const { status, body, contentType } = await client.get(PATH);
    expect([status, contentType, body]).toEqual([200, 'text/html', '<html>Sign in</html>']);
  });

  it('close and reset: at once, no answer', async () => {
    const end = server.fault({ kind: 'list' }, { close: true });
    expect(await raw(PATH)).toEqual({ text: '', ending: 'ECONNRESET' });
    end();
    server.fault({ kind: 'list' }, { reset: true });
    expect(await raw(PATH)).toEqual({ text: '', ending: 'ECONNRESET' });
  });

  it('end, close, reset: after some bytes of the body', async () => {
    const whole = (await raw(PATH)).text;
    const ended = server.fault({ kind: 'list' }, { end: { afterBytes: 20 } });
    expect(await raw(PATH)).toEqual({ text: whole.slice(0, 20), ending: 'complete' });
    ended();
    const closed = server.fault({ kind: 'list' }, { close: { afterBytes: 30 } });
    expect(await raw(PATH)).toEqual({ text: whole.slice(0, 30), ending: 'ECONNRESET' });
    closed();
    server.fault({ kind: 'list' }, { reset: { afterBytes: 30 } });
    expect((await raw(PATH)).ending).toBe('ECONNRESET');
  });

  it('stall: nothing comes, until the server closes', async () => {
    server.fault({ kind: 'list' }, { stall: true });
    const answer = raw(PATH);
    await expect.poll(() => server.requests.at(-1)?.kind).toBe('list');
    await server.close();
    expect(await answer).toEqual({ text: '', ending: 'ECONNRESET' });
  });

  it('drip: the whole body, in pieces', async () => {
    const whole = (await raw(PATH)).text;
    const dripping = server.fault({ kind: 'list' }, { drip: { bytes: 100, every: 1 } });
    expect(await raw(PATH)).toEqual({ text: whole, ending: 'complete' });
    dripping();
    server.fault({ kind: 'list' }, { drip: true });
    expect(await raw(PATH)).toEqual({ text: whole, ending: 'complete' });
  });

  it('delay: the same answer, later', async () => {
    server.fault({ kind: 'list' }, { delay: 5 });
    expect(namesOf((await client.get(PATH)).body)).toEqual(['a', 'b']);
  });

  it('malformed, truncated, huge, rewrite: what the body becomes', async () => {
    const malformed = server.fault({ kind: 'list' }, { malformed: true });
    await expect(client.get(PATH)).rejects.toThrow(SyntaxError);
    malformed();
    const truncated = server.fault({ kind: 'list' }, { truncated: { afterBytes: 50 } });
    expect((await raw(PATH)).text).toHaveLength(50);
    truncated();
    const huge = server.fault({ kind: 'list' }, { huge: { bytes: 300_000 } });
    const { body } = await client.get(PATH);
    expect([body.huge.length, namesOf(body)]).toEqual([300_000, ['a', 'b']]);
    huge();
    const enormous = server.fault({ kind: 'list' }, { huge: true });
    expect((await client.get(PATH)).body.huge.length).toBeGreaterThan(16 * 1024 * 1024);
    enormous();
    server.fault({ kind: 'list' }, { rewrite: (text) => text.replace('ConfigMapList', 'Table') });
    expect((await client.get(PATH)).body.kind).toBe('Table');
  });

  it('stale: a list of the past', async () => {
    const old = server.resourceVersion;
    await client.configMaps('/api/v1/namespaces/shop', ['c']);
    server.fault({ kind: 'list', times: 1 }, { stale: old });
    const { body } = await client.get(PATH);
    expect([namesOf(body), body.metadata.resourceVersion]).toEqual([['a', 'b'], old]);
    expect(namesOf((await client.get(PATH)).body)).toEqual(['a', 'b', 'c']);
    server.compact();
    server.fault({ kind: 'list', times: 1 }, { stale: old });
    const { status, body: forgotten } = await client.get(PATH);
    expect([status, forgotten.message]).toEqual([500, expect.stringContaining('is forgotten')]);
  });

  it('what changes a body changes it before it would be compressed', async () => {
    const data = { text: 'x'.repeat(200_000) };
    const big = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big', namespace: 'shop' }, data };
    await server.create(big);
    const headers = { 'accept-encoding': 'gzip' };
    const rewritten = server.fault({ kind: 'list' }, { rewrite: (text) => text.replace('MapList', 'Pap') });
    expect((await client.get(PATH, { headers })).body.kind).toBe('ConfigPap');
    rewritten();
    const malformed = server.fault({ kind: 'list' }, { malformed: true });
    await expect(client.get(PATH, { headers })).rejects.toThrow(SyntaxError);
    malformed();
    const huge = server.fault({ kind: 'list' }, { huge: { bytes: 100 } });
    expect((await client.get(PATH, { headers })).body.huge).toHaveLength(100);
    huge();
    server.fault({ kind: 'list' }, { truncated: { afterBytes: 5000 } });
    expect(await (await client.send('GET', PATH, { headers })).text()).toHaveLength(5000);
  });
});

describe('faults of a watch', () => {
  it('end: in order, after so many events', async () => {
    const watch = await watchWith({ end: { afterEvents: 1 } });
    expect(eventsOf(await watch.rest())).toEqual(['ADDED a']);
  });

  it('close and reset: in the middle, after so many events', async () => {
    const closed = server.fault({ kind: 'watch' }, { close: { afterEvents: 1 } });
    const one = await raw(`${PATH}?watch=1`);
    expect([one.text.split('\n').length, one.ending]).toEqual([2, 'ECONNRESET']);
    closed();
    server.fault({ kind: 'watch' }, { reset: { afterEvents: 0 } });
    expect(await raw(`${PATH}?watch=1`)).toEqual({ text: '', ending: 'ECONNRESET' });
  });

  it('stall: the stream stays open and says no more', async () => {
    const watch = await watchWith({ stall: { afterEvents: 1 } }, 'watch=1&timeoutSeconds=1');
    expect(eventsOf(await watch.take(1))).toEqual(['ADDED a']);
    let more = false;
    const next = watch.next().then(
      () => {
        more = true;
      },
      () => undefined,
    );
    await client.configMaps('/api/v1/namespaces/shop', ['c']);
    await client.get(PATH);
    expect(more).toBe(false);
    watch.close();
    await next;
  });

  it('errorEvent: ends the stream, unless it is told not to', async () => {
    const ended = server.fault({ kind: 'watch' }, { errorEvent: { code: 410, afterEvents: 1 } });
    const first = await client.watch(`${PATH}?watch=1`);
    expect(await first.rest()).toMatchObject([
      { type: 'ADDED' },
      { type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } },
    ]);
    ended();
    const watch = await watchWith({
      errorEvent: { code: 500, reason: 'StorageReadError', close: false, afterEvents: 2 },
    });
    expect(eventsOf(await watch.take(3))).toEqual(['ADDED a', 'ADDED b', 'ERROR 500']);
    await client.configMaps('/api/v1/namespaces/shop', ['c']);
    expect(eventsOf(await watch.take(1))).toEqual(['ADDED c']);
    watch.close();
  });

  it('errorEvent: a number is its code, at once', async () => {
    const watch = await watchWith({ errorEvent: 429 }, `watch=1&resourceVersion=${server.resourceVersion}`);
    expect(await watch.rest()).toMatchObject([
      { type: 'ERROR', object: { reason: 'TooManyRequests', code: 429 } },
    ]);
  });

  it('malformed and truncated frames', async () => {
    const malformed = server.fault({ kind: 'watch' }, { malformed: { afterEvents: 1 } });
    const first = await client.watch(`${PATH}?watch=1`);
    expect(eventsOf(await first.take(1))).toEqual(['ADDED a']);
    await expect(first.next()).rejects.toThrow(SyntaxError);
    malformed();
    const watch = await watchWith({ truncated: { afterEvents: 1 } });
    await watch.take(1);
    await expect(watch.next()).rejects.toThrow('in the middle of a frame');
  });

  it('huge frames and frames of one’s own', async () => {
    const huge = server.fault({ kind: 'watch' }, { huge: { bytes: 1_000_000, afterEvents: 1 } });
    const first = await client.watch(`${PATH}?watch=1`);
    const [, frame] = await first.take(2);
    expect(frame.object.huge).toHaveLength(1_000_000);
    first.close();
    huge();
    const watch = await watchWith({ frame: { type: 'ADDED', object: { kind: 'Table' } }, afterEvents: 2 });
    expect((await watch.take(3))[2]).toEqual({ type: 'ADDED', object: { kind: 'Table' } });
    watch.close();
  });

  it('duplicate: every event twice, bookmarks once', async () => {
    const watch = await watchWith({ duplicate: true }, WATCH_LIST);
    expect(eventsOf(await watch.take(5))).toEqual(['ADDED a', 'ADDED a', 'ADDED b', 'ADDED b', 'BOOKMARK']);
    watch.close();
  });

  it('outOfDate: the state before a change comes again after it', async () => {
    const watch = await watchWith({ outOfDate: true }, `watch=1&resourceVersion=${server.resourceVersion}`);
    await client.patch(`${PATH}/a`, 'merge-patch', { data: { of: 'changed' } });
    const events = await watch.take(2);
    watch.close();
    expect(events.map((event) => event.object.data.of)).toEqual(['changed', 'a']);
    expect(Number(events[1].object.metadata.resourceVersion)).toBeLessThan(
      Number(events[0].object.metadata.resourceVersion),
    );
  });

  it('noBookmarks and watchList: never-ends, the objects but no end', async () => {
    for (const what of [{ noBookmarks: true }, { watchList: 'never-ends' }] satisfies Fault[]) {
      const end = server.fault({ kind: 'watch-list' }, what);
      const watch = await client.watch(`${PATH}?${WATCH_LIST}&timeoutSeconds=1`);
      expect(eventsOf(await watch.rest())).toEqual(['ADDED a', 'ADDED b']);
      end();
    }
  });

  it('watchList: refused, or ended before it is complete', async () => {
    const refused = server.fault({}, { watchList: 'unsupported' });
    expect((await client.get(`${PATH}?${WATCH_LIST}`)).body).toMatchObject({ kind: 'Status', code: 422 });
    expect((await client.get(PATH)).status).toBe(200);
    refused();
    const watch = await watchWith({ watchList: 'ends-early' }, WATCH_LIST);
    expect(eventsOf(await watch.rest())).toEqual(['ADDED a', 'ADDED b']);
  });
});

describe('faults over HTTP/2', () => {
  it('close ends one stream, reset the connection with all of them', async () => {
    const secure = await startApiServer({ tls: true });
    const { url, ca } = secure;
    const h2 = new ApiClient({
      url,
      authorization: '',
      ca,
    });
    try {
      const watch = await h2.watch(`${PATH}?watch=1`);
      const closed = secure.fault({ kind: 'list' }, { close: { afterBytes: 10 } });
      await expect(h2.get(PATH)).rejects.toThrow();
      closed();
      await h2.configMaps('/api/v1/namespaces/shop', ['c']);
      expect(eventsOf(await watch.take(1))).toEqual(['ADDED c']);
      const broken = watch.rest().then(
        () => 'ended',
        () => 'ended',
      );
      secure.fault({ kind: 'get', times: 1 }, { reset: true });
      await h2.get(`${PATH}/c`).catch(() => undefined);
      expect(await broken).toBe('ended');
      expect((await h2.get(PATH)).status).toBe(200);
    } finally {
      await h2.close();
      await secure.close();
    }
  });
});

describe('a slow watcher', () => {
  it('is cut off when too much waits for it, and others go on', async () => {
    const small = await startApiServer({ maxPendingBytes: 1_000_000 });
    const own = new ApiClient({
      url: small.url,
      authorization: '',
      ca: undefined,
    });
    try {
      const outgoing = request(`${small.url}/api/v1/configmaps?watch=1`, { agent: false }).end();
      const [slow] = (await once(outgoing, 'response')) as [IncomingMessage];
      const over = once(slow, 'close');
      const reader = await own.watch('/api/v1/configmaps?watch=1');
      await expect.poll(() => small.requests.length).toBe(2);
      const data = { text: 'x'.repeat(500_000) };
      for (let i = 0; i < 40; i += 1) {
        await small.create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `big-${i}`, namespace: 'shop' },
          data,
        });
        await reader.take(1);
      }
      // What was sent is read in the end, and then the stream is over.
      slow.resume();
      await over;
      expect((await own.get('/readyz')).status).toBe(200);
    } finally {
      await own.close();
      await small.close();
    }
  });
});
