/** Live watches of a real API server: what client-node and kubectl write is seen, all of it, once, in order. */
import { createSingleWatcher, createWatcher } from '@firn/runtime';
import { CoreV1Api, PatchStrategy, setHeaderOptions, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlWrite } from './support/kubectl.ts';
import { configMap, namespaceManifest, pod, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';
import { watchHistory } from './support/watch-history.ts';

const MERGE_PATCH = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

let cluster: Cluster;
let core: CoreV1Api;
beforeAll(async () => {
  cluster = await startCluster();
  core = kubeConfigOf(cluster).makeApiClient(CoreV1Api);
});
afterAll(() => cluster?.close());

/** A namespace of the test's own. */
async function newNamespace(name: string): Promise<string> {
  await kubectlWrite(cluster, 'create', namespaceManifest(name));
  return name;
}

function versionOf({ metadata }: V1ConfigMap): string {
  return metadata?.resourceVersion ?? '';
}

describe('a watcher of a real API server', () => {
  it('rule 12: sees what client-node creates, updates, patches, deletes and makes again', async () => {
    const namespace = await newNamespace('client-node');
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr: 'v1/configmaps', namespace }));
    await seen.sync();
    const { watcher, ledger } = seen;
    const reached = (written: V1ConfigMap): Promise<void> => watcher.reached(versionOf(written), PATIENCE);
    const value = (): string | undefined => watcher.store.find(namespace, 'a')?.data?.value;

    const created = await core.createNamespacedConfigMap({
      namespace,
      body: configMap('a', '1', { namespace }),
    });
    await reached(created);
    expect(value()).toBe('1');

    const body = { ...created, data: { value: '2' } };
    await reached(await core.replaceNamespacedConfigMap({ namespace, name: 'a', body }));
    expect(value()).toBe('2');

    const patch = { data: { value: '3' } };
    await reached(await core.patchNamespacedConfigMap({ namespace, name: 'a', body: patch }, MERGE_PATCH));
    expect(value()).toBe('3');

    await core.deleteNamespacedConfigMap({ namespace, name: 'a' });
    const again = await core.createNamespacedConfigMap({
      namespace,
      body: configMap('a', '4', { namespace }),
    });
    await reached(again);
    expect(value()).toBe('4');

    await expect
      .poll(() => ledger.lines(), PATIENCE)
      .toEqual([
        'added client-node/a',
        'modified client-node/a',
        'modified client-node/a',
        'deleted client-node/a',
        'added client-node/a',
      ]);
    const [, , last, gone, recreated] = ledger.changes;
    expect(gone?.object).toBe(last?.object);
    expect(gone?.ref.uid).toBe(created.metadata?.uid);
    expect(Number(gone?.resourceVersion)).toBeGreaterThan(Number(last?.resourceVersion));
    expect(recreated?.ref.uid).toBe(again.metadata?.uid);
    expect(ledger.changes.every(({ cause }) => cause === 'watch')).toBe(true);
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
  });

  it('sees what kubectl creates, applies, patches, labels, deletes and makes again', async () => {
    const namespace = await newNamespace('by-kubectl');
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr: 'v1/secrets', namespace }));
    await seen.sync();
    const at = ['-n', namespace];
    await kubectlWrite(cluster, 'create', secret('a', '1', { namespace }));
    await kubectl(
      cluster,
      ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      secret('a', '2', { namespace }),
    );
    await kubectl(cluster, ['patch', 'secret', 'a', ...at, '-p', '{"stringData":{"other":"3"}}']);
    await kubectl(cluster, ['label', 'secret', 'a', ...at, 'app=shop']);
    await kubectl(cluster, ['delete', 'secret', 'a', ...at]);
    await kubectlWrite(cluster, 'apply', secret('a', '4', { namespace }));

    await expect
      .poll(() => seen.ledger.lines().map((line) => line.split(' ')[0]), PATIENCE)
      .toEqual(['added', 'modified', 'modified', 'modified', 'deleted', 'added']);
    await seen.equalsKubectl(cluster, ['secrets', ...at]);
  });

  it('has reached each of 200 own writes, made in parallel, when it says so', async () => {
    const namespace = await newNamespace('own-writes');
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr: 'v1/configmaps', namespace }));
    await seen.sync();
    const write = async (i: number): Promise<void> => {
      const body = configMap(`own-${i}`, 'written', { namespace });
      const written = await core.createNamespacedConfigMap({ namespace, body });
      await seen.watcher.reached(versionOf(written), PATIENCE);
      expect(seen.watcher.store.find(namespace, `own-${i}`)?.metadata?.uid).toBe(written.metadata?.uid);
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => write(i)));
    expect(seen.watcher.store.size).toBe(200);
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
  });

  it('rule 22: is in step with a storm of writes by client-node and kubectl, for every object in order', async () => {
    const namespace = await newNamespace('storm');
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr: 'v1/configmaps', namespace }));
    await seen.sync();
    const since = seen.watcher.state.resourceVersion ?? '';
    const byClientNode = async (writer: number): Promise<void> => {
      for (let round = 0; round < 12; round++) {
        for (const name of [`shared-${round % 4}`, `own-${writer}-${round % 3}`]) {
          const body = configMap(name, `${writer}.${round}`, { namespace });
          // Somebody else was quicker now and then: a conflict is part of the storm.
          await core.createNamespacedConfigMap({ namespace, body }).catch(() => undefined);
          await core.patchNamespacedConfigMap({ namespace, name, body }, MERGE_PATCH).catch(() => undefined);
          if (round % 3 === 2)
            await core.deleteNamespacedConfigMap({ namespace, name }).catch(() => undefined);
        }
      }
    };
    const byKubectl = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        const objects = [0, 1, 2].map((i) => configMap(`kubectl-${i}`, `${round}`, { namespace }));
        await kubectlWrite(cluster, 'apply', ...objects);
        await kubectlWrite(cluster, 'delete', ...objects.slice(0, 2));
      }
    };
    await Promise.all([...[0, 1, 2, 3, 4, 5].map(byClientNode), byKubectl()]);

    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace]);
    const history = await watchHistory(cluster, `/api/v1/namespaces/${namespace}/configmaps`, since);
    expect(seen.ledger.history()).toEqual(history);
    expect(history.length).toBeGreaterThan(100);
    expect(seen.errors).toEqual([]);
    expect(seen.watcher.state.mailbox.coalesced).toBe(0);
  });
});

