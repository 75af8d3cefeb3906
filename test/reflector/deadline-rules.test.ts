import { type Clock, systemClock } from '@firn/stores';
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from './watched-server.ts';

/** A hundred times as fast: 90 s of silence pass in 0.9 s. */
function fastClock(): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * 100,
    setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms / 100),
    clearTimeout: (handle) => systemClock.clearTimeout(handle),
  };
}

describe('silence of the embedded API server', () => {
  it('rule 17: a watch that has shown a bookmark and is silent for 90 s is opened again where it was', async () => {
    await using shop = await WatchedServer.start(
      { objects: configMaps(3), bookmarkInterval: 20 },
      { clock: fastClock() },
    );
    const streamed = { kind: 'watch-list', times: 1 } as const;
    // Three objects, the end of the list, one bookmark.
    shop.server.fault(streamed, { stall: { afterEvents: 5 } });
    await shop.synced();
    await expect.poll(() => shop.requests('watch').length, { timeout: 5000 }).toBe(1);
    expect(shop.errors).toEqual(['TIMEOUT']);
    expect(shop.requests('watch')[0]?.query.resourceVersion).toBe(shop.server.resourceVersion);
    expect(shop.requests('watch-list')).toHaveLength(1);
    await shop.server.create(configMap('later'));
    await shop.agrees();
  });

  it('rule 17: a watch without bookmarks is left alone until the server should have ended it, and 30 s more', async () => {
    await using shop = await WatchedServer.start(
      { objects: configMaps(3) },
      { clock: fastClock(), watchTimeout: '120s' },
    );
    shop.server.fault({ kind: 'watch-list', times: 1 }, { stall: { afterEvents: 4 } });
    await shop.synced();
    await expect.poll(() => shop.requests('watch').length, { timeout: 5000 }).toBe(1);
    const [first, second] = shop.requests();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1490);
    expect(shop.errors).toEqual(['TIMEOUT']);
    await shop.server.create(configMap('later'));
    await shop.agrees();
  });
});
