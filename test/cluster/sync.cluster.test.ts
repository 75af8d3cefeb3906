/** First lists from a real API server: every way to ask for them, many kinds of resources, many watches. */
import { createRuntime, createWatcher, loadWatchedResources, watched } from '@firn/runtime';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { requestCounts } from './support/api-metrics.ts';
import { ConnectionLog } from './support/connection-log.ts';
import { createMany } from './support/create-many.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlList, kubectlWrite } from './support/kubectl.ts';
import {
  type Certificate,
  certificate,
  certificateDefinition,
  configMap,
  ingress,
  namespaceManifest,
  secret,
} from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const MANY = 5_000;
const BULK = { resource: 'configmaps', scope: 'namespace' };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.close());

describe('5,000 objects of a real API server', () => {
  beforeAll(async () => {
    await kubectlWrite(cluster, 'create', namespaceManifest('bulk'));
    const objects = Array.from({ length: MANY }, (_, i) =>
      configMap(`object-${i}`, `value ${i} `.repeat(10), { namespace: 'bulk', labels: { app: 'shop' } }),
    );
    await createMany(cluster, '/api/v1/namespaces/bulk/configmaps', objects);
  });

  it('rules 1 to 3: come through one streaming list, without a list, and are what kubectl shows', async () => {
    const before = await requestCounts(cluster, BULK);
    const watcher = createWatcher(kubeConfigOf(cluster), { gvr: 'v1/configmaps', namespace: 'bulk' });
    await using bulk = observed(watcher);
    bulk.watcher.start();

    expect(await watcher.synced).toBe(MANY);

    const after = await requestCounts(cluster, BULK);
    expect(after.watchLists - before.watchLists).toBe(1);
    expect(after.lists - before.lists).toBe(0);
    // The stream of the list is the watch: nothing else was opened.
    expect(after.openWatches - before.openWatches).toBe(1);
    await bulk.equalsKubectl(cluster, ['configmaps', '-n', 'bulk']);
    expect(new Set(bulk.ledger.changes.map(({ cause }) => cause))).toEqual(new Set(['initial']));
    expect(bulk.errors).toEqual([]);
  });

  it('rules 6 to 8: come in ten pages of 500 where pages are asked for, and are what kubectl shows', async () => {
    const before = await requestCounts(cluster, BULK);
    const watcher = createWatcher(kubeConfigOf(cluster), {
      gvr: 'v1/configmaps',
      namespace: 'bulk',
      initialList: 'list',
      pageSize: 500,
    });
    await using bulk = observed(watcher);
    await bulk.sync();

    const after = await requestCounts(cluster, BULK);
    expect(after.lists - before.lists).toBe(10);
    expect(after.watchLists - before.watchLists).toBe(0);
    await bulk.is(({ phase }) => phase === 'watching');
    await bulk.equalsKubectl(cluster, ['configmaps', '-n', 'bulk']);
    expect(bulk.errors).toEqual([]);
  });

  it('rule 19: are listed anew by forceSync, and where nothing changed nothing is said', async () => {
    const watcher = createWatcher(kubeConfigOf(cluster), { gvr: 'v1/configmaps', namespace: 'bulk' });
    await using bulk = observed(watcher);
    await bulk.sync();
    const [first] = watcher.store.get('bulk', 'object-1');
    const known = { states: bulk.states.length, changes: bulk.ledger.changes.length };
    const before = await requestCounts(cluster, BULK);

    watcher.forceSync();
    await bulk.sees(({ phase }) => phase === 'listing', known.states);
    await bulk.is(({ phase }) => phase === 'watching');
    await kubectlWrite(cluster, 'create', configMap('one-more', '', { namespace: 'bulk' }));
    await expect.poll(() => bulk.ledger.lines(known.changes), PATIENCE).toEqual(['added bulk/one-more']);

    expect((await requestCounts(cluster, BULK)).watchLists - before.watchLists).toBe(1);
    expect(watcher.store.get('bulk', 'object-1')[0]).toBe(first);
    expect(watcher.isSynced).toBe(true);
    await kubectl(cluster, ['delete', 'configmap', '-n', 'bulk', 'one-more']);
  });

  it('are held without the ignored fields, as kubectl shows them without managed fields', async () => {
    const watcher = createWatcher<V1ConfigMap>(kubeConfigOf(cluster), {
      gvr: 'v1/configmaps',
      namespace: 'bulk',
      ignoreFields: ['metadata.managedFields', 'data'],
    });
    await using bulk = await observed(watcher).sync();
    const expected = await kubectlList(cluster, ['configmaps', '-n', 'bulk']);
    for (const object of expected as V1ConfigMap[]) {
      delete object.metadata?.managedFields;
      delete object.data;
    }
    expect(bulk.watcher.store.list()).toStrictEqual(expected);
  });
});

