/** Owns the proof of how a replay is steered: step, pause, speed, from and until, and what it refuses. */
import { createRuntime, createWatcher, openEventLog, type Replay, replay, watched } from '@firn/runtime';
import { createManualClock, type ManualClock } from '@firn/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfigMap, type LogScene, map, openScene } from './log-scene.ts';

let scene: LogScene;
let folder: string;
/** When each of the ten updates was, by the clock of the recording. */
const times: number[] = [];

/** Ten updates, each a second after the one before, in segments of which the first ones are dropped. */
beforeAll(async () => {
  scene = await openScene();
  const { server } = scene;
  folder = scene.folder;
  const clock = createManualClock({ now: Date.parse('2026-01-31T10:00:00Z') });
  const eventLog = await openEventLog(folder, { clock, segmentBytes: 1500, keep: { segments: 3 } });
  const watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps', eventLog, clock });
  await server.create(map('a', '0'));
  watcher.start();
  await watcher.synced;
  for (let i = 1; i <= 10; i++) {
    await clock.advance(1000);
    const { metadata } = await server.update(map('a', `${i}`));
    await watcher.reached(metadata?.resourceVersion ?? '');
    times.push(clock.now());
    await Promise.all([eventLog.flush(), clock.advance(0)]);
  }
  await watcher.stop();
  await eventLog.close();
});
afterAll(() => scene[Symbol.asyncDispose]());

function follow(log: Replay) {
  const watcher = createWatcher<ConfigMap>(log.source, {
    gvr: 'v1/configmaps',
  });
  const values: (string | undefined)[] = [];
  watcher.store.changes$.subscribe(({ object }) => values.push(object.data?.value));
  watcher.start();
  return { watcher, values };
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

describe('a replay', () => {
  it('begins with the state that the log still has, and gives what is left of the run', async () => {
    const log = await replay(folder);
    const { watcher, values } = follow(log);
    expect(await log.run()).toMatchObject({ reason: 'end' });
    expect(values.length).toBeGreaterThan(1);
    expect(values).toEqual(numbers(11 - values.length, 10));
    expect(watcher.store.modCount).toBe(11);
    expect(watcher.isSynced).toBe(true);
  });

  it('plays from a time until another', async () => {
    const log = await replay(folder, { from: times[7] ?? 0, until: new Date(times[8] ?? 0) });
    const { watcher, values } = follow(log);
    expect(await log.step()).toMatchObject({ events: ['RESTORED'] });
    expect(watcher.store.find('shop', 'a')?.data).toEqual({ value: '8' });
    expect(watcher.store.modCount).toBe(9);
    await log.run();
    expect(values).toEqual(['9']);
  });

  it('goes turn by turn, and tells of each what it was', async () => {
    const log = await replay(folder, { from: times[7] ?? 0 });
    const { values } = follow(log);
    const seen: string[] = [];
    for (let turn = await log.step(); turn !== undefined; turn = await log.step()) {
      seen.push(`${turn.events} ${values.at(-1)}`);
      expect(turn.resource).toBe('v1/configmaps');
    }
    expect(seen.slice(0, 3)).toEqual(['RESTORED undefined', 'MODIFIED 9', 'MODIFIED 10']);
    expect(await log.step()).toBeUndefined();
    expect(await log.run()).toMatchObject({ reason: 'end' });
  });

  it('keeps the pace that it is told, and waits while it is paused', async () => {
    const clock: ManualClock = createManualClock();
    const log = await replay(folder, { speed: 10, from: times[5] ?? 0, clock });
    const { watcher, values } = follow(log);
    await log.step();
    let running = log.run();
    const begun = clock.monotonic();
    const passed = async (ms: number): Promise<void> => {
      for (let i = 0; i < ms; i += 10) {
        await clock.advance(10);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    // A turn each tenth of a second, however long the disk takes to bring it.
    while (values.length < 2) {
      expect(values.length).toBeLessThanOrEqual((clock.monotonic() - begun) / 100);
      await passed(10);
    }
    log.pause();
    expect(await running).toMatchObject({ reason: 'paused' });
    await passed(1000);
    expect(values).toEqual(['7', '8']);
    running = log.run();
    expect(values).toEqual(['7', '8']);
    let ended = false;
    void running.then(() => {
      ended = true;
    });
    while (!ended) await passed(10);
    expect(await running).toMatchObject({ reason: 'end' });
    expect(values).toEqual(['7', '8', '9', '10']);
    expect(watcher.store.find('shop', 'a')?.data).toEqual({ value: '10' });
  });

  it('lives in the time of the log', async () => {
    const log = await replay(folder, { from: times[5] ?? 0 });
    const { watcher } = follow(log);
    await log.step();
    expect(watcher.state.connectedSince).toBeUndefined();
    const late = watcher.reached('999999', { timeout: '2500ms' }).catch(({ code }) => code);
    await log.step();
    await log.step();
    expect(await Promise.race([late, 'pending'])).toBe('pending');
    await log.step();
    expect(await late).toBe('TIMEOUT');
  });

  it.each([
    ['a speed that is none', { speed: 0 }, 'INVALID_VALUE'],
    ['a time that is none', { from: 'yesterday' }, 'INVALID_MOMENT'],
    ['a run that is not there', { run: 'x' }, 'UNKNOWN_RUN'],
  ])('refuses %s', async (_, options, code) => {
    await expect(replay(folder, options)).rejects.toMatchObject({ code });
  });

  it('refuses what the log does not have, a clock beside its own, and whoever comes too late', async () => {
    const log = await replay(folder);
    const refused = (make: () => unknown, code: string) =>
      expect(make).toThrow(expect.objectContaining({ code }));
    refused(() => createWatcher(log.source, { gvr: 'v1/pods' }), 'UNKNOWN_NAME');
    refused(() => log.runtime({ resources: { pods: watched('v1/pods') } }), 'UNKNOWN_NAME');
    refused(
      () => createWatcher(log.source, { gvr: 'v1/configmaps', clock: createManualClock() }),
      'OPTION_NOT_APPLICABLE',
    );
    follow(log);
    await log.step();
    const late = createWatcher(log.source, { gvr: 'v1/configmaps' });
    const errors: string[] = [];
    late.errors$.subscribe(({ code }) => errors.push(code));
    late.start();
    expect(errors).toEqual(['REPLAY_BEGUN']);
    expect(late.store.size).toBe(0);
  });

  it('feeds several at once, each its own objects', async () => {
    const log = await replay(folder);
    const runtime = log.runtime();
    const other = createRuntime({ kubeConfig: log.source, resources: { maps: watched('v1/configmaps') } });
    other.start();
    await log.run();
    const [one] = Object.values(runtime.snapshot());
    expect(one?.digest()).toBe(other.stores.maps.snapshot.digest());
    expect(one?.modCount).toBe(11);
    await runtime[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
});
