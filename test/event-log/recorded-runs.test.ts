/** Owns the proof, over a whole server, watcher and disk, of what a log holds: runs, segments, references, no secrets. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diff, type KubernetesObject } from '@firn/core';
import {
  createRuntime,
  createWatcher,
  type EventLogOptions,
  openEventLog,
  replay,
  watched,
} from '@firn/runtime';
import type { ApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogScene, map, openScene, versionOf } from './log-scene.ts';

let scene: LogScene;
let server: ApiServer;
let folder: string;
beforeEach(async () => {
  scene = await openScene();
  ({ server, folder } = scene);
});
afterEach(() => scene[Symbol.asyncDispose]());

const PASSWORD = 'cGxhbnRlZC1zZWNyZXQ=';
const secret = (name: string, password = PASSWORD) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name },
  data: { password },
});

async function textOfLog(): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
}

/** Records ConfigMaps while `act` does something to them. */
async function recordMaps(
  act: (settled: (written: KubernetesObject) => Promise<void>) => Promise<KubernetesObject>,
  options: EventLogOptions = {},
): Promise<string> {
  await using eventLog = await openEventLog(folder, options);
  await using watcher = createWatcher(server.kubeConfig, {
    gvr: 'v1/configmaps',
    namespace: 'shop',
    eventLog,
  });
  watcher.start();
  await watcher.synced;
  const settled = async (written: KubernetesObject): Promise<void> => {
    await watcher.reached(versionOf(written));
    await eventLog.flush();
  };
  await settled(await act(settled));
  await watcher.stop();
  return watcher.store.snapshot.digest();
}

describe('a recorded log', () => {
  it('rebuilds every snapshot of a run, by modCount and digest', async () => {
    for (let i = 0; i < 20; i++) await server.create(map(`m-${i}`, 'first'));
    const eventLog = await openEventLog(folder);
    const runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { maps: watched('v1/configmaps', { namespace: 'shop' }) },
      eventLog,
    });
    const digests = new Map<number, string>();
    runtime.stores.maps.snapshots$.subscribe((snapshot) => digests.set(snapshot.modCount, snapshot.digest()));
    runtime.start();
    await runtime.ready();
    for (let i = 0; i < 20; i++) await server.patch(map(`m-${i}`, `second ${i}`));
    await server.delete(map('m-3', ''));
    const last: KubernetesObject = await server.create(map('m-3', 'again'));
    await runtime.watchers.maps.reached(last.metadata?.resourceVersion ?? '');
    runtime.stores.maps.add({ metadata: { namespace: 'mine', name: 'called' } });
    runtime.stores.maps.delete('mine', 'called');
    await runtime.stop();
    await eventLog.close();

    const played = await replay(folder);
    for (const [modCount, digest] of digests) {
      if (modCount === 0) continue;
      const snapshot = await played.at({ modCount }, 'maps');
      expect([modCount, snapshot.digest()]).toEqual([modCount, digest]);
    }
    expect(digests.size).toBeGreaterThan(3);
    expect(await played.verify()).toMatchObject({ damage: undefined, mismatches: [] });
  });

  it('spans segments, each of which begins with a checkpoint that agrees with the events before it', async () => {
    const digest = await recordMaps(
      async (settled) => {
        for (let i = 0; i < 40; i++) await server.create(map(`m-${i}`, 'x'));
        let last: KubernetesObject = {};
        for (let round = 0; round < 10; round++) {
          for (let i = 0; i < 40; i++) last = await server.patch(map(`m-${i}`, `${round}`.repeat(100)));
          await settled(last);
        }
        return last;
      },
      { segmentBytes: 20_000, compress: false },
    );
    const log = await replay(folder);
    const report = await log.verify();
    expect(report).toMatchObject({ damage: undefined, mismatches: [], runs: 1 });
    expect(report.segments).toBeGreaterThan(3);
    expect(report.checkpoints).toBe(report.segments - 1);
    const now = await log.at({ time: Date.now() }, 'v1/configmaps');
    expect(now.digest()).toBe(digest);
    const early = await log.at({ modCount: 20 }, 'v1/configmaps');
    expect([early.modCount, early.size]).toEqual([20, 20]);
    expect([...diff(early, now)].filter(({ type }) => type === 'added')).toHaveLength(20);
  });

  it('is whole without its first segments, which were dropped: it begins with a checkpoint', async () => {
    const digest = await recordMaps(
      async (settled) => {
        let last: KubernetesObject = {};
        for (let i = 0; i < 40; i++) last = await server.create(map(`m-${i}`, 'x'));
        for (let round = 0; round < 10; round++) {
          await settled(last);
          for (let i = 0; i < 40; i++) last = await server.patch(map(`m-${i}`, `${round}`.repeat(100)));
        }
        return last;
      },
      { segmentBytes: 20_000, compress: false, keep: { segments: 2 } },
    );
    expect(await readdir(folder)).not.toContain('00000001.jsonl');
    const log = await replay(folder);
    const report = await log.verify();
    expect(report).toMatchObject({ damage: undefined, mismatches: [] });
    expect(report.checkpoints).toBeGreaterThan(0);
    expect((await log.at({ time: Date.now() }, 'v1/configmaps')).digest()).toBe(digest);
    await expect(log.at({ modCount: 3 }, 'v1/configmaps')).rejects.toMatchObject({ code: 'NOT_IN_LOG' });
  });

  it('keeps the runs of several processes apart', async () => {
    await recordMaps(() => server.create(map('first', '1')));
    const digest = await recordMaps(() => server.create(map('second', '2')));
    const log = await replay(folder);
    expect(await log.verify()).toMatchObject({ runs: 2, mismatches: [], damage: undefined });
    expect((await log.at({ modCount: 1 }, 'v1/configmaps')).list()).toHaveLength(1);
    expect((await log.at({ modCount: 2 }, 'v1/configmaps')).digest()).toBe(digest);
    const [run] = log.runs;
    expect(
      (await log.at({ run: run ?? '', modCount: 1 }, 'v1/configmaps')).find('shop', 'first'),
    ).toBeDefined();
    await expect(log.at({ run: run ?? '', modCount: 2 }, 'v1/configmaps')).rejects.toMatchObject({
      code: 'NOT_IN_LOG',
    });
  });

  it('gives the state that a resource version stood for', async () => {
    let middle = '';
    await recordMaps(async () => {
      await server.create(map('a', '1'));
      middle = versionOf(await server.create(map('b', '2')));
      return server.delete(map('a', ''));
    });
    const log = await replay(folder);
    const names = async (resourceVersion: string) =>
      (await log.at({ resourceVersion }, 'v1/configmaps')).refs().map(({ name }) => name);
    expect(await names(middle)).toEqual(['a', 'b']);
    expect(await names(String(Number(middle) + 1000))).toEqual(['b']);
    await expect(log.at({ modCount: 1 }, 'v1/pods')).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
    await expect(log.at({ time: 'yesterday' }, 'v1/configmaps')).rejects.toMatchObject({
      code: 'INVALID_MOMENT',
    });
  });

  it('holds secrets without their data, so that only equality is seen, and agrees with itself', async () => {
    for (const name of ['a', 'b']) await server.create(secret(name));
    await server.create(secret('c', 'b3RoZXI='));
    await using eventLog = await openEventLog(folder);
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: {
        full: watched('v1/secrets'),
        references: watched('v1/secrets', { store: 'on-demand' }),
      },
      eventLog,
    });
    runtime.start();
    await runtime.ready();
    const last = await server.patch(secret('a', 'bmV3'));
    await runtime.watchers.full.reached(versionOf(last));
    await runtime.watchers.references.reached(versionOf(last));
    expect(await runtime.stores.references.get('shop', 'a')).toMatchObject([{ data: { password: 'bmV3' } }]);
    await runtime.stop();
    await eventLog.close();

    const text = await textOfLog();
    for (const hidden of [PASSWORD, 'b3RoZXI=', 'bmV3']) expect(text).not.toContain(hidden);
    const log = await replay(folder);
    expect(log.resources.full?.redacted).toContain('data');
    expect(await log.verify()).toMatchObject({ damage: undefined, mismatches: [] });
    const first = await log.at({ modCount: 1 }, 'full');
    const passwords = first.list().map((each) => (each as { data?: { password?: string } }).data?.password);
    expect(passwords[0]).toMatch(/^firn:redacted:[0-9a-f]{32}$/);
    expect(passwords[1]).toBe(passwords[0]);
    expect(passwords[2]).not.toBe(passwords[0]);
    const references = await log.at({ modCount: 2 }, 'references');
    expect(references.refs()).toEqual(runtime.stores.references.refs());
    expect(() => references.list()).toThrow(expect.objectContaining({ code: 'NO_RESOURCE' }));
  });

  it('is readable by its owner only', async () => {
    await recordMaps(() => server.create(map('a', '1')));
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
    }
  });

  it('records a relist after 410 as what it is', async () => {
    const digest = await recordMaps(async () => {
      await server.create(map('a', '1'));
      server.fault({ kind: 'watch', nth: 1 }, { errorEvent: 410 });
      server.disconnect();
      return server.create(map('b', '2'));
    });
    const log = await replay(folder);
    expect((await log.at({ time: Date.now() }, 'v1/configmaps')).digest()).toBe(digest);
    expect(await log.verify()).toMatchObject({ damage: undefined, mismatches: [] });
  });
});

