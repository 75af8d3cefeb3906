/** Owns the proof, over a whole server, watcher and disk, of warm starts: what is there at once, and what is told. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createWatcher,
  type EventLog,
  type EventLogOptions,
  openEventLog,
  replay,
  type WatchState,
} from '@firn/runtime';
import { type ApiServer, createManualClock, type ManualClock } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConfigMap, type LogScene, map, openScene, versionOf } from './log-scene.ts';

let scene: LogScene;
let server: ApiServer;
let folder: string;
beforeEach(async () => {
  scene = await openScene();
  ({ server, folder } = scene);
});
afterEach(() => scene[Symbol.asyncDispose]());

interface Life {
  readonly watcher: ReturnType<typeof createMaps>;
  readonly eventLog: EventLog;
  readonly clock: ManualClock;
  readonly told: string[];
  readonly states: WatchState[];
}

function createMaps(eventLog: EventLog, clock: ManualClock | undefined, more: { labelSelector?: string }) {
  return createWatcher<ConfigMap>(server.kubeConfig, {
    gvr: 'v1/configmaps',
    namespace: 'shop',
    eventLog,
    warmStart: true,
    ...(clock && { clock }),
    ...more,
  });
}

async function segments(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.includes('.jsonl'));
}

/** One process: watches, does something, and ends in good order or not at all. */
async function live(
  act: (life: Life) => Promise<void>,
  options: EventLogOptions & { labelSelector?: string } = {},
) {
  const { labelSelector, ...logOptions } = options;
  const eventLog = await openEventLog(folder, logOptions);
  const clock = createManualClock();
  const watcher = createMaps(eventLog, clock, labelSelector === undefined ? {} : { labelSelector });
  const told: string[] = [];
  const states: WatchState[] = [];
  watcher.store.changes$.subscribe(({ type, ref, cause }) => told.push(`${cause} ${type} ${ref.name}`));
  watcher.state$.subscribe((state) => states.push(state));
  watcher.start();
  try {
    await act({ watcher, eventLog, clock, told, states });
  } finally {
    await watcher[Symbol.asyncDispose]();
    await eventLog.close();
  }
}

/** Until the watch that was resumed has proven itself. */
async function confirmed({ watcher, clock }: Life): Promise<void> {
  const synced = watcher.synced.then(() => true);
  while (
    !(await Promise.race([
      synced,
      clock.advance(100).then(() => new Promise((go) => setImmediate(go, false))),
    ]))
  );
}

