/** The life of a watcher of a real API server: what it says of itself, bookmarks, silence, stopping and starting again. */
import { type ChangeStats, createWatcher, type WatchState } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { requestCounts } from './support/api-metrics.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlWrite } from './support/kubectl.ts';
import { configMap, ingress, namespaceManifest, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const INGRESSES = 'networking.k8s.io/v1/ingresses';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.close());

async function newNamespace(name: string): Promise<string> {
  await kubectlWrite(cluster, 'create', namespaceManifest(name));
  return name;
}

function phasesOf(states: readonly WatchState[]): string[] {
  return states.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]);
}

describe('a watcher of a real API server', () => {
  it('rules 27 and 29: says what it does, stops for good, and starts again where the world is by then', async () => {
    const namespace = await newNamespace('life');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => secret(name, '1', { namespace }));
    await kubectlWrite(cluster, 'create', a!, b!);
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr: 'v1/secrets', namespace }));
    const { watcher } = seen;
    expect(watcher.state).toMatchObject({ phase: 'idle', synced: false, stale: false });
    const started = Date.now();
    await seen.sync();
    await seen.is(({ phase }) => phase === 'watching');
    expect(watcher.state).toMatchObject({ synced: true, stale: false, restarts: 0, indexErrors: 0 });
    expect(watcher.state.mailbox).toEqual({ length: 0, bytes: 0, oldestAgeMs: 0, coalesced: 0 });
    const { connectedSince = 0, lastEventAt = 0 } = watcher.state;
    for (const time of [connectedSince, lastEventAt]) expect(time).toBeGreaterThanOrEqual(started);
    const newest = Math.max(...watcher.store.list().map(({ metadata }) => Number(metadata?.resourceVersion)));
    expect(Number(watcher.state.resourceVersion)).toBeGreaterThanOrEqual(newest);

    await watcher.stop();
    expect(watcher.state).toMatchObject({ phase: 'stopped', stale: true });
    expect(watcher.state.connectedSince).toBeUndefined();
    const secrets = { resource: 'secrets', scope: 'namespace' };
    await expect.poll(async () => (await requestCounts(cluster, secrets)).openWatches, PATIENCE).toBe(0);
    const told = { changes: seen.ledger.changes.length, states: seen.states.length };
    await kubectlWrite(cluster, 'apply', secret('a', '2', { namespace }), c!);
    await kubectlWrite(cluster, 'delete', b!);
    expect([seen.ledger.changes.length, seen.states.length]).toEqual([told.changes, told.states]);
    expect(watcher.store.size).toBe(2);

    watcher.start();
    expect(await watcher.synced).toBe(2);
    await seen.equalsKubectl(cluster, ['secrets', '-n', namespace]);
    expect(seen.ledger.lines(told.changes)).toEqual(['deleted life/b', 'modified life/a', 'added life/c']);
    await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
    const phases = ['idle', 'listing', 'watching', 'stopped', 'listing', 'watching'];
    expect(phasesOf(seen.states)).toEqual(phases);
    const listedAgain = seen.states.slice(told.states).find(({ phase }) => phase === 'listing');
    expect(listedAgain).toMatchObject({ stale: true, synced: false });
  });

  it('tells onChange how much was created, modified and deleted, and leaves nothing out', async () => {
    const namespace = await newNamespace('told');
    const objects = Array.from({ length: 20 }, (_, i) => configMap(`told-${i}`, '1', { namespace }));
    await kubectlWrite(cluster, 'create', ...objects);
    const told: ChangeStats[] = [];
    const synced: number[] = [];
    await using seen = observed(
      createWatcher(kubeConfigOf(cluster), {
        gvr: 'v1/configmaps',
        namespace,
        debounceInterval: '50ms',
        onChange: (_, stats) => told.push(stats),
        onSyncComplete: (_, count) => synced.push(count),
      }),
    );
    await seen.sync();
    await kubectlWrite(
      cluster,
      'apply',
      ...objects.slice(0, 15).map((object) => ({ ...object, data: { value: '2' } })),
    );
    await kubectlWrite(cluster, 'delete', ...objects.slice(10));
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
    await seen.watcher.stop();

    expect(synced).toEqual([20]);
    expect(told[0]).toMatchObject({ created: 20, isInitialSync: true });
    const sum = (count: 'created' | 'modified' | 'deleted') =>
      told.reduce((total, stats) => total + stats[count], 0);
    expect([sum('created'), sum('modified'), sum('deleted')]).toEqual([20, 15, 10]);
  });

  it('rule 12: is taken further by bookmarks, which change nothing', async () => {
    const namespace = await newNamespace('bookmarked');
    // The server sends bookmarks about once a minute, and towards the end of a watch.
    const options = { gvr: 'v1/configmaps', namespace, watchTimeout: '5s' } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    const { snapshot } = seen.watcher.store;
    await kubectlWrite(cluster, 'create', configMap('elsewhere', ''));
    const object = JSON.parse(await kubectl(cluster, ['get', 'configmap', 'elsewhere', '-o', 'json']));

    await seen.watcher.reached(object.metadata.resourceVersion, PATIENCE);

    expect(seen.watcher.store.size).toBe(0);
    expect(seen.watcher.store.modCount).toBe(snapshot.modCount);
    expect(seen.ledger.changes).toEqual([]);
    expect(seen.errors).toEqual([]);
  });

  it('rules 17 and 18: is patient with a quiet watch without bookmarks; only a resumed one is looked after', async () => {
    const namespace = await newNamespace('quiet');
    const counted = { resource: 'ingresses', scope: 'namespace' };
    const before = await requestCounts(cluster, counted);
    // Nobody writes an ingress, so the server has nothing to say in a bookmark either.
    const options = { gvr: INGRESSES, namespace, idleTimeout: '500ms', watchTimeout: '2s' } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    const connected = () => new Set(seen.states.flatMap(({ connectedSince = [] }) => connectedSince)).size;
    expect((await requestCounts(cluster, counted)).lists - before.lists).toBe(0);
    await expect.poll(connected, PATIENCE).toBeGreaterThan(2);
    const after = await requestCounts(cluster, counted);
    expect(after.watchLists - before.watchLists).toBe(1);
    expect(after.lists - before.lists).toBeGreaterThan(0);
    expect(seen.errors).toEqual([]);
  });

  it('rule 17: opens a watch again that has sent bookmarks and falls silent, where it was', async () => {
    const namespace = await newNamespace('silent');
    const counted = { resource: 'ingresses', scope: 'namespace' };
    const before = await requestCounts(cluster, counted);
    const options = { gvr: INGRESSES, namespace, idleTimeout: '1s', watchTimeout: '5s' } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    await kubectlWrite(cluster, 'create', ingress('elsewhere', 'a.example.com'));
    const silent = await seen.sees(({ lastError }) => lastError !== undefined);
    expect(silent.lastError).toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect(silent.lastError?.message).toContain('has been silent for 1 s');
    // Nothing but a bookmark has ever come.
    expect(silent.lastEventAt).toBeDefined();
    expect(seen.ledger.changes).toEqual([]);

    await kubectlWrite(cluster, 'create', ingress('after', 'a.example.com', { namespace }));
    await expect.poll(() => seen.ledger.lines(), PATIENCE).toEqual(['added silent/after']);
    expect((await requestCounts(cluster, counted)).watchLists - before.watchLists).toBe(1);
    await seen.equalsKubectl(cluster, ['ingresses', '-n', namespace]);
  });
});
