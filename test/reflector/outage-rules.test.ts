import { startApiServer } from '@firn/runtime/testing';
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, QUICK, WatchedServer } from './watched-server.ts';

describe('outages of the embedded API server', () => {
  it('rule 18: a server that comes back with an older state is noticed, and its state replaces ours', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    for (let write = 0; write < 50; write++) await shop.server.create(configMap(`lost-${write}`));
    await shop.agrees();
    const seen = shop.server.resourceVersion;
    const { port } = shop.server;
    await shop.server.close();
    await expect.poll(() => shop.errors, { timeout: 5000 }).toContain('CONNECTION_REFUSED');
    shop.server = await startApiServer({ objects: configMaps(2), port });
    expect(BigInt(shop.server.resourceVersion)).toBeLessThan(BigInt(seen));
    await shop.agrees();
    expect(shop.requests()[0]).toMatchObject({ kind: 'list', query: { limit: '1', resourceVersion: '' } });
    expect(shop.errors).toContain('SERVER_WENT_BACK');
    await shop.server.create(configMap('later'));
    await shop.agrees();
  });

  it('rule 18: a restart that keeps the state is followed by a probe and a watch, not by a list', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    const { port } = shop.server;
    const objects = await shop.server.list('v1/configmaps');
    const seen = BigInt(shop.server.resourceVersion);
    await shop.server.close();
    await expect.poll(() => shop.errors, { timeout: 5000 }).toContain('CONNECTION_REFUSED');
    shop.server = await startApiServer({ objects, port, resourceVersionBase: seen });
    await expect.poll(() => shop.requests('watch').length).toBe(1);
    expect(shop.requests().filter((request) => request.query.limit !== '1')).toHaveLength(1);
    await expect.poll(() => shop.state?.stale).toBe(false);
  });

  it('rule 18: a silent watch at a resource version that the server has not reached is probed', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) }, { idleTimeout: 150 });
    await shop.synced();
    for (let write = 0; write < 20; write++) await shop.server.create(configMap(`lost-${write}`));
    await shop.agrees();
    const { port } = shop.server;
    await shop.server.close();
    // The new server answers before the first attempt is refused, or after: either way the watch must not hang.
    shop.server = await startApiServer({ objects: configMaps(2), port });
    await shop.agrees();
    expect(shop.errors).toContain('SERVER_WENT_BACK');
  });

  it('rule 13: after a compaction the changes of an outage come by a list', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    const refuse = shop.server.fault({}, { close: true });
    shop.server.disconnect();
    await shop.server.delete(configMap('map-00001'));
    await shop.server.create(configMap('later'));
    shop.server.compact();
    refuse();
    await shop.agrees();
    expect(shop.errors).toContain('EXPIRED');
    expect(shop.requests('watch-list').length).toBeGreaterThanOrEqual(2);
  });

  it('rule 15: a token that is taken away and given back', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3), tokens: ['right'] });
    await shop.synced();
    shop.server.setTokens(['other']);
    shop.server.disconnect();
    await expect.poll(() => shop.state?.lastError?.code).toBe('UNAUTHORIZED');
    expect(JSON.stringify(shop.state?.lastError?.message)).not.toContain('right');
    shop.server.setTokens(['right']);
    await shop.server.create(configMap('later'));
    await shop.agrees();
    expect(shop.requests('watch-list')).toHaveLength(1);
  });

  it('rule 27: stopped during an outage it asks no more', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) }, { backoff: QUICK });
    await shop.synced();
    shop.server.fault({}, { status: 503 });
    shop.server.disconnect();
    await expect.poll(() => shop.state?.phase).toBe('backoff');
    await shop.watcher.stop();
    const requests = shop.requests().length;
    const states = shop.states.length;
    const other = await WatchedServer.start({}, { backoff: QUICK });
    await other.synced();
    for (let write = 0; write < 20; write++) await other.server.create(configMap(`tick-${write}`));
    await other.agrees();
    await other[Symbol.asyncDispose]();
    expect(shop.requests()).toHaveLength(requests);
    expect(shop.states).toHaveLength(states);
  });

  it('rule 29: during an outage the state is stale, afterwards not', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    expect(shop.state).toMatchObject({ synced: true, stale: false });
    const allow = shop.server.fault({}, { status: 503 });
    shop.server.disconnect();
    await expect.poll(() => shop.state?.stale).toBe(true);
    expect(shop.state).toMatchObject({ synced: true });
    expect(shop.watcher.store.freshness.stale).toBe(true);
    allow();
    await expect.poll(() => shop.state?.stale).toBe(false);
    expect(shop.watcher.store.freshness.stale).toBe(false);
  });
});