describe('what cannot be recorded', () => {
  it.each([
    [{ secrets: ['data'] }, 'INVALID_GVR'],
    [{ 'v1/configmaps': ['data..password'] }, 'INVALID_FIELD_PATH'],
  ])('is refused before anything is written, where redact is misspelt: %j', async (redact, code) => {
    await expect(openEventLog(folder, { redact })).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });

  it('is refused: two watchers under one name, fields that the store is made of, something that is no log', async () => {
    await using eventLog = await openEventLog(folder, { redact: { 'v1/configmaps': ['metadata'] } });
    const gvr = 'v1/configmaps';
    const create = (log: typeof eventLog) => createWatcher(server.kubeConfig, { gvr, eventLog: log });
    expect(() => create(eventLog)).toThrow(expect.objectContaining({ code: 'NEEDED_FIELD_REDACTED' }));
    const indexes = { byOwner: ['metadata.namespace', 'data.owner'] };
    const indexed = { gvr: 'v1/secrets', indexes, eventLog };
    expect(() => createWatcher(server.kubeConfig, indexed)).toThrow(
      expect.objectContaining({
        code: 'NEEDED_FIELD_REDACTED',
        message: expect.stringContaining('data.owner'),
      }),
    );
    createWatcher(server.kubeConfig, { gvr: 'v1/pods', eventLog });
    expect(() => createWatcher(server.kubeConfig, { gvr: 'v1/pods', eventLog })).toThrow(
      expect.objectContaining({ code: 'NAME_TAKEN' }),
    );
    expect(() => create({ flush() {}, close() {} } as unknown as typeof eventLog)).toThrow(
      expect.objectContaining({ code: 'WRONG_TYPE' }),
    );
    await expect(openEventLog(folder)).rejects.toMatchObject({ code: 'LOCKED' });
  });
});
