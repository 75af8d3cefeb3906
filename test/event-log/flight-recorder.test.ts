import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@firn/core';
import { createFlightRecorder, createWatcher, replay } from '@firn/runtime';
import { createManualClock, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { map, versionOf } from './log-scene.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'firn-log-')), 'dump');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

describe('a flight recorder', () => {
  it('keeps what happened last, and dumps a log that begins with the states of then and comes to those of now', async () => {
    await using server = await startApiServer({
      objects: Array.from({ length: 30 }, (_, i) => map(`m-${i}`, 'x')),
    });
    const eventLog = createFlightRecorder({ maxEvents: 100 });
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog });
    watcher.start();
    await watcher.synced;
    const digests = new Map<number, string>();
    watcher.store.snapshots$.subscribe((snapshot) => digests.set(snapshot.modCount, snapshot.digest()));
    for (let round = 0; round < 20; round++) {
      let last: KubernetesObject = {};
      for (let i = 0; i < 10; i++) last = await server.patch(map(`m-${(round + i) % 30}`, `${round}`));
      await watcher.reached(versionOf(last));
    }
    await eventLog.dump(folder);
    expect(eventLog.state.phase).toBe('recording');

    const log = await replay(folder);
    expect(await log.verify()).toMatchObject({ damage: undefined, mismatches: [], checkpoints: 1, runs: 1 });
    const { modCount } = watcher.store;
    let compared = 0;
    for (const [at, digest] of [...digests].slice(-4)) {
      expect((await log.at({ modCount: at }, 'v1/configmaps')).digest()).toBe(digest);
      compared++;
    }
    expect(compared).toBe(4);
    expect((await log.at({ modCount }, 'v1/configmaps')).size).toBe(30);
    // The beginning has been forgotten.
    await expect(log.at({ modCount: 2 }, 'v1/configmaps')).rejects.toMatchObject({ code: 'NOT_IN_LOG' });
  });

  it('dumps all of a short run, lists and all', async () => {
    await using server = await startApiServer({ objects: [map('a', '1')] });
    const eventLog = createFlightRecorder();
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog });
    watcher.start();
    await watcher.synced;
    await eventLog.dump(folder);
    const log = await replay(folder);
    expect((await log.at({ modCount: 1 }, 'v1/configmaps')).digest()).toBe(watcher.store.snapshot.digest());
    await expect(eventLog.dump(folder)).resolves.toBeUndefined();
    expect((await replay(folder)).runs).toHaveLength(1);
  });

  it.each([{ maxEvents: 1 }, { maxBytes: 0 }, { maxEvents: 2.5 }])('refuses %j', (options) => {
    expect(() => createFlightRecorder(options)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  });
});

describe('a failure of a watch', () => {
  it('is dumped by itself, with what led to it, once', async () => {
    await using server = await startApiServer({ objects: [map('a', '1')] });
    const clock = createManualClock();
    const eventLog = createFlightRecorder({ dumpOnFailure: folder, clock });
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog, clock });
    watcher.start();
    await watcher.synced;
    await watcher.reached(versionOf(await server.patch(map('a', '2'))));
    const { modCount } = watcher.store;
    const digest = watcher.store.snapshot.digest();
    // A store that is closed under its watch is a failure that nobody foresaw.
    watcher.store.close();
    await server.patch(map('a', '3'));
    await vi.waitFor(() => expect(eventLog.dumps).toHaveLength(1));
    await clock.advance(10_000);
    expect(eventLog.dumps).toHaveLength(1);

    const log = await replay(eventLog.dumps[0] ?? '');
    await using replayed = createWatcher(log.source, { gvr: 'v1/configmaps' });
    const errors: string[] = [];
    replayed.errors$.subscribe(({ code }) => errors.push(code));
    replayed.start();
    await log.run();
    expect(replayed.store.modCount).toBe(modCount);
    expect(replayed.store.snapshot.digest()).toBe(digest);
    expect(errors).toEqual(['ACTOR_FAILED']);
  });

  it('says so where it cannot be dumped', async () => {
    await using server = await startApiServer({ objects: [map('a', '1')] });
    const eventLog = createFlightRecorder({ dumpOnFailure: '/dev/null/dumps' });
    const errors: string[] = [];
    eventLog.errors$.subscribe(({ code }) => errors.push(code));
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog });
    watcher.start();
    await watcher.synced;
    watcher.store.close();
    await server.patch(map('a', '3'));
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    expect(eventLog.dumps).toEqual([]);
  });
});

it('is replayed with the states that it begins with', async () => {
  await using server = await startApiServer({ objects: [map('a', '0'), map('b', '0')] });
  const eventLog = createFlightRecorder({ maxEvents: 10 });
  await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog });
  watcher.start();
  await watcher.synced;
  for (let i = 1; i <= 30; i++) await watcher.reached(versionOf(await server.patch(map('a', `${i}`))));
  await eventLog.dump(folder);
  const log = await replay(folder);
  await using replayed = createWatcher(log.source, { gvr: 'v1/configmaps' });
  const told: number[] = [];
  replayed.store.changes$.subscribe(({ modCount }) => told.push(modCount));
  replayed.start();
  await log.run();
  expect(replayed.store.modCount).toBe(31);
  expect(told.length).toBeLessThan(11);
  expect(replayed.store.snapshot.digest()).toBe(watcher.store.snapshot.digest());
});