describe('a watcher of a part of a real API server', () => {
  it('sees its namespace only, beside one of all namespaces', async () => {
    const names = [await newNamespace('left'), await newNamespace('right')];
    const kubeConfig = kubeConfigOf(cluster);
    const [left, right] = names.map((namespace) =>
      observed(createWatcher(kubeConfig, { gvr: 'v1/secrets', namespace })),
    );
    const all = observed(createWatcher(kubeConfig, { gvr: 'v1/secrets' }));
    await using _left = await left!.sync();
    await using _right = await right!.sync();
    await using _all = await all.sync();
    const objects = names.flatMap((namespace) =>
      ['a', 'b'].map((name) => secret(name, namespace, { namespace })),
    );
    await kubectlWrite(cluster, 'create', ...objects);
    await kubectl(cluster, ['delete', 'secret', '-n', 'left', 'a']);

    await left!.equalsKubectl(cluster, ['secrets', '-n', 'left']);
    await right!.equalsKubectl(cluster, ['secrets', '-n', 'right']);
    await all.equalsKubectl(cluster, ['secrets', '-A']);
    expect(left!.ledger.lines()).toEqual(['added left/a', 'added left/b', 'deleted left/a']);
    expect(right!.ledger.lines()).toEqual(['added right/a', 'added right/b']);
  });

  it('sees objects move into its label selector and out of it', async () => {
    const namespace = await newNamespace('labels');
    const labelSelector = 'app=shop,tier!=test';
    const watcher = createWatcher(kubeConfigOf(cluster), { gvr: 'v1/configmaps', namespace, labelSelector });
    await using seen = await observed(watcher).sync();
    const label = (...labels: string[]) => kubectl(cluster, ['label', 'cm', 'a', '-n', namespace, ...labels]);
    await kubectlWrite(cluster, 'create', configMap('a', '', { namespace }));
    await label('app=shop');
    await label('other=label');
    await label('tier=test');
    await label('tier-');
    await label('app-');
    await label('app=shop');

    await expect
      .poll(() => seen.ledger.lines(), PATIENCE)
      .toEqual([
        'added labels/a',
        'modified labels/a',
        'deleted labels/a',
        'added labels/a',
        'deleted labels/a',
        'added labels/a',
      ]);
    const [, inside, out] = seen.ledger.changes;
    // It left with the state it was last seen in, at the version of the write that moved it out.
    expect(out?.object).toBe(inside?.object);
    expect(Number(out?.resourceVersion)).toBeGreaterThan(Number(inside?.resourceVersion));
    await seen.equalsKubectl(cluster, ['configmaps', '-n', namespace, '-l', labelSelector]);
  });

  it('sees objects move into its field selector and out of it', async () => {
    const namespace = await newNamespace('fields');
    const fieldSelector = 'status.phase=Running';
    const watcher = createWatcher(kubeConfigOf(cluster), { gvr: 'v1/pods', namespace, fieldSelector });
    await using seen = await observed(watcher).sync();
    const phase = (name: string, to: string) =>
      kubectl(cluster, [
        ...['patch', 'pod', name, '-n', namespace, '--subresource=status'],
        ...['--type=merge', '-p', JSON.stringify({ status: { phase: to } })],
      ]);
    await kubectlWrite(cluster, 'create', pod('a', { namespace }), pod('b', { namespace }));
    await phase('a', 'Running');
    await phase('b', 'Running');
    await phase('a', 'Succeeded');

    await expect
      .poll(() => seen.ledger.lines(), PATIENCE)
      .toEqual(['added fields/a', 'added fields/b', 'deleted fields/a']);
    await seen.equalsKubectl(cluster, ['pods', '-n', namespace, '--field-selector', fieldSelector]);
  });

  it('follows a single resource, also while there is none', async () => {
    const namespace = await newNamespace('single');
    const told: (string | undefined)[] = [];
    await using single = createSingleWatcher(kubeConfigOf(cluster), {
      gvr: 'v1/configmaps',
      namespace,
      name: 'settings',
      onChange: (settings) => told.push(settings?.data?.value),
    });
    single.start();
    expect(await single.synced).toBe(0);
    expect(single.current).toBeUndefined();
    await expect.poll(() => told, PATIENCE).toEqual([undefined]);

    await kubectlWrite(cluster, 'create', configMap('other', 'no', { namespace }));
    const body = configMap('settings', 'first', { namespace });
    await single.reached(versionOf(await core.createNamespacedConfigMap({ namespace, body })), PATIENCE);
    expect(single.current?.data).toEqual({ value: 'first' });
    await expect.poll(() => told, PATIENCE).toEqual([undefined, 'first']);

    await kubectlWrite(cluster, 'apply', configMap('settings', 'second', { namespace }));
    await expect.poll(() => told, PATIENCE).toEqual([undefined, 'first', 'second']);
    await kubectl(cluster, ['delete', 'configmap', 'settings', '-n', namespace]);
    await expect.poll(() => told, PATIENCE).toEqual([undefined, 'first', 'second', undefined]);
    expect(single.current).toBeUndefined();
    expect(single.state).toMatchObject({ phase: 'watching', synced: true, stale: false });
  });
});
