import type { RecordedRequest } from '@firn/runtime/testing';
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from '../reflector/watched-server.ts';
import { seenSizes, toldChanges } from './told-changes.ts';

const LISTED = { kind: 'watch-list' } as const;

function kinds(shop: WatchedServer): RecordedRequest['kind'][] {
  return shop.requests().map(({ kind }) => kind);
}

/** A bookmark with this value of the annotation that ends initial events. */
function bookmark(end: string): object {
  const metadata = { resourceVersion: '7', annotations: { 'k8s.io/initial-events-end': end } };
  return { type: 'BOOKMARK', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata } };
}

describe('a streaming list', () => {
  it('rule 1: is asked for with a timeout from 5 to 10 minutes, as every watch is', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const seconds = Number(shop.requests()[0]?.query.timeoutSeconds);
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThanOrEqual(600);
  });

  it('rule 1: without items is a sync, and what comes first then is an addition by the watch', async () => {
    await using shop = await WatchedServer.start();
    const told = toldChanges(shop.watcher.store);
    await shop.synced();
    expect(await shop.watcher.synced).toBe(0);
    await shop.server.create(configMap('first'));
    await shop.agrees();
    await expect.poll(() => told).toEqual(['added first watch']);
  });

  it('rules 1–3: an event behind its end takes the place of what was listed', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    const told = toldChanges(shop.watcher.store);
    await shop.synced();
    await shop.server.update(configMap('map-00000', 'changed'));
    for (const name of ['b', 'c', 'd']) await shop.server.create(configMap(name));
    await shop.agrees();
    expect(kinds(shop)).toEqual(['watch-list']);
    const later = ['modified map-00000', 'added b', 'added c', 'added d'].map((line) => `${line} watch`);
    await expect.poll(() => told).toEqual(['added map-00000 initial', ...later]);
  });

  it.each([
    ['no bookmark', [] as object[]],
    ['a bookmark that says "false"', [bookmark('false')]],
    ['a bookmark that says "TRUE"', [bookmark('TRUE')]],
  ])('rule 3: that %s ends is not over: nothing of it is seen, and nobody is in sync', async (_, frames) => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    shop.server.fault(LISTED, { watchList: 'never-ends' });
    for (const frame of frames) shop.server.fault(LISTED, { frame, afterEvents: 3 });
    shop.watcher.start();
    await expect.poll(() => shop.watcher.state.listed).toBe(3);
    expect(shop.watcher.isSynced).toBe(false);
    expect(shop.watcher.store.size).toBe(0);
    expect(shop.state?.resourceVersion).toBeUndefined();
    expect(kinds(shop)).toEqual(['watch-list']);
  });

  it('rule 4: that is cut before its end is asked for anew, and then complete', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(10) });
    shop.server.fault({ ...LISTED, nth: 1 }, { reset: { afterEvents: 4 } });
    const sizes = seenSizes(shop.watcher.store);
    await shop.synced();
    expect(kinds(shop)).toEqual(['watch-list', 'watch-list']);
    expect(shop.requests()[1]?.query.resourceVersion).toBe('');
    expect([...sizes]).toEqual([0, 10]);
  });

  it.each([
    [400, 'is remembered', 'list'],
    [422, 'is remembered', 'list'],
    [501, 'is remembered', 'list'],
    [403, 'is tried again by the next list', 'watch-list'],
    [404, 'is tried again by the next list', 'watch-list'],
    [500, 'is tried again by the next list', 'watch-list'],
  ] as const)('rule 5: that is refused with %i comes in pages, which %s', async (status, _, next) => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    shop.server.fault({ ...LISTED, nth: 1 }, { status });
    await shop.synced();
    await expect.poll(() => kinds(shop)).toEqual(['watch-list', 'list', 'watch']);
    shop.watcher.forceSync();
    await expect.poll(() => shop.requests().length).toBeGreaterThanOrEqual(4);
    expect(kinds(shop)[3]).toBe(next);
    await shop.agrees();
  });

  it.each([
    ['410', { status: 410, reason: 'Expired' }],
    [
      'a version that is too large',
      { status: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    ],
  ] as const)(
    'rule 5: anew at the last version that is answered with %s is asked for at none',
    async (_, refusal) => {
      await using shop = await WatchedServer.start({ objects: configMaps(3) });
      await shop.synced();
      const { resourceVersion } = shop.server;
      shop.server.fault({ kind: 'watch', times: 1 }, { errorEvent: 410 });
      shop.server.fault({ ...LISTED, nth: 1 }, refusal);
      shop.server.disconnect();
      await expect.poll(() => shop.requests('watch-list').length).toBe(3);
      const asked = shop.requests('watch-list').map(({ query }) => query.resourceVersion);
      expect(asked).toEqual(['', resourceVersion, '']);
      await shop.agrees();
    },
  );
});

describe('a server that is not there yet', () => {
  it('rule 5: is asked for the streaming list until it is', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    const refuse = shop.server.fault({}, { close: true });
    shop.watcher.start();
    await expect.poll(() => shop.errors.length).toBeGreaterThan(3);
    refuse();
    await shop.watcher.synced;
    expect(new Set(kinds(shop))).toEqual(new Set(['watch-list']));
    await shop.agrees();
  });
});

describe('lists in place of streaming lists', () => {
  it('rule 6: are asked for when the options say so: no request but them carries initial events', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) }, { initialList: 'list' });
    await shop.synced();
    await expect.poll(() => kinds(shop)).toEqual(['list', 'watch']);
    shop.watcher.forceSync();
    await expect.poll(() => kinds(shop)).toEqual(['list', 'watch', 'list', 'watch']);
    for (const { query } of shop.requests()) expect(query).not.toHaveProperty('sendInitialEvents');
    await shop.agrees();
  });
});
