import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from './watched-server.ts';

describe('lists against the embedded API server', () => {
  it('rules 1–3: one streaming list brings everything, and the same stream is the watch', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(300) });
    await shop.synced();
    expect(shop.watcher.store.size).toBe(300);
    await shop.server.create(configMap('later'));
    await shop.agrees();
    expect(shop.requests().map((request) => request.kind)).toEqual(['watch-list']);
    expect(shop.requests()[0]?.query).toMatchObject({
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
      resourceVersion: '',
    });
    expect(shop.requests()[0]?.query).not.toHaveProperty('limit');
  });

  it('rule 4: a streaming list that ends early three times is read in pages; readers see nothing before', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(20) });
    shop.server.fault({ kind: 'watch-list' }, { watchList: 'ends-early' });
    const sizes = new Set<number>();
    shop.watcher.store.snapshots$.subscribe((snapshot) => sizes.add(snapshot.size));
    await shop.synced();
    await expect
      .poll(() => shop.requests().map((request) => request.kind))
      .toEqual(['watch-list', 'watch-list', 'watch-list', 'list', 'watch']);
    expect([...sizes]).toEqual([0, 20]);
  });

  it('rule 4: a streaming list that never ends is given up when it is silent', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(20) }, { idleTimeout: 100 });
    shop.server.fault({ kind: 'watch-list' }, { watchList: 'never-ends' });
    await shop.synced();
    expect(shop.requests('watch-list')).toHaveLength(3);
    expect(shop.requests('list')).toHaveLength(1);
    await shop.agrees();
  });

  it('rule 5: a server that does not know streaming lists is listed in pages, without an error', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(20) });
    shop.server.fault({ kind: 'watch-list' }, { watchList: 'unsupported' });
    await shop.synced();
    await expect
      .poll(() => shop.requests().map((request) => request.kind))
      .toEqual(['watch-list', 'list', 'watch']);
    expect(shop.errors).toEqual([]);
  });

  it('rule 5: a busy server is asked for the streaming list again', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(20) });
    shop.server.fault({ kind: 'watch-list', times: 2 }, { status: 429 });
    await shop.synced();
    expect(shop.requests().map((request) => request.kind)).toEqual([
      'watch-list',
      'watch-list',
      'watch-list',
    ]);
  });

  it('rules 6–8: a list in pages sends the token alone, and the watch begins at its resource version', async () => {
    await using shop = await WatchedServer.start(
      { objects: configMaps(25) },
      { initialList: 'list', pageSize: 10 },
    );
    await shop.synced();
    const [first, second, third] = shop.requests('list');
    expect(first?.query).toEqual({ resourceVersion: '', limit: '10' });
    expect(second?.query).toEqual({ limit: '10', continue: expect.any(String) });
    expect(third?.query).toEqual({ limit: '10', continue: expect.any(String) });
    expect(shop.requests('list')).toHaveLength(3);
    expect(shop.watcher.store.size).toBe(25);
    await expect
      .poll(() => shop.requests('watch')[0]?.query.resourceVersion)
      .toBe(shop.server.resourceVersion);
  });

  it('rule 9: a 410 on the second page throws the first away and lists once in one piece', async () => {
    await using shop = await WatchedServer.start(
      { objects: configMaps(25) },
      { initialList: 'list', pageSize: 10 },
    );
    shop.server.fault({ kind: 'list', nth: 2 }, { status: 410, reason: 'Expired' });
    const sizes = new Set<number>();
    shop.watcher.store.snapshots$.subscribe((snapshot) => sizes.add(snapshot.size));
    await shop.synced();
    expect(shop.requests('list').map((request) => request.query.limit)).toEqual(['10', '10', undefined]);
    expect([...sizes]).toEqual([0, 25]);
  });

  it('rules 7 and 10: a relist asks for the whole at the last resource version, and for whatever is newest if that is too large', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(5) }, { initialList: 'list' });
    await shop.synced();
    const { resourceVersion } = shop.server;
    await expect.poll(() => shop.requests('watch').length).toBe(1);
    shop.server.fault(
      { kind: 'list', nth: 1 },
      { status: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    );
    shop.server.fault({ kind: 'watch', times: 1 }, { errorEvent: 410 });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('list').length).toBe(3);
    expect(shop.requests('list').map((request) => request.query)).toMatchObject([
      { resourceVersion: '' },
      { resourceVersion, resourceVersionMatch: 'NotOlderThan' },
      { resourceVersion: '', limit: '500' },
    ]);
    await shop.agrees();
  });

  it.each([
    ['truncated', { truncated: { afterBytes: 700 } }, 'TRUNCATED_LIST'],
    ['reset', { reset: { afterBytes: 700 } }, 'CONNECTION_RESET'],
    ['malformed', { malformed: { afterBytes: 1 } }, 'MALFORMED_JSON'],
  ] as const)(
    'rule 9: of a list that is %s nothing is seen, and it is read again',
    async (_, fault, code) => {
      await using shop = await WatchedServer.start({ objects: configMaps(25) }, { initialList: 'list' });
      shop.server.fault({ kind: 'list', nth: 1 }, fault);
      const sizes = new Set<number>();
      shop.watcher.store.snapshots$.subscribe((snapshot) => sizes.add(snapshot.size));
      await shop.synced();
      expect([...sizes]).toEqual([0, 25]);
      expect(shop.errors).toEqual([code]);
    },
  );

  it('rule 12: an HTML page from a proxy is an error that says so', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(5) }, { initialList: 'list' });
    const body = '<!doctype html><html><title>Sign in</title></html>';
    shop.server.fault({ kind: 'list', nth: 1 }, { status: 200, body, contentType: 'text/html' });
    await shop.synced();
    expect(shop.errors).toEqual(['NOT_A_LIST']);
    expect(shop.state?.lastError?.message).toMatch(/HTML/);
  });

  it.each([false, true])('rule 24: big lists and streams arrive whole, with TLS %s', async (tls) => {
    for (const initialList of ['watch-list', 'list'] as const) {
      await using shop = await WatchedServer.start(
        { objects: configMaps(1200, 'x'.repeat(500)), tls },
        { initialList },
      );
      await shop.synced();
      expect(shop.watcher.store.size).toBe(1200);
      await shop.server.patch(configMap('map-00007', 'changed'));
      await shop.agrees();
    }
  });
});
