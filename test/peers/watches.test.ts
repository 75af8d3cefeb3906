import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from '../reflector/watched-server.ts';
import { toldChanges } from './told-changes.ts';

/** Makes the watcher open a watch, which the faults that are set then meet. */
async function reopened(shop: WatchedServer): Promise<void> {
  const before = shop.requests('watch').length;
  shop.server.disconnect();
  await expect.poll(() => shop.requests('watch').length, { interval: 5 }).toBeGreaterThan(before);
}

describe('where a watch goes on', () => {
  it('rule 12: additions, changes, deletions and bookmarks each move it on', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1), bookmarkInterval: 20 });
    await shop.synced();
    const elsewhere = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'shop', name: 'a' } };
    const steps = [
      () => shop.server.create(configMap('later')),
      () => shop.server.update(configMap('later', 'changed')),
      () => shop.server.create(elsewhere),
      () => shop.server.delete(configMap('later')),
    ];
    for (const step of steps) {
      await step();
      const { resourceVersion } = shop.server;
      await shop.watcher.reached(resourceVersion, { timeout: 5000 });
      await reopened(shop);
      expect(shop.requests('watch').at(-1)?.query.resourceVersion).toBe(resourceVersion);
    }
    expect(shop.requests('watch-list')).toHaveLength(1);
  });

  it('rule 14: watches that end after every event bring all events, once and in order, however far apart their versions', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const told = toldChanges(shop.watcher.store);
    shop.server.fault({ kind: 'watch' }, { end: { afterEvents: 1 } });
    await reopened(shop);
    const names = Array.from({ length: 6 }, (_, index) => `later-${index}`);
    for (const [index, name] of names.entries()) {
      await shop.server.create(configMap(name));
      // Versions that belong to others lie between.
      for (let other = 0; other < index; other++)
        await shop.server.create({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { namespace: 'shop', name: `${name}-${other}` },
        });
    }
    await shop.agrees();
    await expect.poll(() => told).toEqual(names.map((name) => `added ${name} watch`));
    expect(shop.requests('watch-list')).toHaveLength(1);
  });

  it('rule 14: a watch that ends at once, without an event, has failed: it is told and waits', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    shop.server.fault({ kind: 'watch', nth: 1 }, { end: true });
    await reopened(shop);
    await expect.poll(() => shop.errors).toContain('WATCH_ENDED_AT_ONCE');
    await expect.poll(() => shop.state).toMatchObject({ phase: 'watching', stale: false });
    expect(shop.requests('watch-list')).toHaveLength(1);
  });
});

describe('an ERROR event', () => {
  it.each([
    ['a code that nobody knows', { type: 'ERROR', object: { kind: 'Status', code: 666 } }],
    ['a Status that says nothing', { type: 'ERROR', object: { kind: 'Status' } }],
    ['an object that is no Status', { type: 'ERROR', object: configMap('a') }],
    ['no object', { type: 'ERROR', object: null }],
    ['a timeout', { type: 'ERROR', object: { kind: 'Status', code: 504, reason: 'Timeout' } }],
    ['an internal error', { type: 'ERROR', object: { kind: 'Status', code: 500, reason: 'InternalError' } }],
  ])(
    'rule 13: with %s ends the stream; what came before it counts, what comes later is not lost',
    async (_, frame) => {
      await using shop = await WatchedServer.start({ objects: configMaps(1) });
      await shop.synced();
      const told = toldChanges(shop.watcher.store);
      shop.server.fault({ kind: 'watch', nth: 1 }, { frame, afterEvents: 1 });
      await reopened(shop);
      await shop.server.create(configMap('before'));
      await shop.server.create(configMap('after'));
      await shop.agrees();
      expect(shop.errors.length).toBeGreaterThanOrEqual(2);
      await expect
        .poll(() => told.map((line) => line.split(' ', 2).join(' ')))
        .toEqual(['added before', 'added after']);
    },
  );

  it.each(['StoreReadError', 'StorageReadError'])(
    'rule 13: %s means that a deletion cannot be told: a list tells it, at once',
    async (reason) => {
      await using shop = await WatchedServer.start({ objects: configMaps(3) });
      await shop.synced();
      const told = toldChanges(shop.watcher.store);
      const { resourceVersion } = shop.server;
      const lost = { type: 'ERROR', object: { kind: 'Status', code: 500, reason } };
      const refuse = shop.server.fault({}, { close: true });
      shop.server.disconnect();
      await shop.server.delete(configMap('map-00001'));
      shop.server.fault({ kind: 'watch', nth: 1 }, { frame: lost, afterEvents: 0 });
      refuse();
      await shop.agrees();
      await expect.poll(() => told).toEqual(['deleted map-00001 relist']);
      const lists = shop.requests('watch-list').map(({ query }) => query.resourceVersion);
      expect(lists).toEqual(['', resourceVersion]);
    },
  );

  it('rule 13: of 500, again and again, has the server asked ever more rarely; readers keep what they have until it is well', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const ill = [
      shop.server.fault({ kind: 'watch' }, { errorEvent: 500 }),
      shop.server.fault({ kind: ['watch-list', 'list'] }, { status: 500 }),
    ];
    const before = shop.requests().length;
    await reopened(shop);
    await expect.poll(() => shop.requests().length).toBeGreaterThan(before + 7);
    const times = shop.requests().map(({ at }) => at);
    const gaps = times.slice(-4).map((at, index, last) => at - (last[index - 1] ?? at));
    // A list in pages follows a refused streaming list at once: at least every second request waits for the cap.
    expect(gaps.filter((gap) => gap >= 78).length).toBeGreaterThanOrEqual(1);
    expect(shop.watcher.store.size).toBe(1);
    for (const well of ill) well();
    await shop.server.create(configMap('later'));
    await shop.agrees();
    await expect.poll(() => shop.state?.stale).toBe(false);
  });
});

