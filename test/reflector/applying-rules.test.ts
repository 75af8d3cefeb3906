import type { Change } from '@firn/core';
import { ConfigError, type KubernetesObject } from '@firn/core';
import { config as rxjs } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from './watched-server.ts';

/** `added map-00001 relist`, as the changes come. */
function toldChanges(shop: WatchedServer): string[] {
  const told: string[] = [];
  shop.watcher.store.changes$.subscribe(({ type, ref, cause }: Change<KubernetesObject>) =>
    told.push(`${type} ${ref.name} ${cause}`),
  );
  return told;
}

/** What happens meanwhile is not seen: the watch is away, and its history is gone when it comes back. */
async function outOfSight(shop: WatchedServer, happen: () => Promise<unknown>): Promise<void> {
  const refuse = shop.server.fault({}, { close: true });
  shop.server.disconnect();
  await happen();
  shop.server.compact();
  refuse();
  await shop.agrees();
  expect(shop.errors).toContain('EXPIRED');
}

afterEach(() => {
  rxjs.onUnhandledError = null;
});

describe('what the embedded API server sends, applied', () => {
  it('rule 2: what is modified or deleted before a streaming list ends changes the list, not the resume point', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(5) });
    const ghost = { ...configMap('map-00001'), metadata: { namespace: 'shop', name: 'map-00001' } };
    const at = (resourceVersion: string) => ({
      ...ghost,
      metadata: { ...ghost.metadata, uid: 'u', resourceVersion },
    });
    const streamed = { kind: 'watch-list', times: 1 } as const;
    shop.server.fault(streamed, { frame: { type: 'MODIFIED', object: at('900000') }, afterEvents: 3 });
    shop.server.fault(streamed, { frame: { type: 'DELETED', object: at('900001') }, afterEvents: 5 });
    const told = toldChanges(shop);
    await shop.synced();
    expect(shop.watcher.store.refs().map(({ name }) => name)).toEqual([
      'map-00000',
      'map-00002',
      'map-00003',
      'map-00004',
    ]);
    await expect.poll(() => told.length).toBe(4);
    expect(shop.state?.resourceVersion).toBe(shop.server.resourceVersion);
  });

  it('rule 16: what fails again and again is asked for after 20, 40, 80 and again 80 ms, as the options say', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    shop.server.fault({ times: 5 }, { status: 429 });
    await shop.synced();
    const times = shop.requests().map(({ at }) => at);
    const delays = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(delays).toHaveLength(5);
    for (const [index, least] of [20, 40, 80, 80, 80].entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(least - 2);
    }
  });

  it('rule 19: a relist is one step: deletes, then adds and updates; what is the same is silent', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(4) });
    await shop.synced();
    const [kept] = shop.watcher.store.get('shop', 'map-00000');
    const told = toldChanges(shop);
    const sizes: number[] = [];
    shop.watcher.store.snapshots$.subscribe(({ size }) => sizes.push(size));
    const { modCount } = shop.watcher.store;
    await outOfSight(shop, async () => {
      await shop.server.delete(configMap('map-00003'));
      await shop.server.update(configMap('map-00002', 'changed'));
      await shop.server.create(configMap('added-1'));
      await shop.server.create(configMap('added-2'));
    });
    await expect
      .poll(() => told)
      .toEqual([
        'deleted map-00003 relist',
        'added added-1 relist',
        'added added-2 relist',
        'modified map-00002 relist',
      ]);
    expect(sizes).toEqual([4, 5]);
    expect(shop.watcher.store.modCount).toBe(modCount + 1);
    expect(shop.watcher.store.get('shop', 'map-00000')[0]).toBe(kept);
  });

  it('rule 20: what was deleted and made again under its name is another resource, seen or not', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(2) });
    await shop.synced();
    const told = toldChanges(shop);
    const replace = async (): Promise<void> => {
      await shop.server.delete(configMap('map-00001'));
      await shop.server.create(configMap('map-00001'));
    };
    await replace();
    await expect.poll(() => told).toEqual(['deleted map-00001 watch', 'added map-00001 watch']);
    await outOfSight(shop, replace);
    await expect.poll(() => told.slice(2)).toEqual(['deleted map-00001 relist', 'added map-00001 relist']);
  });

  it('rule 22: every object goes through its states in order', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(5) });
    await shop.synced();
    const seen = new Map<string, number[]>();
    shop.watcher.store.changes$.subscribe(({ ref, object }) => {
      const { data } = object as { readonly data?: { readonly text?: string } };
      seen.set(ref.name, [...(seen.get(ref.name) ?? []), Number(data?.text)]);
    });
    const states = Array.from({ length: 40 }, (_, state) => state + 1);
    await Promise.all(
      configMaps(5).map(async ({ metadata }) => {
        for (const state of states) await shop.server.update(configMap(metadata?.name ?? '', `${state}`));
      }),
    );
    await shop.agrees();
    await expect.poll(() => [...seen.values()].map((told) => told.length)).toEqual([40, 40, 40, 40, 40]);
    for (const told of seen.values()) expect(told).toEqual(states);
  });

  it('rule 28: a subscriber that throws harms neither the store, nor the others, nor the watch', async () => {
    const unhandled: unknown[] = [];
    rxjs.onUnhandledError = (error) => unhandled.push(error);
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    const broken = new ConfigError('broken subscriber', { code: 'BROKEN' });
    const breaks = (): never => {
      throw broken;
    };
    const subscribed = [shop.watcher.store.changes$.subscribe(breaks), shop.watcher.state$.subscribe(breaks)];
    const told = toldChanges(shop);
    await shop.synced();
    await shop.server.create(configMap('later'));
    await shop.agrees();
    await expect.poll(() => told).toEqual(['added map-00000 initial', 'added later watch']);
    for (const subscription of subscribed) subscription.unsubscribe();
    await expect.poll(() => unhandled.length).toBeGreaterThanOrEqual(2);
    expect(new Set(unhandled)).toEqual(new Set([broken]));
    expect(shop.requests()).toHaveLength(1);
    expect(shop.state).toMatchObject({ phase: 'watching', restarts: 0 });
  });
});
