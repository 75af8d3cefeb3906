/** Owns the proof of replays of on-demand stores: references always, and what was fetched where that was recorded. */
import {
  createResourceClient,
  createWatcher,
  type EventLogOptions,
  openEventLog,
  replay,
  type WatcherOptions,
} from '@firn/runtime';
import type { ApiServer } from '@firn/runtime/testing';
import type { CachedStore } from '@firn/stores';
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

const OPTIONS = { gvr: 'v1/configmaps', store: 'on-demand' } as const satisfies WatcherOptions<unknown>;

/** Reads a resource whenever it changes, as a controller would; gives the values that it read, or why it could not. */
function readOnChange(store: CachedStore<ConfigMap>, values: string[]): void {
  store.changes$.subscribe(({ type, ref }) => {
    if (type === 'deleted') values.push(`${ref.name} gone`);
    else
      store.get(ref.namespace, ref.name).then(
        ([object]) => values.push(`${ref.name} ${object?.data?.value}`),
        (error: { code: string }) => values.push(`${ref.name} ${error.code}`),
      );
  });
}

async function recordRun(options: EventLogOptions): Promise<string[]> {
  await using eventLog = await openEventLog(folder, options);
  await using watcher = createWatcher<ConfigMap>(server.kubeConfig, { ...OPTIONS, eventLog });
  const values: string[] = [];
  readOnChange(watcher.store, values);
  for (const name of ['a', 'b']) await server.create(map(name, '1'));
  watcher.start();
  await watcher.synced;
  await vi.waitFor(() => expect(values).toHaveLength(2));
  await watcher.reached(versionOf(await server.update(map('a', '2'))));
  await vi.waitFor(() => expect(values).toHaveLength(3));
  await watcher.reached(versionOf(await server.delete(map('b', ''))));
  return values;
}

/** Plays the run to somebody who reads in the same way: what was read, and who is left at its end. */
async function replayRun(options: Parameters<typeof replay>[1] = {}) {
  const log = await replay(folder, options);
  await using watcher = createWatcher<ConfigMap>(log.source, OPTIONS);
  const replayed: string[] = [];
  readOnChange(watcher.store, replayed);
  watcher.start();
  await log.run();
  await vi.waitFor(() => expect(replayed).toHaveLength(4));
  return { replayed, names: watcher.store.refs().map(({ name }) => name) };
}

describe('a replay of an on-demand store', () => {
  it('answers as the run was answered, where that was recorded', async () => {
    const values = await recordRun({ recordFetches: true });
    expect(values.toSorted()).toEqual(['a 1', 'a 2', 'b 1', 'b gone']);
    const requests = server.requests.length;
    const { replayed, names } = await replayRun();
    expect(replayed.toSorted()).toEqual(values.toSorted());
    expect(names).toEqual(['a']);
    expect(server.requests.length).toBe(requests);
  });

  it('says that what was fetched was not recorded, and asks a client that it is given', async () => {
    await recordRun({});
    for (const [client, expected] of [
      [undefined, ['a NOT_RECORDED', 'a NOT_RECORDED', 'b NOT_RECORDED', 'b gone']],
      [createResourceClient(server.kubeConfig), ['a 2', 'a 2', 'b gone', 'b undefined']],
    ] as const) {
      const { replayed } = await replayRun(client === undefined ? {} : { client });
      expect(replayed.toSorted()).toEqual(expected);
    }
  });

  it('records what is fetched less what is redacted', async () => {
    await recordRun({ recordFetches: true, redact: { 'v1/configmaps': ['data'] } });
    const { replayed } = await replayRun();
    expect(replayed.filter((value) => value.includes('firn:redacted:'))).toHaveLength(3);
  });

  it('refuses to make resources of what was recorded on demand', async () => {
    await recordRun({});
    const log = await replay(folder);
    expect(() => createWatcher(log.source, { gvr: 'v1/configmaps' })).toThrow(
      expect.objectContaining({ code: 'RECORDED_ON_DEMAND' }),
    );
  });
});
