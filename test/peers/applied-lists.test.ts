import type { KubernetesObject } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from '../reflector/watched-server.ts';
import { toldChanges } from './told-changes.ts';

/** Lets that happen while the watch is away, and has the list that follows bring it. */
async function unseen(shop: WatchedServer, happen: () => Promise<unknown>): Promise<void> {
  const refuse = shop.server.fault({}, { close: true });
  shop.server.disconnect();
  await happen();
  shop.server.compact();
  refuse();
  await shop.agrees();
}

describe('a list anew', () => {
  it.each([
    ['of a first resource', [], ['a'], ['added a relist']],
    ['of nothing', ['a', 'b'], [], ['deleted a relist', 'deleted b relist']],
    [
      'of some that were there, changed, and one that was not',
      ['a', 'b', 'c'],
      ['a', 'b', 'd'],
      ['deleted c relist', 'modified a relist', 'modified b relist', 'added d relist'],
    ],
  ])('rule 19: %s is told as what differs, deletions first', async (_, before, after, differences) => {
    await using shop = await WatchedServer.start({ objects: before.map((name) => configMap(name, '1')) });
    await shop.synced();
    const told = toldChanges(shop.watcher.store);
    await unseen(shop, async () => {
      for (const name of before.filter((known) => !after.includes(known))) {
        await shop.server.delete(configMap(name));
      }
      for (const name of after) {
        if (before.includes(name)) await shop.server.update(configMap(name, '2'));
        else await shop.server.create(configMap(name, '1'));
      }
    });
    await expect.poll(() => told).toEqual(differences);
  });

  it('rule 19: that brings no difference is not told at all', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    const { snapshot } = shop.watcher.store;
    const told = toldChanges(shop.watcher.store);
    await unseen(shop, async () => undefined);
    await shop.server.create(configMap('later'));
    await shop.agrees();
    await expect.poll(() => told).toEqual(['added later watch']);
    for (const { name } of snapshot.refs()) {
      expect(shop.watcher.store.find('shop', name)).toBe(snapshot.find('shop', name));
    }
  });

  it('rule 19: tells a deletion that nobody saw with the last state that was known', async () => {
    await using shop = await WatchedServer.start({ objects: [configMap('a', '1')] });
    await shop.synced();
    const last = shop.watcher.store.find('shop', 'a');
    const deletions: unknown[] = [];
    shop.watcher.store.changes$.subscribe(({ type, object, previous, cause }) => {
      if (type === 'deleted') deletions.push({ object, previous, cause });
    });
    await unseen(shop, async () => {
      await shop.server.update(configMap('a', '2'));
      await shop.server.delete(configMap('a'));
    });
    await expect.poll(() => deletions).toEqual([{ object: last, previous: last, cause: 'relist' }]);
  });

  it('rule 19: right after a deletion, with the resource in it again, tells that it was added', async () => {
    await using shop = await WatchedServer.start({ objects: [configMap('a', '1')] });
    await shop.synced();
    const told = toldChanges(shop.watcher.store);
    await shop.server.delete(configMap('a'));
    await expect.poll(() => told).toEqual(['deleted a watch']);
    await unseen(shop, () => shop.server.create(configMap('a', '2')));
    await expect.poll(() => told).toEqual(['deleted a watch', 'added a relist']);
  });

  it('rule 19: behind events that are still to be told takes the place of them all, and the sum is right', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(40) });
    const sum = new Set<string>();
    shop.watcher.store.changes$.subscribe(({ type, ref }) => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      if (type === 'deleted') expect(sum.delete(ref.name)).toBe(true);
      else sum.add(ref.name);
    });
    shop.watcher.start();
    await shop.watcher.synced;
    // The list is still being told, slowly, when events and another list come in.
    for (let write = 0; write < 20; write++) await shop.server.create(configMap(`brief-${write}`));
    await unseen(shop, async () => {
      for (let write = 0; write < 20; write++) await shop.server.delete(configMap(`brief-${write}`));
      await shop.server.create(configMap('last'));
    });
    const names = () => shop.watcher.store.refs().map(({ name }) => name);
    await expect.poll(() => [...sum].sort()).toEqual(names());
    expect(names()).toContain('last');
  });

  it('rule 29: of nothing is a sync too', async () => {
    await using shop = await WatchedServer.start({}, { initialList: 'list' });
    await shop.synced();
    expect(shop.watcher.isSynced).toBe(true);
    await expect.poll(() => shop.state).toMatchObject({ synced: true, stale: false });
    await shop.server.create(configMap('first'));
    await shop.agrees();
  });
});

describe('writes at random', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const writes = fc.array(fc.tuple(names, fc.constantFrom('write', 'delete', 'cut', 'expire')), {
    maxLength: 40,
  });

  it('rules 19 and 22: leave every resource once, in its last state, and told changes that add up to it', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (steps) => {
        await using shop = await WatchedServer.start({ objects: configMaps(1) });
        const sum = new Map<string, string | undefined>();
        shop.watcher.store.changes$.subscribe(({ type, ref, resourceVersion }) => {
          expect(sum.has(ref.name)).toBe(type !== 'added');
          if (type === 'deleted') sum.delete(ref.name);
          else sum.set(ref.name, resourceVersion);
        });
        await shop.synced();
        for (const [index, [name, step]] of steps.entries()) await takeStep(shop, name, step, index);
        await shop.agrees();
        const held = shop.watcher.store.refs().map((ref) => [ref.name, ref.resourceVersion]);
        expect(new Set(held.map(([name]) => name)).size).toBe(held.length);
        await expect.poll(() => [...sum].sort()).toEqual(held);
      }),
      { numRuns: 15 },
    );
  });
});

async function takeStep(shop: WatchedServer, name: string, step: string, index: number): Promise<void> {
  const known = await shop.server.list<KubernetesObject>('v1/configmaps');
  const isThere = known.some(({ metadata }) => metadata?.name === name);
  if (step === 'cut') shop.server.disconnect();
  else if (step === 'expire') shop.server.compact();
  else if (step === 'delete') await (isThere && shop.server.delete(configMap(name)));
  else if (isThere) await shop.server.update(configMap(name, `${index}`));
  else await shop.server.create(configMap(name, `${index}`));
}
