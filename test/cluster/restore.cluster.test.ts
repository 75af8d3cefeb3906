/** A real API server whose etcd was put back to an older state: its watchers must notice, whatever way they come back. */
import { createWatcher } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import type { EtcdSnapshot } from './harness/etcd.ts';
import { ExchangeLog, kindOf } from './support/exchange-log.ts';
import { HELD, HeldClock } from './support/held-clock.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectlWrite } from './support/kubectl.ts';
import { configMap, namespaceManifest } from './support/manifests.ts';
import { type Observed, observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const NAMESPACE = 'restored';
const NEW = 300;
const LIST = ['configmaps', '-n', NAMESPACE];

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await kubectlWrite(cluster, 'create', namespaceManifest(NAMESPACE));
});
afterAll(() => cluster?.close());

function map(name: string, value: string) {
  return configMap(name, value, { namespace: NAMESPACE });
}

/** Leaves a state to go back to, and another after it. */
async function writeTwoStates(round: string): Promise<EtcdSnapshot> {
  const names = ['changed', 'same', 'deleted'].map((name) => `${name}-${round}`);
  await kubectlWrite(cluster, 'create', ...names.map((name) => map(name, 'before')));
  const snapshot = await cluster.snapshotEtcd();
  await kubectlWrite(cluster, 'apply', map(`changed-${round}`, 'after'));
  await kubectlWrite(cluster, 'delete', map(`deleted-${round}`, ''));
  // More than the server writes for itself when it starts, its roles included: it must not catch up with the watcher.
  await kubectlWrite(
    cluster,
    'create',
    ...Array.from({ length: NEW }, (_, i) => map(`new-${round}-${i}`, '')),
  );
  return snapshot;
}

/** The watcher shows the older state, told as a relist, and follows what is written from there on. */
async function expectOlderState<T extends object>(
  seen: Observed<T>,
  round: string,
  told: number,
): Promise<void> {
  const older = [`added ${NAMESPACE}/deleted-${round}`, `modified ${NAMESPACE}/changed-${round}`];
  await expect.poll(() => seen.ledger.lines(told), PATIENCE).toEqual(expect.arrayContaining(older));
  await seen.equalsKubectl(cluster, LIST);
  const changes = seen.ledger.changes.slice(told);
  expect(changes.filter(({ type }) => type === 'deleted')).toHaveLength(NEW);
  expect(changes).toHaveLength(NEW + 2);
  expect(changes.every(({ cause }) => cause === 'relist')).toBe(true);

  await kubectlWrite(cluster, 'create', map(`later-${round}`, ''));
  await seen.equalsKubectl(cluster, LIST);
  expect(seen.ledger.lines(told + NEW + 2)).toEqual([`added ${NAMESPACE}/later-${round}`]);
}

describe('etcd put back to an older state under a watcher', () => {
  it.each([
    ['streaming list', 'watch-list'],
    ['list', 'list'],
  ] as const)('rules 10 and 18: is noticed by the %s that follows three failures', async (_, initialList) => {
    const options = { gvr: 'v1/configmaps', namespace: NAMESPACE, initialList } as const;
    const backoff = { initial: '50ms', cap: '400ms' };
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), { ...options, backoff })).sync();
    const snapshot = await writeTwoStates(`by-${initialList}`);
    await seen.equalsKubectl(cluster, LIST);
    const told = seen.ledger.changes.length;
    const ours = Number(seen.watcher.state.resourceVersion);
    const states = seen.states.length;
    using log = new ExchangeLog(cluster);

    await cluster.stopApiServer();
    // The end of the stream, and as many watches that could not be opened as it takes to list instead.
    await expect.poll(() => seen.errors.length, PATIENCE).toBeGreaterThan(3);
    await cluster.restoreEtcd(snapshot);

    await expectOlderState(seen, `by-${initialList}`, told);
    expect(seen.errorCodes).toContain('RESOURCE_VERSION_TOO_LARGE');
    await seen.sees(({ resourceVersion }) => Number(resourceVersion) < ours, states);
    const [first, second] = log.exchanges.filter((exchange) => kindOf(exchange) !== 'watch');
    expect(first?.query.resourceVersionMatch).toBe('NotOlderThan');
    expect(Number(first?.query.resourceVersion)).toBeGreaterThanOrEqual(ours);
    expect(second?.query.resourceVersion).toBe('');
    if (initialList === 'list') expect([first?.status, second?.status]).toEqual([504, 200]);
  });

  it('rule 18: is noticed by the look at the server that precedes a watch after a refused connection', async () => {
    const clock = new HeldClock();
    const options = { gvr: 'v1/configmaps', namespace: NAMESPACE, backoff: HELD, clock } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    const snapshot = await writeTwoStates('probed');
    await seen.equalsKubectl(cluster, LIST);
    const told = seen.ledger.changes.length;
    // A stream that has lived for long is opened again at once: while the server is down.
    clock.skipAnHour();
    await cluster.stopApiServer();
    // The end of the stream, and the watch that could not be opened.
    await expect.poll(() => [seen.errors.length, clock.held], PATIENCE).toEqual([2, 1]);
    await cluster.restoreEtcd(snapshot);

    clock.release();
    await expectOlderState(seen, 'probed', told);
    expect(seen.errors.slice(2).map(({ code }) => code)).toEqual(['SERVER_WENT_BACK']);
  });

  it('rule 18: is noticed by a watch that was opened without a failure and is silent', async () => {
    const clock = new HeldClock();
    const options = { gvr: 'v1/configmaps', namespace: NAMESPACE, backoff: HELD, clock } as const;
    await using seen = await observed(
      createWatcher(kubeConfigOf(cluster), { ...options, idleTimeout: '2s', watchTimeout: '30s' }),
    ).sync();
    const snapshot = await writeTwoStates('silent');
    await seen.equalsKubectl(cluster, LIST);
    const told = seen.ledger.changes.length;
    await cluster.stopApiServer();
    await seen.is(({ phase }) => phase === 'backoff');
    await cluster.restoreEtcd(snapshot);
    const failures = seen.errors.length;

    clock.release();
    await expectOlderState(seen, 'silent', told);
    expect(seen.errors.slice(failures).map(({ code }) => code)).toEqual(['SERVER_WENT_BACK']);
  });
});
