import { config as rxjs, type Subscription } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { configMap, configMaps, WatchedServer } from '../reflector/watched-server.ts';
import { toldChanges } from './told-changes.ts';

afterEach(() => {
  rxjs.onUnhandledError = null;
});

/** Keeps a copy of the store: what is there now, and from then on what it is told. */
function follow(shop: WatchedServer): { readonly names: Set<string>; readonly subscription: Subscription } {
  const names = new Set<string>();
  const subscription = shop.watcher.store.changes$.subscribe(({ type, ref }) => {
    if (type === 'deleted') names.delete(ref.name);
    else names.add(ref.name);
  });
  for (const { name } of shop.watcher.store.refs()) names.add(name);
  return { names, subscription };
}

function namesOf(shop: WatchedServer): string[] {
  return shop.watcher.store.refs().map(({ name }) => name);
}

describe('who subscribes', () => {
  it('before the start is told the first list as such, and no later list as one', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    const told = toldChanges(shop.watcher.store);
    await shop.synced();
    const refuse = shop.server.fault({}, { close: true });
    shop.server.disconnect();
    await shop.server.update(configMap('map-00000', 'changed'));
    await shop.server.create(configMap('later'));
    shop.server.compact();
    refuse();
    await shop.agrees();
    await expect
      .poll(() => told)
      .toEqual(['added map-00000 initial', 'added later relist', 'modified map-00000 relist']);
  });

  it('while the watch runs finds in the store what came before, and is told what comes after', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(5) });
    await shop.synced();
    const early = follow(shop);
    await shop.server.create(configMap('a'));
    await shop.agrees();
    const late = follow(shop);
    await shop.server.delete(configMap('map-00001'));
    await shop.server.create(configMap('b'));
    await shop.agrees();
    for (const { names } of [early, late]) {
      await expect.poll(() => [...names].sort()).toEqual(namesOf(shop));
    }
  });

  it('and leaves is told nothing more; others are', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    await shop.synced();
    const [leaving, staying] = [follow(shop), follow(shop)];
    await shop.server.create(configMap('a'));
    await shop.agrees();
    await expect.poll(() => leaving.names.has('a')).toBe(true);
    leaving.subscription.unsubscribe();
    await shop.server.create(configMap('b'));
    await shop.agrees();
    await expect.poll(() => staying.names.has('b')).toBe(true);
    expect(leaving.names.has('b')).toBe(false);
  });

  it('in a crowd that comes and goes during writes and lists ends with what the store holds', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(20) });
    await shop.synced();
    const crowd = new Set<ReturnType<typeof follow>>();
    for (let write = 0; write < 200; write++) {
      crowd.add(follow(shop));
      const [oldest] = crowd;
      if (write % 3 === 0 && oldest) {
        oldest.subscription.unsubscribe();
        crowd.delete(oldest);
      }
      if (write % 4 === 3) await shop.server.delete(configMap(`w-${write - 1}`));
      else await shop.server.create(configMap(`w-${write}`));
      if (write % 70 === 69) shop.watcher.forceSync();
    }
    await shop.agrees();
    for (const { names } of crowd) await expect.poll(() => [...names].sort()).toEqual(namesOf(shop));
  });

  it('after a disposal is told that it is over, and the store can still be read', async () => {
    const shop = await WatchedServer.start({ objects: configMaps(3) });
    await shop.synced();
    await shop.watcher[Symbol.asyncDispose]();
    const ends: string[] = [];
    shop.watcher.store.changes$.subscribe({ complete: () => ends.push('changes$') });
    shop.watcher.state$.subscribe({ complete: () => ends.push('state$') });
    expect(ends).toEqual(['changes$', 'state$']);
    expect(shop.watcher.store.size).toBe(3);
    await shop.server.close();
  });
});

describe('a subscriber', () => {
  it('that writes to the server because of what it saw sees that too', async () => {
    await using shop = await WatchedServer.start();
    await shop.synced();
    const steps: string[] = [];
    const failures: unknown[] = [];
    shop.watcher.store.changes$.subscribe(({ type, object, previous, ref }) => {
      const text = (held: unknown) => (held as { data?: { text?: string } } | undefined)?.data?.text;
      steps.push(`${type} ${text(previous) ?? '-'} ${text(object)}`);
      if (type !== 'modified') return;
      shop.server.delete(configMap(ref.name)).catch((error: unknown) => failures.push(error));
    });
    await shop.server.create(configMap('a', 'from'));
    await shop.server.update(configMap('a', 'to'));
    await expect.poll(() => steps).toEqual(['added - from', 'modified from to', 'deleted to to']);
    expect(failures).toEqual([]);
    await shop.agrees();
  });

  it('rule 28: that throws at every change, beside another one that does, is told every change', async () => {
    const unhandled: unknown[] = [];
    rxjs.onUnhandledError = (error) => unhandled.push(error);
    await using shop = await WatchedServer.start({ objects: configMaps(5) });
    const told = ['first', 'second'].map((name) => {
      const names: string[] = [];
      shop.watcher.store.changes$.subscribe(({ ref }) => {
        names.push(ref.name);
        throw new Error(name);
      });
      return names;
    });
    await shop.synced();
    await shop.server.create(configMap('later'));
    await shop.agrees();
    for (const names of told) {
      await expect
        .poll(() => names)
        .toEqual([...configMaps(5), configMap('later')].map((map) => map.metadata?.name));
    }
    await expect.poll(() => unhandled.length).toBe(12);
    expect(shop.state).toMatchObject({ phase: 'watching', restarts: 0 });
  });

  it('of errors$ hears why the first list does not come', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    shop.server.fault({}, { status: 403, message: 'access denied' });
    const messages: string[] = [];
    shop.watcher.errors$.subscribe(({ message }) => messages.push(message));
    shop.watcher.start();
    await expect.poll(() => messages[0]).toMatch(/list.*v1\/configmaps.*access denied/);
    expect(shop.watcher.isSynced).toBe(false);
  });
});

describe('those who wait for the first list', () => {
  it('are all told when it is there, whenever they began to wait', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(4) });
    const before = [shop.watcher.synced, shop.watcher.synced];
    shop.watcher.start();
    const meanwhile = shop.watcher.synced;
    expect(await Promise.all([...before, meanwhile])).toEqual([4, 4, 4]);
    await shop.server.create(configMap('later'));
    await shop.agrees();
    expect(await shop.watcher.synced).toBe(4);
  });

  it('rule 29: can tell from the state what a watcher is at', async () => {
    await using shop = await WatchedServer.start({ objects: configMaps(1) });
    expect(shop.watcher.state).toMatchObject({ phase: 'idle', synced: false });
    await shop.synced();
    await expect.poll(() => shop.watcher.state).toMatchObject({ phase: 'watching', synced: true });
    await shop.watcher.stop();
    expect(shop.watcher.state).toMatchObject({ phase: 'stopped', synced: false });
  });
});
