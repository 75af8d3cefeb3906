import { describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from './watched-server.ts';

/** Keeps the event loop for about that long, in milliseconds. */
function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('pressure', () => {
  it('rule 18: what arrives faster than a subscriber takes it is coalesced per object, told in state$, and nothing of it is lost', async () => {
    const objects = 400;
    await using shop = await WatchedServer.start({ objects: configMaps(objects) });
    const told = new Map<string, string>();
    let changes = 0;
    shop.watcher.store.changes$.subscribe(({ type, ref, resourceVersion = '' }) => {
      changes++;
      if (type === 'deleted') told.delete(ref.name);
      else told.set(ref.name, resourceVersion);
      if (changes <= objects) busy(4);
    });
    await shop.synced();
    // While the list is being told, slowly, this arrives: more than a mailbox holds.
    const writes = 15_000;
    for (let write = 0; write < writes; write++) {
      await shop.server.update(configMap(`map-0000${write % 10}`, `${write}`));
    }
    await shop.server.delete(configMap('map-00000'));
    await shop.server.create(configMap('map-00000', 'made again'));
    await shop.agrees();
    await expect.poll(() => changes).toBe(objects + writes + 2 - shop.watcher.state.mailbox.coalesced);
    const { coalesced, ...mailbox } = shop.watcher.state.mailbox;
    expect(coalesced).toBeGreaterThan(0);
    expect(mailbox).toEqual({ length: 0, bytes: 0, oldestAgeMs: 0 });
    await expect.poll(() => shop.state?.mailbox).toEqual(shop.watcher.state.mailbox);
    const lengths = shop.states.map((state) => state.mailbox.length);
    expect(Math.max(...lengths)).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(10_000);
    expect([...told].sort()).toEqual(
      shop.watcher.store
        .refs()
        .map(({ name, resourceVersion }) => [name, resourceVersion])
        .sort(),
    );
    expect(shop.requests()).toHaveLength(1);
  });
});