describe('a runtime over a real API server', () => {
  beforeAll(async () => {
    await kubectlWrite(cluster, 'create', namespaceManifest('shop'), namespaceManifest('shop-2'));
    await kubectlWrite(cluster, 'create', certificateDefinition());
    const crd = ['crd/certificates.example.com', '--for=condition=established', '--timeout=60s'];
    await kubectl(cluster, ['wait', ...crd]);
    const objects = ['shop', 'shop-2'].flatMap((namespace) =>
      ['a', 'b', 'c'].flatMap((name) => [
        ingress(name, `${name}.example.com`, { namespace }),
        secret(name, `secret of ${name}`, { namespace }),
        certificate(name, `${name}.example.com`, { namespace }),
      ]),
    );
    await kubectlWrite(cluster, 'create', ...objects);
  });

  it('holds namespaces, ingresses, secrets and custom resources as kubectl shows them', async () => {
    await using runtime = createRuntime({
      kubeConfig: kubeConfigOf(cluster),
      resources: {
        namespaces: watched('v1/namespaces'),
        ingresses: watched('networking.k8s.io/v1/ingresses', { indexBy: ['spec.rules[0].host'] }),
        secrets: watched('v1/secrets', { initialList: 'list', pageSize: 2 }),
        certificates: watched<Certificate>('example.com/v1/certificates'),
      },
    });
    const changed: string[] = [];
    runtime.changes$.subscribe(({ resource, change }) => changed.push(`${change.type} ${resource}`));
    runtime.start();
    await runtime.ready({ timeout: PATIENCE.timeout });

    const snapshot = runtime.snapshot();
    for (const name of ['namespaces', 'ingresses', 'secrets', 'certificates'] as const) {
      const args = name === 'namespaces' ? [name] : [name, '-A'];
      const expected = await kubectlList(cluster, args);
      expect(snapshot[name].list(), name).toStrictEqual(expected);
      expect(runtime.stores[name].snapshot, name).toBe(snapshot[name]);
      expect(changed.filter((line) => line === `added ${name}`)).toHaveLength(expected.length);
      expect(runtime.states[name]).toMatchObject({ phase: 'watching', synced: true, stale: false });
    }
    expect(snapshot.certificates.size).toBe(6);
    expect(runtime.stores.ingresses.get('b.example.com').map(({ metadata }) => metadata?.namespace)).toEqual([
      'shop',
      'shop-2',
    ]);
  });

  it('is told what to watch by a file', async () => {
    const { resources } = loadWatchedResources(`
watched_resources:
  ingresses: { api_version: networking.k8s.io/v1, resources: ingresses, namespace: shop }
  certificates: { api_version: example.com/v1, resources: certificates }
watched_resources_ignore_fields: [metadata.managedFields]
`);
    await using runtime = createRuntime({ kubeConfig: kubeConfigOf(cluster), resources });
    runtime.start();
    await runtime.ready({ timeout: PATIENCE.timeout });
    const { ingresses, certificates } = runtime.snapshot();
    expect(ingresses?.refs().map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
      'shop/a',
      'shop/b',
      'shop/c',
    ]);
    expect(certificates?.size).toBe(6);
    expect(JSON.stringify(certificates?.list())).not.toContain('managedFields');
  });

  it('rules 15 and 29: a resource type that is not installed holds nobody up, and is found once it is there', async () => {
    const backoff = { initial: '100ms', cap: '500ms', jitter: 0 };
    await using runtime = createRuntime({
      kubeConfig: kubeConfigOf(cluster),
      resources: {
        namespaces: watched('v1/namespaces'),
        missing: watched('gadgets.example.com/v1/gadgets', { backoff }),
      },
    });
    runtime.start();
    await runtime.ready({ timeout: PATIENCE.timeout, require: ['namespaces'] });
    await expect(runtime.ready({ timeout: '2s' })).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringMatching(/missing \(.*gadgets\.example\.com\/v1\/gadgets.*404/),
    });
    expect(runtime.states.missing).toMatchObject({
      synced: false,
      lastError: { code: 'NOT_FOUND', status: 404 },
    });
    expect(runtime.states.namespaces).toMatchObject({ phase: 'watching', synced: true, stale: false });

    const definition = certificateDefinition();
    definition.metadata = { name: 'gadgets.gadgets.example.com' };
    definition.spec.group = 'gadgets.example.com';
    definition.spec.names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget' };
    await kubectlWrite(cluster, 'create', definition);
    await runtime.ready({ timeout: PATIENCE.timeout });
    expect(runtime.states.missing).toMatchObject({ synced: true, stale: false });
  });

  it('rule 18: 150 watches share two HTTP/2 connections, and each of them is live', async () => {
    const labelled = { resource: 'secrets', scope: 'cluster' };
    const before = await requestCounts(cluster, labelled);
    using connections = new ConnectionLog(cluster);
    const names = Array.from({ length: 150 }, (_, i) => `watch-${i}`);
    const resources = Object.fromEntries(
      names.map((name) => [name, watched('v1/secrets', { labelSelector: `watch=${name}` })]),
    );
    await using runtime = createRuntime({ kubeConfig: kubeConfigOf(cluster), resources });
    runtime.start();
    await runtime.ready({ timeout: PATIENCE.timeout });
    const open = (await requestCounts(cluster, labelled)).openWatches - before.openWatches;
    expect(open).toBe(150);
    expect(new Set(connections.protocols)).toEqual(new Set(['h2']));
    expect(connections.protocols.length).toBeLessThanOrEqual(4);

    await kubectlWrite(
      cluster,
      'create',
      ...names.map((name) => secret(name, '', { labels: { watch: name } })),
    );
    for (const name of names) {
      await expect.poll(() => runtime.stores[name]?.refs().map((ref) => ref.name), PATIENCE).toEqual([name]);
    }
  });
});
