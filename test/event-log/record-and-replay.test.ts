import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@firn/core';
import { createRuntime, openEventLog, replay, watched } from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';

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

const map = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name },
  data: { value },
});

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
