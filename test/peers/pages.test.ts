import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from '../reflector/watched-server.ts';
import { seenSizes, toldChanges } from './told-changes.ts';

const PAGED = { initialList: 'list', pageSize: 10 } as const;

describe('a list in pages of 10', () => {
  it.each([
    [0, 1],
    [9, 1],
    [10, 1],
    [11, 2],
    [20, 2],
    [21, 3],
  ])('rule 8: of %i items takes %i requests, and is seen whole or not at all', async (items, requests) => {
    await using shop = await WatchedServer.start({ objects: configMaps(items) }, PAGED);
    const sizes = seenSizes(shop.watcher.store);
    await shop.synced();
    expect(shop.requests('list')).toHaveLength(requests);
    expect([...sizes]).toEqual([...new Set([0, items])]);
    await shop.agrees();
  });

  it('rule 8: shows the version of its first page, whatever is written between its pages', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(25) }, PAGED);
    const { resourceVersion } = shop.server;
    shop.server.fault({ kind: 'list', nth: 2 }, { delay: 30 });
    const told = toldChanges(shop.watcher.store);
    shop.watcher.start();
    await expect.poll(() => shop.requests('list').length, { interval: 1 }).toBe(2);
    await shop.server.create(configMap('between'));
    await shop.server.delete(configMap('map-00024'));
    await shop.watcher.synced;
    await shop.agrees();
    expect(shop.requests('watch')[0]?.query.resourceVersion).toBe(resourceVersion);
    await expect.poll(() => told.slice(25)).toEqual(['added between watch', 'deleted map-00024 watch']);
  });

  it('rule 27: of which one is under way when it is stopped asks for no other', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(25) }, PAGED);
    shop.server.fault({ kind: 'list', nth: 2 }, { stall: true });
    shop.watcher.start();
    await expect.poll(() => shop.requests('list').length).toBe(2);
    await shop.watcher.stop();
    expect(shop.watcher.store.size).toBe(0);
    await shop.synced();
    expect(shop.requests('list')).toHaveLength(5);
    await shop.agrees();
  });

  it('rule 7: anew, at the version that is known, is one page, whatever the size of pages', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(25) }, PAGED);
    await shop.synced();
    const { resourceVersion } = shop.server;
    await expect.poll(() => shop.requests('watch').length).toBe(1);
    shop.server.fault({ kind: 'watch', times: 1 }, { errorEvent: 410 });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('list').length).toBe(4);
    expect(shop.requests('list')[3]?.query).toEqual({
      resourceVersion,
      resourceVersionMatch: 'NotOlderThan',
    });
    await shop.agrees();
  });

  it('rule 9: that expires again in one piece waits, and begins anew', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(25) }, PAGED);
    shop.server.fault({ kind: 'list', nth: 2, times: 2 }, { status: 410, reason: 'Expired' });
    const sizes = seenSizes(shop.watcher.store);
    await shop.synced();
    expect(shop.errors).toEqual(['EXPIRED', 'EXPIRED']);
    expect([...sizes]).toEqual([0, 25]);
    await shop.agrees();
  });
});

describe('a list at the last version', () => {
  it.each([
    ['410 Expired', { status: 410, reason: 'Expired' }],
    ['410 Gone', { status: 410, reason: 'Gone' }],
    [
      'a cause of today',
      { status: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    ],
    [
      'the words of 1.17',
      { status: 504, reason: 'Timeout', details: { causes: [{ message: 'Too large resource version' }] } },
    ],
    ['the words before 1.17', { status: 504, reason: 'Timeout', message: 'Too large resource version: 9' }],
  ] as const)(
    'rule 10: that is refused with %s is asked for at whatever is newest, at once',
    async (_, refusal) => {
      await using shop = await WatchedServer.start(
        { objects: configMaps(3) },
        { initialList: 'list', backoff: { initial: '1h', cap: '1h', jitter: 0 } },
      );
      shop.server.fault({ kind: 'watch', nth: 1 }, { errorEvent: { code: 410, afterEvents: 1 } });
      shop.server.fault({ kind: 'list', nth: 2 }, refusal);
      await shop.synced();
      await expect.poll(() => shop.requests('watch').length).toBe(1);
      await shop.server.create(configMap('later'));
      const { resourceVersion } = shop.server;
      await expect.poll(() => shop.requests('list').length).toBe(3);
      const asked = shop.requests('list').map(({ query }) => query.resourceVersion);
      expect(asked).toEqual(['', resourceVersion, '']);
      await shop.agrees();
    },
  );
});
