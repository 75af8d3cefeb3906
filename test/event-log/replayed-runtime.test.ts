/** Owns the proof, over a whole server, watcher and disk, that a replay into a runtime is the recorded run again. */
import type { Change, KubernetesObject } from '@firn/core';
import {
  type ChangeStats,
  createRuntime,
  openEventLog,
  type Replay,
  type Runtime,
  replay,
  watched,
} from '@firn/runtime';
import type { ApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigMap, type LogScene, map, openScene } from './log-scene.ts';

let scene: LogScene;
let server: ApiServer;
let folder: string;
beforeEach(async () => {
  scene = await openScene();
  ({ server, folder } = scene);
});
afterEach(() => scene[Symbol.asyncDispose]());

type Maps = { readonly maps: ReturnType<typeof maps> };
const maps = (told: ChangeStats[] = []) =>
  watched<ConfigMap>('v1/configmaps', {
    namespace: 'shop',
    indexBy: ['data.value'],
    debounceInterval: 2,
    onChange: (_, stats) => void told.push(stats),
  });

/** Everything that a subscriber can see of a run. */
interface Seen {
  readonly digests: Map<number, string>;
  readonly changes: string[];
  readonly told: ChangeStats[];
  readonly phases: Set<string>;
}

function see({ stores, watchers }: Runtime<Maps>, told: ChangeStats[]): Seen {
  const seen: Seen = { digests: new Map(), changes: [], told, phases: new Set() };
  const store = stores.maps;
  store.snapshots$.subscribe((snapshot) => seen.digests.set(snapshot.modCount, snapshot.digest()));
  store.changes$.subscribe((change) => seen.changes.push(line(change)));
  watchers.maps.state$.subscribe(({ phase }) => seen.phases.add(phase));
  return seen;
}

function line({ type, ref, previous, cause, modCount, resourceVersion }: Change<KubernetesObject>): string {
  return [
    type,
    ref.name,
    ref.resourceVersion,
    previous?.metadata?.resourceVersion,
    cause,
    modCount,
    resourceVersion,
  ].join(' ');
}

/** A run in which everything happens that a log has words for. */
async function recordRun(): Promise<Seen> {
  for (let i = 0; i < 30; i++) await server.create(map(`m-${i}`, `v${i % 3}`));
  await using eventLog = await openEventLog(folder, { segmentBytes: 8000 });
  const told: ChangeStats[] = [];
  const runtime = createRuntime({ kubeConfig: server.kubeConfig, resources: { maps: maps(told) }, eventLog });
  const seen = see(runtime, told);
  runtime.start();
  await runtime.ready();
  const store = runtime.stores.maps;
  const reach = (object: KubernetesObject) =>
    runtime.watchers.maps.reached(object.metadata?.resourceVersion ?? '');
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 10; i++) await server.update(map(`m-${i}`, `r${round}-${i % 2}`));
    await server.delete(map(`m-${10 + round}`, ''));
    await reach(await server.create(map(`m-${10 + round}`, 'again')));
    store.add(map(`by-call-${round}`, 'mine'));
    store.apply([
      { type: 'ADDED', object: map('batched', `${round}`) },
      { type: 'REPLACED', objects: [map('whole', `${round}`)], resourceVersion: '1' },
    ]);
    store.apply({ type: 'REPLACED', objects: [map('alone', `${round}`)], resourceVersion: '2' });
    const relisted = new Promise((resolve) =>
      store.changes$.subscribe(({ cause }) => cause === 'relist' && resolve(0)),
    );
    runtime.watchers.maps.forceSync();
    await relisted;
    await reach(await server.create(map(`after-${round}`, 'x')));
  }
  store.clear();
  await runtime.stop();
  return seen;
}

async function replayAll(log: Replay): Promise<Seen> {
  const told: ChangeStats[] = [];
  await using runtime = log.runtime({ resources: { maps: maps(told) } });
  const seen = see(runtime, told);
  expect(await log.run()).toMatchObject({ reason: 'end' });
  return seen;
}

describe('a replay into a runtime', () => {
  it('is the recorded run again: digests at every modCount, changes, and where onChange was called', async () => {
    const recorded = await recordRun();
    const replayed = await replayAll(await replay(folder));
    expect(replayed.changes).toEqual(recorded.changes);
    expect([...replayed.digests]).toEqual([...recorded.digests]);
    expect(replayed.told).toEqual(recorded.told);
    expect(recorded.told.length).toBeGreaterThan(2);
    expect(replayed.phases).toEqual(recorded.phases);
    expect(recorded.changes.length).toBeGreaterThan(80);
    expect(await (await replay(folder)).verify()).toMatchObject({ mismatches: [], damage: undefined });
  });
});
