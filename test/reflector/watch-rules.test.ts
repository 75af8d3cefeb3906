import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from './watched-server.ts';

/** Makes the watcher open a watch, which the faults that are set then meet. */
async function reopened(shop: WatchedServer): Promise<void> {
  const before = shop.requests('watch').length;
  shop.server.disconnect();
  await expect.poll(() => shop.requests('watch').length, { interval: 5 }).toBeGreaterThan(before);
}

describe('watches against the embedded API server', () => {
  it('rule 11: a watch asks for bookmarks and a timeout, from the last resource version', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    await reopened(shop);
    const query = shop.requests('watch')[0]?.query;
    expect(query).toMatchObject({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: shop.server.resourceVersion,
    });
    expect(Number(query?.timeoutSeconds)).toBeGreaterThanOrEqual(300);
    expect(Number(query?.timeoutSeconds)).toBeLessThanOrEqual(600);
  });

  it('rule 12: bookmarks move the resume point while nothing happens here', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3), bookmarkInterval: 20 });
    await shop.synced();
    await shop.server.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 'elsewhere' },
    });
    const { resourceVersion } = shop.server;
    await shop.watcher.reached(resourceVersion, { timeout: 5000 });
    await reopened(shop);
    expect(shop.requests('watch')[0]?.query.resourceVersion).toBe(resourceVersion);
  });

  it('rule 13: a 410 ERROR event relists at the last resource version', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    const { resourceVersion } = shop.server;
    shop.server.fault({ kind: 'watch', times: 1 }, { errorEvent: { code: 410, close: false } });
    await reopened(shop);
    await expect.poll(() => shop.requests('watch-list').length).toBe(2);
    expect(shop.requests('watch-list')[1]?.query.resourceVersion).toBe(resourceVersion);
    await shop.server.create(configMap('later'));
    await shop.agrees();
  });

  it('rule 13: a 429 ERROR event watches on without a list', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    shop.server.fault({ kind: 'watch', times: 2 }, { errorEvent: 429 });
    await reopened(shop);
    await shop.server.create(configMap('later'));
    await shop.agrees();
    expect(shop.requests('watch')).toHaveLength(3);
    expect(shop.requests('watch-list')).toHaveLength(1);
    expect(shop.requests('list')).toHaveLength(0);
  });

  it('rule 13: a 500 ERROR event watches once more, then relists', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    shop.server.fault({ kind: 'watch', times: 2 }, { errorEvent: 500 });
    await reopened(shop);
    await expect.poll(() => shop.requests('watch-list').length).toBe(2);
    expect(shop.requests('watch')).toHaveLength(2);
    await shop.agrees();
  });

  it.each([
    ['ends', { end: { afterEvents: 1 } }],
    ['is closed', { close: { afterEvents: 1 } }],
    ['is reset', { reset: { afterEvents: 1 } }],
    ['is cut within an event', { truncated: { afterEvents: 1 } }],
  ] as const)('rule 14: a watch that %s is opened again where it was, without a list', async (_, fault) => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    shop.server.fault({ kind: 'watch', nth: 1 }, fault);
    await reopened(shop);
    const before = shop.server.resourceVersion;
    await shop.server.create(configMap('first'));
    const first = shop.server.resourceVersion;
    await shop.server.create(configMap('second'));
    await expect.poll(() => shop.requests('watch').length).toBe(2);
    await shop.agrees();
    // A broken connection may take the event that was on its way with it.
    expect([before, first]).toContain(shop.requests('watch')[1]?.query.resourceVersion);
    expect(shop.requests().filter((request) => request.kind !== 'watch')).toHaveLength(1);
  });

  it('rule 14: a watch that always ends after one event is opened ever more rarely', async () => {
    const backoff = { initial: 40, factor: 2, cap: 10_000, jitter: 0 };
    await using shop = await WatchedServer.start({ objects: configMaps(3) }, { backoff });
    await shop.synced();
    shop.server.fault({ kind: 'watch' }, { end: true });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('watch').length, { timeout: 8000 }).toBeGreaterThanOrEqual(5);
    const times = shop.requests('watch').map((request) => request.at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // Clocks tick in whole milliseconds: two of tolerance.
    for (const [index, gap] of gaps.slice(0, 4).entries())
      expect(gap).toBeGreaterThanOrEqual(40 * 2 ** index - 2);
    expect(shop.requests('list')).toHaveLength(0);
  });

  it('rule 15: three failures to open in a row relist at the last resource version', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    const { resourceVersion } = shop.server;
    shop.server.fault({ kind: 'watch', times: 3 }, { status: 503 });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('watch-list').length).toBe(2);
    expect(shop.requests('watch')).toHaveLength(3);
    expect(shop.requests('watch-list')[1]?.query.resourceVersion).toBe(resourceVersion);
    await shop.agrees();
  });

  it('rule 15: what is forbidden is told with verb and reason, and goes on when it is allowed', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    const message = 'configmaps is forbidden: User "firn" cannot watch resource "configmaps"';
    const allow = shop.server.fault({ kind: 'watch' }, { status: 403, reason: 'Forbidden', message });
    await reopened(shop);
    await expect.poll(() => shop.state?.lastError?.code).toBe('FORBIDDEN');
    expect(shop.state).toMatchObject({ phase: 'backoff', stale: true });
    expect(shop.state?.lastError?.message).toContain('watch v1/configmaps');
    expect(shop.state?.lastError?.message).toContain('User "firn" cannot watch');
    expect(shop.watcher.store.size).toBe(3);
    allow();
    await shop.server.create(configMap('later'));
    await shop.agrees();
    expect(shop.requests('list')).toHaveLength(0);
    await expect.poll(() => shop.state?.stale).toBe(false);
  });

  it.each([
    ['duplicates', { duplicate: true }],
    ['outdated states', { outOfDate: true }],
  ] as const)('rule 21: %s among the events leave the newest state', async (_, fault) => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    shop.server.fault({ kind: 'watch' }, fault);
    await reopened(shop);
    await shop.server.create(configMap('later', '1'));
    await shop.server.patch(configMap('later', '2'));
    await shop.server.patch(configMap('later', '3'));
    await shop.server.delete(configMap('map-00001'));
    await shop.agrees();
    await reopened(shop);
    await shop.agrees();
  });

  it.each([
    ['is not JSON', { malformed: { afterEvents: 1 } }, 'MALFORMED_JSON'],
    ['is too big', { huge: { bytes: 17 * 2 ** 20, afterEvents: 1 } }, 'FRAME_TOO_LARGE'],
    ['is no event', { frame: { kind: 'Table' }, afterEvents: 1 }, 'NOT_A_WATCH_EVENT'],
    [
      'is an object of another kind',
      {
        frame: {
          type: 'ADDED',
          object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', resourceVersion: '9' } },
        },
        afterEvents: 1,
      },
      'WRONG_KIND',
    ],
  ] as const)('rule 25: a frame that %s ends the stream and relists', async (_, fault, code) => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    shop.server.fault({ kind: 'watch', nth: 1 }, fault);
    await reopened(shop);
    await shop.server.create(configMap('later'));
    await expect.poll(() => shop.requests('watch-list').length).toBe(2);
    expect(shop.errors).toContain(code);
    await shop.agrees();
  });
});
