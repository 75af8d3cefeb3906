/** Custom resources of a real API server: watched before their type is there, while it is, and when it goes. */
import { createWatcher } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlWrite } from './support/kubectl.ts';
import { type Certificate, certificate, certificateDefinition, configMap } from './support/manifests.ts';
import { type Observed, observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const GVR = 'example.com/v1/certificates';
const LIST = ['certificates', '-A'];
const BACKOFF = { initial: '50ms', cap: '300ms', jitter: 0 } as const;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.close());

async function register(): Promise<void> {
  await kubectlWrite(cluster, 'create', certificateDefinition());
  const established = ['--for=condition=established', '--timeout=60s'];
  await kubectl(cluster, ['wait', 'crd/certificates.example.com', ...established]);
  // Established, it is served a moment later.
  const isServed = async () => (await cluster.kubectl(['get', ...LIST])).code;
  await expect.poll(isServed, PATIENCE).toBe(0);
}

async function certificates(): Promise<Observed<Certificate>> {
  const watcher = createWatcher<Certificate>(kubeConfigOf(cluster), {
    gvr: GVR,
    indexBy: ['spec.host'],
    backoff: BACKOFF,
  });
  return observed(watcher);
}

describe('custom resources of a real API server', () => {
  it('rule 15: come and go with their definition; its removal deletes each of them, and then it is 404', async () => {
    await using seen = await certificates();
    seen.watcher.start();
    await seen.is(({ lastError }) => lastError?.code === 'NOT_FOUND');
    expect(seen.watcher.isSynced).toBe(false);

    await register();
    expect(await seen.watcher.synced).toBe(0);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => certificate(name, 'shop.example.com'));
    await kubectlWrite(cluster, 'create', a!, b!, c!);
    await kubectlWrite(cluster, 'apply', certificate('b', 'other.example.com'));
    await kubectlWrite(cluster, 'delete', c!);
    await seen.equalsKubectl(cluster, LIST);
    const { store } = seen.watcher;
    expect(store.get('shop.example.com').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(store.get('other.example.com').map(({ metadata }) => metadata.name)).toEqual(['b']);

    const told = seen.ledger.changes.length;
    await kubectl(cluster, ['delete', 'crd', 'certificates.example.com']);
    await expect
      .poll(() => seen.ledger.lines(told).sort(), PATIENCE)
      .toEqual(['deleted default/a', 'deleted default/b']);
    const gone = await seen.is(({ lastError, stale }) => stale && lastError?.code === 'NOT_FOUND');
    expect(gone.lastError?.message).toContain(GVR);
    expect(seen.ledger.changes.slice(told).map(({ cause }) => cause)).toEqual(['watch', 'watch']);
    expect([store.size, seen.watcher.isSynced]).toEqual([0, true]);

    await register();
    await kubectlWrite(cluster, 'create', certificate('a', 'again.example.com'));
    await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
    await seen.equalsKubectl(cluster, LIST);
    expect(seen.ledger.lines(told + 2)).toEqual(['added default/a']);
  });

  it('rule 15: do not hold up a watch of something else when their definition goes', async () => {
    const gvr = 'v1/configmaps';
    await using maps = await observed(
      createWatcher(kubeConfigOf(cluster), { gvr, namespace: 'default' }),
    ).sync();
    await kubectl(cluster, ['delete', 'crd', 'certificates.example.com', '--ignore-not-found']);
    await kubectlWrite(cluster, 'create', configMap('unmoved', ''));
    await maps.equalsKubectl(cluster, ['configmaps', '-n', 'default']);
    expect(maps.ledger.lines()).toEqual(['added default/unmoved']);
    expect(maps.errors).toEqual([]);
  });

  it('are seen with their definitions, which are resources like others', async () => {
    const gvr = 'apiextensions.k8s.io/v1/customresourcedefinitions';
    await using definitions = await observed(createWatcher(kubeConfigOf(cluster), { gvr })).sync();
    await register();
    await kubectl(cluster, ['delete', 'crd', 'certificates.example.com']);
    await expect
      .poll(() => definitions.ledger.lines().at(-1), PATIENCE)
      .toBe('deleted certificates.example.com');
    expect(definitions.ledger.lines()[0]).toBe('added certificates.example.com');
    await definitions.equalsKubectl(cluster, ['crd']);
  });
});