async function readable({ watcher }: Life): Promise<void> {
  for (;;) {
    if (watcher.store.size > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function firstLife(count = 10, options: EventLogOptions = {}): Promise<void> {
  for (let i = 0; i < count; i++) await server.create(map(`m-${i}`, 'first'));
  await live(async ({ watcher }) => {
    await watcher.synced;
    await watcher.reached(versionOf(await server.update(map('m-1', 'second'))));
  }, options);
}

describe('a warm start', () => {
  it('shows at once what the last run left, stale, and tells only what happened meanwhile', async () => {
    await firstLife();
    await server.update(map('m-2', 'while away'));
    await server.delete(map('m-3', ''));
    const lists = server.requests.filter(({ kind }) => kind !== 'watch').length;
    await live(async (life) => {
      const { watcher, told, states } = life;
      await readable(life);
      const { store } = watcher;
      expect(store.size).toBe(10);
      expect(store.get('shop', 'm-1')[0]?.data).toEqual({ value: 'second' });
      expect(store.modCount).toBe(2);
      expect(store.freshness).toMatchObject({ stale: true });
      expect(store.freshness.since).toBeGreaterThan(Date.now() - 60_000);
      expect(told).toEqual([]);
      expect(watcher.isSynced).toBe(false);
      expect(states.slice(1).every(({ stale, synced }) => stale && !synced)).toBe(true);
      await vi.waitFor(() => expect(told).toEqual(['watch modified m-2', 'watch deleted m-3']));
      await confirmed(life);
      expect(await watcher.synced).toBe(9);
      expect(store.freshness).toEqual({ stale: false });
      expect(store.modCount).toBe(4);
      expect(states.at(-1)).toMatchObject({ phase: 'watching', stale: false, synced: true });
    });
    expect(server.requests.filter(({ kind }) => kind !== 'watch').length).toBe(lists);
  });

  it('lists anew where the server has forgotten the version, and tells the difference', async () => {
    await firstLife();
    await server.update(map('m-2', 'while away'));
    await server.delete(map('m-3', ''));
    await server.create(map('new', 'one'));
    server.compact();
    await live(async ({ watcher, told }) => {
      await watcher.synced;
      expect(told).toEqual(['relist deleted m-3', 'relist modified m-2', 'relist added new']);
      expect(watcher.store.size).toBe(10);
    });
  });

  it('is recorded, and replayed with the state that it began with', async () => {
    await firstLife();
    const digests = new Map<number, string>();
    await live(async (life) => {
      const { watcher } = life;
      watcher.store.snapshots$.subscribe((snapshot) => digests.set(snapshot.modCount, snapshot.digest()));
      await confirmed(life);
      await watcher.reached(versionOf(await server.update(map('m-4', 'in the second life'))));
      await watcher.reached(versionOf(await server.update(map('m-5', 'in the second life'))));
    });
    const log = await replay(folder);
    expect(log.runs).toHaveLength(2);
    expect(await log.verify()).toMatchObject({ damage: undefined, mismatches: [] });
    const watcher = createWatcher(log.source, { gvr: 'v1/configmaps' });
    const replayed = new Map<number, string>();
    watcher.store.snapshots$.subscribe((snapshot) => replayed.set(snapshot.modCount, snapshot.digest()));
    watcher.start();
    await log.run();
    expect(replayed).toEqual(digests);
    expect([...replayed.keys()]).toEqual([0, 2, 3, 4]);
    for (const [modCount, digest] of [...digests].slice(1))
      expect((await log.at({ modCount }, 'v1/configmaps')).digest()).toBe(digest);
    await watcher[Symbol.asyncDispose]();
  });

  it('goes on through any number of lives, also of those that ended before they got anywhere', async () => {
    await firstLife();
    for (let i = 0; i < 5; i++) {
      server.fault({ kind: 'watch', times: 1 }, { close: true });
      await live(async () => undefined);
      const updated = await server.update(map(`m-${i}`, `life ${i}`));
      await live(
        async (life) => {
          const reached = life.watcher.reached(versionOf(updated));
          await confirmed(life);
          await reached;
          // The state that was restored is in a checkpoint, and what came before is gone.
          await vi.waitFor(async () => {
            await life.eventLog.flush();
            expect(await segments()).toHaveLength(1);
          });
        },
        { keep: { segments: 1 }, interval: 1 },
      );
    }
    await live(async (life) => {
      await confirmed(life);
      expect(life.watcher.store.modCount).toBe(7);
      expect(life.told).toEqual([]);
    });
    expect(await segments()).toHaveLength(2);
  });

  it.each([
    ['with other options', { labelSelector: 'app=x' }, 0],
    ['with nothing in the log', undefined, 10],
  ])('begins with a list where the last run left nothing of use: %s', async (_, options, size) => {
    if (options !== undefined) await firstLife();
    else for (let i = 0; i < 10; i++) await server.create(map(`m-${i}`, 'first'));
    await live(async ({ watcher, told }) => {
      expect(await watcher.synced).toBe(size);
      expect(told.every((change) => change.startsWith('initial added'))).toBe(true);
    }, options);
  });

  it('never shows what was redacted', async () => {
    const secret = { ...map('s', 'c2VjcmV0'), kind: 'Secret' };
    await server.create(secret);
    for (const _ of [1, 2]) {
      await using eventLog = await openEventLog(folder);
      await using watcher = createWatcher(server.kubeConfig, {
        gvr: 'v1/secrets',
        eventLog,
        warmStart: true,
      });
      watcher.start();
      await watcher.synced;
      expect(watcher.store.list()[0]?.data).toEqual({ value: 'c2VjcmV0' });
    }
  });

  it('says what is wrong with the log, and begins with a list', async () => {
    await firstLife();
    const [first] = await segments();
    await live(async ({ watcher }) => {
      await rm(join(folder, first ?? ''));
      const errors: string[] = [];
      watcher.errors$.subscribe(({ code }) => errors.push(code));
      expect(await watcher.synced).toBe(10);
      expect(errors).not.toEqual([]);
    });
  });
});
