/** Owns the proof of replays of on-demand stores: references always, and what was fetched where that was recorded. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@firn/core';
import {
  createResourceClient,
  createWatcher,
  type EventLogOptions,
  openEventLog,
  replay,
  type WatcherOptions,
} from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import type { CachedStore } from '@firn/stores';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let server: ApiServer;
let folder: string;
beforeEach(async () => {
  server = await startApiServer();
  folder = await mkdtemp(join(tmpdir(), 'firn-log-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface ConfigMap extends KubernetesObject {
  readonly data?: Record<string, string>;
}

const map = (name: string, value: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name },
  data: { value },
});
const versionOf = ({ metadata }: KubernetesObject): string => metadata?.resourceVersion ?? '';
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

describe('a replay of an on-demand store', () => {
  it('answers as the run was answered, where that was recorded', async () => {
    const values = await recordRun({ recordFetches: true });
    expect(values.toSorted()).toEqual(['a 1', 'a 2', 'b 1', 'b gone']);
    const requests = server.requests.length;
    const log = await replay(folder);
    await using watcher = createWatcher<ConfigMap>(log.source, OPTIONS);
    const replayed: string[] = [];
    readOnChange(watcher.store, replayed);
    watcher.start();
    await log.run();
    await vi.waitFor(() => expect(replayed).toHaveLength(4));
    expect(replayed.toSorted()).toEqual(values.toSorted());
    expect(watcher.store.refs().map(({ name }) => name)).toEqual(['a']);
    expect(server.requests.length).toBe(requests);
  });

  it('says that what was fetched was not recorded, and asks a client that it is given', async () => {
    await recordRun({});
    for (const [client, expected] of [
      [undefined, ['a NOT_RECORDED', 'a NOT_RECORDED', 'b NOT_RECORDED', 'b gone']],
      [createResourceClient(server.kubeConfig), ['a 2', 'a 2', 'b gone', 'b undefined']],
    ] as const) {
      const log = await replay(folder, client === undefined ? {} : { client });
      await using watcher = createWatcher<ConfigMap>(log.source, OPTIONS);
      const replayed: string[] = [];
      readOnChange(watcher.store, replayed);
      watcher.start();
      await log.run();
      await vi.waitFor(() => expect(replayed).toHaveLength(4));
      expect(replayed.toSorted()).toEqual(expected);
    }
  });

  it('records what is fetched less what is redacted', async () => {
    await recordRun({ recordFetches: true, redact: { 'v1/configmaps': ['data'] } });
    const log = await replay(folder);
    await using watcher = createWatcher<ConfigMap>(log.source, OPTIONS);
    const replayed: string[] = [];
    readOnChange(watcher.store, replayed);
    watcher.start();
    await log.run();
    await vi.waitFor(() => expect(replayed).toHaveLength(4));
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
