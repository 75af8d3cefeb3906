import type { KubernetesObject } from '@firn/core';
import { createWatcher } from '@firn/runtime';
import { type ApiServer, createManualClock, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const GVR = 'v1/configmaps';

let server: ApiServer;

beforeEach(async () => {
  server = await startApiServer({ objects: [configMap('a'), configMap('b')] });
});
afterEach(async () => {
  await server.close();
});

function configMap(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name } };
}

describe('a watcher', () => {
  it('waits on the clock it is given, and on no other', async () => {
    const clock = createManualClock();
    const told: unknown[] = [];
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: GVR,
      clock,
      random: () => 0,
      onChange: (_, stats) => told.push(stats),
    });
    watcher.start();
    expect(await watcher.synced).toBe(2);
    await clock.advance(499);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([{ created: 2, modified: 0, deleted: 0, isInitialSync: true }]);

    const refuse = server.fault({}, { status: 503 });
    server.disconnect();
    // It has lived for half a second, and the shortest delay is 800 ms.
    await expect.poll(() => watcher.state.nextAttemptAt).toBe(clock.now() + 300);
    await clock.advance(300);
    await expect.poll(() => watcher.state.nextAttemptAt).toBe(clock.now() + 1600);
    refuse();
    await clock.advance(1600);
    await expect.poll(() => watcher.state.phase).toBe('watching');

    const late = watcher.reached('1000000000', { timeout: '1s' });
    const refused = expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    await clock.advance('1s');
    await refused;
    await watcher.stop();
    expect(clock.pending).toBe(0);
  });

  it('shares a KubeConfig with others, and changes nothing in it', async () => {
    const { kubeConfig } = server;
    const before = kubeConfig.exportConfig();
    await using first = createWatcher(kubeConfig, { gvr: GVR });
    await using second = createWatcher(kubeConfig, { gvr: GVR, namespace: 'shop' });
    first.start();
    second.start();
    expect(await Promise.all([first.synced, second.synced])).toEqual([2, 2]);
    await first.stop();
    const { metadata } = await server.create(configMap('c'));
    await second.reached(metadata?.resourceVersion ?? '', { timeout: '5s' });
    expect([first.store.size, second.store.size]).toEqual([2, 3]);
    expect(kubeConfig.exportConfig()).toBe(before);
  });

  it('disposed of while it lists, it asks no more, and all of its streams are complete', async () => {
    server.fault({ kind: 'watch-list' }, { stall: { afterEvents: 1 } });
    const watcher = createWatcher(server.kubeConfig, { gvr: GVR });
    const completed: string[] = [];
    watcher.state$.subscribe({ complete: () => completed.push('state$') });
    watcher.errors$.subscribe({ complete: () => completed.push('errors$') });
    watcher.start();
    const { synced } = watcher;
    await expect.poll(() => watcher.state.listed).toBe(1);
    await Promise.all([watcher[Symbol.asyncDispose](), watcher[Symbol.asyncDispose]()]);
    await expect(synced).rejects.toMatchObject({ name: 'AbortError' });
    await expect(watcher.reached('1')).rejects.toMatchObject({ name: 'AbortError' });
    expect(completed.sort()).toEqual(['errors$', 'state$']);
    expect(watcher.store.size).toBe(0);
    watcher.forceSync();
    await watcher.stop();
    expect(server.requests).toHaveLength(1);
  });

  it('tells whoever subscribes after a stop the state as it is, and what comes with the next start', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: GVR });
    watcher.start();
    await watcher.synced;
    await watcher.stop();
    const phases: string[] = [];
    const changes: string[] = [];
    watcher.state$.subscribe(({ phase }) => phases.push(phase));
    watcher.store.changes$.subscribe(({ type, ref }) => changes.push(`${type} ${ref.name}`));
    expect(phases).toEqual(['stopped']);
    await server.create(configMap('c'));
    watcher.start();
    await watcher.synced;
    await expect.poll(() => changes).toEqual(['added c']);
    await expect.poll(() => phases.at(-1)).toBe('watching');
  });

  it('a list under way is what forceSync asks for; a second one is not begun', async () => {
    const release = server.fault({ kind: 'watch-list' }, { delay: 30 });
    await using watcher = createWatcher(server.kubeConfig, { gvr: GVR });
    watcher.forceSync();
    watcher.start();
    watcher.forceSync();
    await watcher.synced;
    expect(server.requests).toHaveLength(1);
    watcher.forceSync();
    watcher.forceSync();
    release();
    const { metadata } = await server.create(configMap('c'));
    await watcher.reached(metadata?.resourceVersion ?? '', { timeout: '5s' });
    expect(server.requests.map(({ kind }) => kind)).toEqual(['watch-list', 'watch-list']);
  });
});
