/** Owns the proof that a recorded folder is perturbed as it is replayed: batches, lists, references, parts of a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@firn/core';
import { createRuntime, openEventLog, type Replay, replay, watched } from '@firn/runtime';
import { arbitraryPlan, perturb, startApiServer } from '@firn/runtime/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let folder: string;
const resources = {
  maps: watched<KubernetesObject>('v1/configmaps', { namespace: 'shop' }),
  secrets: watched<KubernetesObject>('v1/secrets', { store: 'on-demand' }),
};
const object = (kind: string, name: string, data: string): KubernetesObject & { data: object } => ({
  apiVersion: 'v1',
  kind,
  metadata: { namespace: 'shop', name },
  data: { data },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-perturbed-'));
  await using server = await startApiServer();
  for (let i = 0; i < 150; i++) await server.create(object('ConfigMap', `m-${i}`, ''));
  await using eventLog = await openEventLog(folder, { segmentBytes: 8000 });
  await using runtime = createRuntime({ kubeConfig: server.kubeConfig, resources, eventLog });
  runtime.start();
  await runtime.ready();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) await server.update(object('ConfigMap', `m-${i}`, `${round}`));
    for (let i = 0; i < 5; i++) await server.create(object('Secret', `s-${round}-${i}`, 'Zg=='));
    await server.delete(object('Secret', `s-${round}-0`, ''));
    runtime.stores.maps.add(object('ConfigMap', `by-call-${round}`, ''));
    runtime.watchers.maps.forceSync();
    const last = await server.create(object('ConfigMap', `last-${round}`, ''));
    await runtime.watchers.maps.reached(last.metadata?.resourceVersion ?? '');
  }
  await vi.waitUntil(() => runtime.stores.secrets.size === 12);
});
afterAll(() => rm(folder, { recursive: true }));

async function seen(played: Pick<Replay, 'runtime' | 'run'>) {
  await using runtime = played.runtime();
  const changes: string[] = [];
  runtime.changes$.subscribe(({ resource, change: { type, ref, cause } }) =>
    changes.push(`${resource} ${type} ${ref.name} ${ref.resourceVersion} ${cause}`),
  );
  await played.run();
  const sizes = Object.values(runtime.stores).map(({ size }) => size);
  return { changes, sizes };
}

describe('a recorded folder', () => {
  it('is the recorded run again where the plan is empty', async () => {
    const recorded = await seen(await replay(folder));
    expect(recorded.changes.length).toBeGreaterThan(200);
    expect(await seen(await perturb(folder, []))).toEqual(recorded);
    expect(await seen(await perturb(await replay(folder), []))).toEqual(recorded);
  });

  it('ends as the recorded run did, whatever the plan', async () => {
    const recorded = await seen(await replay(folder));
    for (let seed = 0; seed < 10; seed++) {
      const plan = (await arbitraryPlan(folder, seed)).filter(({ type }) => type !== 'crash');
      const { sizes } = await seen(await perturb(folder, plan));
      // A list takes away what was added by calls.
      expect(sizes[1], JSON.stringify(plan)).toBe(recorded.sizes[1]);
    }
  });

  it('may be a part of a run', async () => {
    const part = await replay(folder, { from: Date.now() + 1000 });
    const { changes, sizes } = await seen(await perturb(part, []));
    expect(sizes).toEqual((await seen(await replay(folder))).sizes);
    expect(changes.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });
});
