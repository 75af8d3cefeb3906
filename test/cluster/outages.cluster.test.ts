/** A real API server that dies, ends in order, forgets its history or goes back in time under its watchers. */
import { randomBytes } from 'node:crypto';
import { createWatcher } from '@firn/runtime';
import { CoreV1Api, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { requestCounts } from './support/api-metrics.ts';
import { createMany } from './support/create-many.ts';
import { GatedKubeConfig } from './support/gated-kube-config.ts';
import { HELD, HeldClock } from './support/held-clock.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectlWrite } from './support/kubectl.ts';
import { configMap, namespaceManifest, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';
import { watchHistory } from './support/watch-history.ts';

const QUICK = { initial: '50ms', cap: '400ms' } as const;

let cluster: Cluster;
beforeAll(async () => {
  // Secrets are read from etcd itself, so that they expire there and then.
  cluster = await startCluster({ apiServerArgs: ['--watch-cache-sizes=secrets#0'] });
});
afterAll(() => cluster?.close());

async function newNamespace(name: string): Promise<string> {
  await kubectlWrite(cluster, 'create', namespaceManifest(name));
  return name;
}

/** Writes until it is told to stop, whatever becomes of the server; gives how often it was let through. */
async function writeOn(namespace: string, writer: number, signal: AbortSignal): Promise<number> {
  const core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
  let written = 0;
  for (let round = 0; !signal.aborted; round++) {
    const name = `written-${writer}-${round}`;
    const body: V1ConfigMap = configMap(name, `${round}`, { namespace });
    try {
      await core.createNamespacedConfigMap({ namespace, body });
      await core.replaceNamespacedConfigMap({
        namespace,
        name,
        body: configMap(name, 'again', { namespace }),
      });
      if (round % 3 === 0) await core.deleteNamespacedConfigMap({ namespace, name });
      written++;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return written;
}

describe('an API server that is killed under a watcher', () => {
  it('rules 14, 15 and 29: costs no event and brings none twice, and while it is away the state says stale', async () => {
    const namespace = await newNamespace('killed');
    const options = { gvr: 'v1/configmaps', namespace, backoff: QUICK } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    for (const kill of [1, 2]) {
      const end = new AbortController();
      const writing = [1, 2, 3].map((writer) => writeOn(namespace, kill * 10 + writer, end.signal));
      const before = seen.ledger.changes.length;
      await expect.poll(() => seen.ledger.changes.length, PATIENCE).toBeGreaterThan(before + 40);
      const first = seen.states.length;

      await cluster.stopApiServer();
      await seen.sees(({ stale, connectedSince }) => stale && connectedSince === undefined, first);
      expect(seen.watcher.store.freshness.stale).toBe(true);
      expect(seen.watcher.isSynced).toBe(true);
      await cluster.startApiServer();

      await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
      expect(seen.watcher.store.freshness.stale).toBe(false);
      const back = seen.ledger.changes.length;
      await expect.poll(() => seen.ledger.changes.length, PATIENCE).toBeGreaterThan(back + 40);
      end.abort();
      expect(Math.min(...(await Promise.all(writing)))).toBeGreaterThan(0);
    }
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
    expect(seen.watcher.state.lastError).toMatchObject({ retryable: true });
  });

  it('rule 4: a streaming list that it cuts off is not seen at all, and comes whole when it is back', async () => {
    const namespace = await newNamespace('cut');
    // More than fits into the buffers on the way, and nothing that compresses.
    const value = () => randomBytes(12_000).toString('base64');
    const objects = Array.from({ length: 1000 }, (_, i) => configMap(`large-${i}`, value(), { namespace }));
    await createMany(cluster, `/api/v1/namespaces/${namespace}/configmaps`, objects);
    const options = { gvr: 'v1/configmaps', namespace, backoff: QUICK } as const;
    await using seen = observed(createWatcher(kubeConfigOf(cluster), options));
    const sizes = new Set<number>();
    seen.watcher.store.snapshots$.subscribe(({ size }) => sizes.add(size));
    const killed = new Promise<void>((resolve) => {
      const subscription = seen.watcher.state$.subscribe(({ listed = 0 }) => {
        if (listed === 0) return;
        queueMicrotask(() => subscription.unsubscribe());
        resolve(cluster.stopApiServer());
      });
    });
    seen.watcher.start();
    await killed;
    await seen.sees(({ stale, lastError }) => stale && lastError !== undefined);
    expect(['TRUNCATED', 'CONNECTION_RESET']).toContain(seen.errors[0]?.code);
    expect(seen.watcher.store.size).toBe(0);
    await cluster.startApiServer();

    expect(await seen.watcher.synced).toBe(1000);
    await expect.poll(() => [...sizes], PATIENCE).toEqual([0, 1000]);
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
    expect(seen.ledger.changes.every(({ cause }) => cause === 'initial')).toBe(true);
  });

  it('rule 20: makes a resource that was replaced by another of its name a delete and an add', async () => {
    const namespace = await newNamespace('recreated');
    const clock = new HeldClock();
    const options = { gvr: 'v1/configmaps', namespace, backoff: HELD, watchTimeout: '2s', clock } as const;
    await kubectlWrite(
      cluster,
      'create',
      configMap('same', '1', { namespace }),
      configMap('kept', '1', { namespace }),
    );
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    await expect.poll(() => clock.held, PATIENCE).toBe(1);

    await kubectlWrite(cluster, 'delete', configMap('same', '1', { namespace }));
    await kubectlWrite(cluster, 'create', configMap('same', '2', { namespace }));
    await cluster.restartApiServer();
    clock.release();

    await expect
      .poll(() => seen.ledger.lines(2), PATIENCE)
      .toEqual(['deleted recreated/same', 'added recreated/same']);
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
  });
});

describe('a stream that ends in order', () => {
  it('rule 14: is opened again where it was, without a list, as often as it ends', async () => {
    const namespace = await newNamespace('short-lived');
    const configMaps = { resource: 'configmaps', scope: 'namespace' };
    const options = { gvr: 'v1/configmaps', namespace, backoff: QUICK, watchTimeout: '2s' } as const;
    const before = await requestCounts(cluster, configMaps);
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    const since = seen.watcher.state.resourceVersion ?? '';
    const connections = () => new Set(seen.states.map(({ connectedSince }) => connectedSince));
    const end = new AbortController();
    const writing = writeOn(namespace, 0, end.signal);
    await expect.poll(() => connections().size, PATIENCE).toBeGreaterThan(4);
    end.abort();
    await writing;

    const after = await requestCounts(cluster, configMaps);
    expect(after.watchLists - before.watchLists).toBe(1);
    expect(after.lists - before.lists).toBe(0);
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
    const history = await watchHistory(cluster, `/api/v1/namespaces/${namespace}/configmaps`, since);
    expect(seen.ledger.history()).toEqual(history);
    expect(seen.errors).toEqual([]);
  });

  it('rules 14 and 29: is waited for, and the watch goes on', async () => {
    const namespace = await newNamespace('graceful');
    const options = { gvr: 'v1/configmaps', namespace, backoff: QUICK } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    await kubectlWrite(cluster, 'create', configMap('before', '', { namespace }));
    const first = seen.states.length;
    await cluster.stopApiServer({ graceful: true });
    await seen.sees(({ stale }) => stale, first);
    await cluster.startApiServer();
    await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
    await kubectlWrite(cluster, 'create', configMap('after', '', { namespace }));
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
    expect(seen.ledger.lines()).toEqual(['added graceful/before', 'added graceful/after']);
  });
});

describe('history that has expired', () => {
  it('rules 13 and 19: a watch from before a compaction is 410, and a list brings what was missed', async () => {
    const namespace = await newNamespace('compacted');
    const names = ['changed', 'gone', 'same'];
    await kubectlWrite(cluster, 'create', ...names.map((name) => secret(name, '1', { namespace })));
    const clock = new HeldClock();
    const options = { gvr: 'v1/secrets', namespace, backoff: HELD, watchTimeout: '2s', clock } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    // The watch has ended by itself; it is opened again when the test says so.
    await expect.poll(() => clock.held, PATIENCE).toBe(1);
    await kubectlWrite(cluster, 'apply', secret('changed', '2', { namespace }));
    await kubectlWrite(cluster, 'delete', secret('gone', '', { namespace }));
    await kubectlWrite(cluster, 'create', secret('new', '1', { namespace }));
    await cluster.compact(undefined, { restart: false });
    expect(seen.ledger.changes.length).toBe(3);

    clock.release();
    await expect
      .poll(() => seen.ledger.lines(3), PATIENCE)
      .toEqual(['deleted compacted/gone', 'modified compacted/changed', 'added compacted/new']);
    expect(seen.errorCodes).toEqual(['EXPIRED']);
    const later = seen.ledger.changes.slice(3);
    expect(later.map(({ cause }) => cause)).toEqual(['relist', 'relist', 'relist']);
    expect(new Set(later.map(({ modCount }) => modCount)).size).toBe(1);
    await seen.equalsKubectl(cluster, ['secrets', '-n', namespace]);
  });

  it('rule 13: so is one from before a restart with a compaction', async () => {
    const namespace = await newNamespace('restarted');
    await kubectlWrite(cluster, 'create', configMap('a', '1', { namespace }));
    const clock = new HeldClock();
    const options = { gvr: 'v1/configmaps', namespace, backoff: HELD, watchTimeout: '2s', clock } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    await expect.poll(() => clock.held, PATIENCE).toBe(1);
    await kubectlWrite(cluster, 'apply', configMap('a', '2', { namespace }));
    await cluster.compact();

    clock.release();
    await expect.poll(() => seen.ledger.lines(1), PATIENCE).toEqual(['modified restarted/a']);
    expect(seen.errorCodes).toEqual(['EXPIRED']);
    expect(seen.ledger.changes[1]?.cause).toBe('relist');
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
  });

  it('rule 9: a list that expires between two pages is read anew in one piece, and nothing half is seen', async () => {
    const namespace = await newNamespace('paged');
    const names = Array.from({ length: 10 }, (_, i) => `page-${i}`);
    await kubectlWrite(cluster, 'create', ...names.map((name) => secret(name, '1', { namespace })));
    const gate = new GatedKubeConfig(cluster);
    const watcher = createWatcher(gate.kubeConfig, {
      gvr: 'v1/secrets',
      namespace,
      initialList: 'list',
      pageSize: 4,
      clock: gate.clock,
    });
    await using seen = observed(watcher);
    watcher.start();
    gate.letThrough(1);
    await gate.arrived(2);
    await kubectlWrite(cluster, 'delete', secret('page-0', '', { namespace }));
    await cluster.compact(undefined, { restart: false });
    expect(watcher.store.size).toBe(0);
    gate.open();

    expect(await watcher.synced).toBe(9);
    expect(seen.errorCodes).toEqual(['EXPIRED']);
    await gate.arrived(4);
    // The first page, the expired second one, the whole list, the watch.
    expect(gate.requests).toBe(4);
    await seen.equalsKubectl(cluster, ['secrets', '-n', namespace]);
    expect(seen.ledger.changes.every(({ cause, modCount }) => cause === 'initial' && modCount === 1)).toBe(
      true,
    );
  });
});