describe('a watch that cannot be opened', () => {
  it('rule 15: because the server is too busy is asked for again at the same version, three times, then listed', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const { resourceVersion } = shop.server;
    shop.server.fault({ kind: 'watch', times: 3 }, { status: 429 });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('watch-list').length).toBe(2);
    const asked = shop.requests().map(({ kind, query }) => `${kind} ${query.resourceVersion}`);
    expect(asked.slice(1)).toEqual([
      `watch ${resourceVersion}`,
      `watch ${resourceVersion}`,
      `watch ${resourceVersion}`,
      `watch-list ${resourceVersion}`,
    ]);
    await shop.agrees();
  });

  it.each([429, 503])(
    'rule 15: %i with Retry-After leaves the server alone for that long',
    async (status) => {
      await using shop = await WatchedServer.start({ objects: configMaps(1) });
      await shop.synced();
      shop.server.fault({ kind: 'watch', nth: 1 }, { status, retryAfter: 1 });
      shop.server.disconnect();
      await expect.poll(() => shop.requests('watch').length, { timeout: 5000 }).toBe(2);
      const [first, second] = shop.requests('watch').map(({ at }) => at);
      // Clocks tick in whole milliseconds: two of tolerance.
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(998);
      await shop.agrees();
    },
  );

  it.each([
    [404, 'NOT_FOUND'],
    [405, 'METHOD_NOT_ALLOWED'],
  ])(
    'rule 15: %i is told with verb and reason, waits for the longest delay, and goes on where it was',
    async (status, code) => {
      await using shop = await WatchedServer.start({ objects: configMaps(1) });
      await shop.synced();
      const refuse = shop.server.fault({ kind: 'watch' }, { status, message: 'the reason of the server' });
      await reopened(shop);
      await expect.poll(() => shop.state?.lastError?.code).toBe(code);
      expect(shop.state?.lastError?.message).toMatch(
        /(watch.*v1\/configmaps|v1\/configmaps to watch).*the reason of the server/,
      );
      expect(shop.state).toMatchObject({ phase: 'backoff', stale: true, synced: true });
      await expect.poll(() => shop.requests('watch').length).toBeGreaterThanOrEqual(3);
      const times = shop.requests('watch').map(({ at }) => at);
      expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(78);
      refuse();
      await shop.server.create(configMap('later'));
      await shop.agrees();
      expect(shop.requests('watch-list')).toHaveLength(1);
    },
  );

  it('rule 15: because its version has expired (410 as a status) is followed by a list at that version', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const { resourceVersion } = shop.server;
    shop.server.fault({ kind: 'watch', nth: 1 }, { status: 410, reason: 'Expired' });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('watch-list').length).toBe(2);
    expect(shop.requests('watch-list')[1]?.query.resourceVersion).toBe(resourceVersion);
    expect(shop.errors).toContain('EXPIRED');
    await shop.agrees();
  });

  it('rule 15: a 401 is asked again at once before anybody is told', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    shop.server.fault({ kind: 'watch', nth: 1 }, { status: 401 });
    shop.server.disconnect();
    await expect.poll(() => shop.requests('watch').length).toBe(2);
    await shop.agrees();
    expect(shop.errors).not.toContain('UNAUTHORIZED');
  });
});

describe('a stop', () => {
  it('rule 27: leaves events unread that are on their way, and says nothing more', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const told = toldChanges(shop.watcher.store);
    shop.server.fault({ kind: 'watch' }, { drip: { bytes: 16, every: 5 } });
    await reopened(shop);
    for (let write = 0; write < 20; write++) await shop.server.create(configMap(`later-${write}`));
    await shop.watcher.stop();
    const known = [told.length, shop.states.length, shop.errors.length, shop.requests().length];
    await shop.server.create(configMap('too-late'));
    await using other = await WatchedServer.start({ objects: configMaps(1) });
    await other.synced();
    expect([told.length, shop.states.length, shop.errors.length, shop.requests().length]).toEqual(known);
    expect(told.length).toBeLessThan(20);
  });
});
