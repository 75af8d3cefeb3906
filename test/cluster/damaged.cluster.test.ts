/** A real API server that cannot read what its etcd holds: the watch breaks, and what was lost has to come by a list. */
import { createWatcher } from '@firn/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { ExchangeLog, kindOf } from './support/exchange-log.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectlWrite } from './support/kubectl.ts';
import { namespaceManifest, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const NAMESPACE = 'damaged';
const BROKEN = `secrets/${NAMESPACE}/broken`;

let cluster: Cluster;
beforeAll(async () => {
  // Secrets are read from etcd itself: what is damaged there is seen there and then.
  cluster = await startCluster({ apiServerArgs: ['--watch-cache-sizes=secrets#0'] });
  await kubectlWrite(cluster, 'create', namespaceManifest(NAMESPACE));
  const secrets = ['broken', 'whole'].map((name) => secret(name, '1', { namespace: NAMESPACE }));
  await kubectlWrite(cluster, 'create', ...secrets);
});
afterAll(() => cluster?.close());

it('rule 13: an object that cannot be read is a 500 in the stream: the same watch once more, then lists until one comes', async () => {
  using log = new ExchangeLog(cluster);
  const backoff = { initial: '50ms', cap: '400ms' };
  const options = { gvr: 'v1/secrets', namespace: NAMESPACE, backoff } as const;
  await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
  const known = seen.watcher.store.list();
  const { resourceVersion } = seen.watcher.state;

  await cluster.damage(BROKEN);
  await expect.poll(() => log.exchanges.length, PATIENCE).toBeGreaterThanOrEqual(4);
  const asked = log.exchanges.slice(0, 3);
  expect(asked.map(kindOf)).toEqual(['streaming list', 'watch', 'streaming list']);
  expect(asked.map(({ query }) => query.resourceVersion)).toEqual(['', resourceVersion, resourceVersion]);
  expect(seen.errors[0]).toMatchObject({ code: 'SERVER_ERROR', status: 500, retryable: true });
  expect(seen.watcher.state).toMatchObject({ synced: true, stale: true });
  expect(seen.watcher.store.list()).toEqual(known);
  expect(seen.ledger.changes).toHaveLength(2);

  // No watch will ever tell of this deletion: what was deleted cannot be read.
  await cluster.erase(BROKEN);
  await expect.poll(() => seen.ledger.lines(2), PATIENCE).toEqual(['deleted damaged/broken']);
  expect(seen.ledger.changes.at(-1)?.cause).toBe('relist');
  await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
  await kubectlWrite(cluster, 'create', secret('after', '1', { namespace: NAMESPACE }));
  await seen.equalsKubectl(cluster, ['secrets', '-n', NAMESPACE]);
});
