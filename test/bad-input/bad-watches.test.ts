import { describe, expect, it } from 'vitest';
import { type Answer, body, CONTENTS, configMapText, frameText, listText } from './scripted-server.ts';
import { expectClear, WatchedScript } from './watched-script.ts';

const PAGE = `<!doctype html><html><title>Sign in</title><body>${CONTENTS}</body></html>`;
const UNSEEN = frameText('ADDED', configMapText('unseen', 99));

const shorter: Answer = (response) => {
  response.writeHead(200, { 'content-length': UNSEEN.length + 100 });
  response.write(UNSEEN, () => response.socket?.end());
};
const badChunks: Answer = (response) => {
  response.writeHead(200);
  response.write(UNSEEN.slice(0, 40), () => response.socket?.end(`no size ${CONTENTS}\r\n`));
};

/** What a server sends in place of a watch, what that is called, and what the message has to say. */
const BODIES: readonly (readonly [name: string, answer: Answer, code: string, says: RegExp])[] = [
  ['is empty', body(''), 'WATCH_ENDED_AT_ONCE', /ended in less than a second and without an event/],
  ['is an HTML page in one line', body(PAGE), 'MALFORMED_JSON', /HTML.*proxy/],
  ['is an HTML page', body(`${PAGE}\n`), 'MALFORMED_JSON', /HTML.*proxy/],
  ['is a list in one line', body(listText([], 99)), 'NOT_A_WATCH_EVENT', /kind ConfigMapList/],
  ['is a Table', body('{"kind":"Table","rows":[]}\n'), 'NOT_A_WATCH_EVENT', /kind Table/],
  ['ends within an event', body(UNSEEN.slice(0, 60)), 'TRUNCATED', /cut off within an event, 60 bytes/],
  ['is shorter than it says', shorter, 'TRUNCATED', /broke off|fewer bytes/],
  ['has broken transfer chunks', badChunks, 'NETWORK', /does not answer as an HTTP server does/],
  ['is gzip garbage', body(`${UNSEEN}\n`, { 'content-encoding': 'gzip' }), 'NETWORK', /compressed.*damaged/],
  [
    'is compressed in a way that nobody asked for',
    body(UNSEEN, { 'content-encoding': 'zstd' }),
    'NETWORK',
    /zstd.*asks for gzip only/,
  ],
];

describe.each(BODIES)('a watch that %s', (_, answer, code, says) => {
  it('is told of, takes nothing from the store, and is opened again where it was', async () => {
    await using shop = await WatchedScript.start({ initialList: 'list' });
    await shop.synced();
    await shop.connected();
    const before = shop.store.snapshot;
    const { resourceVersion } = before;
    const healWatch = shop.server.answer('watch', answer);
    const healList = shop.server.answer('list', body('{"kind":"Status"}', {}, 503));
    shop.server.disconnect();
    shop.server.keep('c');
    await expect
      .poll(() => shop.codes.filter((told) => told === code).length, { timeout: 5000, interval: 5 })
      .toBeGreaterThanOrEqual(code === 'MALFORMED_JSON' || code === 'NOT_A_WATCH_EVENT' ? 1 : 5);
    const error = shop.errors.findLast((told) => told.code === code);
    expectClear(error, code, says);
    expect(shop.store.snapshot).toBe(before);
    expect(shop.state).toMatchObject({ synced: true, stale: true });
    for (const { query } of [...shop.server.asked('watch'), ...shop.server.asked('list').slice(1)])
      expect(query).toMatchObject({ resourceVersion });
    healWatch();
    healList();
    await shop.agrees();
    expect(shop.server.asked().length).toBeLessThanOrEqual(shop.errors.length + 3);
    shop.expectNoStorm(3);
    shop.expectDiscretion();
  });

  it('in place of a streaming list: three times, then pages bring the list', async () => {
    await using shop = await WatchedScript.start();
    shop.server.answer('watch-list', answer);
    await shop.synced();
    await shop.connected();
    await shop.agrees();
    expect(shop.errors).toHaveLength(3);
    for (const error of shop.errors)
      expectClear(
        error,
        code === 'WATCH_ENDED_AT_ONCE' ? 'LIST_ENDED_EARLY' : code,
        code === 'WATCH_ENDED_AT_ONCE' ? /streaming list.*ended before it was complete/ : says,
      );
    expect([...new Set(shop.sizes)]).toEqual([0, 2]);
    expect(shop.server.asked('list')).toHaveLength(1);
    shop.expectNoStorm(2);
    shop.expectDiscretion();
  });
});
