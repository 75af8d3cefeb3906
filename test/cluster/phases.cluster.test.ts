/** A watcher of a real API server in the middle of things: changes during a list, stops in each phase, subscribers that throw. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWatcher } from '@firn/runtime';
import { config as rxjs } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { findAssets } from './harness/find-assets.ts';
import { createMany } from './support/create-many.ts';
import { ExchangeLog, kindOf } from './support/exchange-log.ts';
import { HELD, HeldClock } from './support/held-clock.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectlWrite } from './support/kubectl.ts';
import { Line } from './support/line.ts';
import { configMap, namespaceManifest, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const NAMESPACE = 'phases';
const LIST = ['configmaps', '-n', NAMESPACE];
const OPTIONS = { gvr: 'v1/configmaps', namespace: NAMESPACE } as const;
const MANY = 600;
const NAMES = Array.from({ length: MANY }, (_, i) => `map-${String(i).padStart(4, '0')}`);

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await kubectlWrite(cluster, 'create', namespaceManifest(NAMESPACE));
  // Nothing that compresses, and in another order than that of the names.
  const value = () => randomBytes(12_000).toString('base64');
  const objects = NAMES.toReversed().map((name) => map(name, value()));
  await createMany(cluster, `/api/v1/namespaces/${NAMESPACE}/configmaps`, objects);
});
afterAll(() => cluster?.close());
afterEach(() => {
  rxjs.onUnhandledError = null;
});

function map(name: string, value = '') {
  return configMap(name, value, { namespace: NAMESPACE });
}

describe('a streaming list that is under way', () => {
  it('rule 2: moves no resource version before its end, and what happens meanwhile is told after it, once', async () => {
    const { kubectl } = await findAssets();
    const run = (...args: readonly string[]): void => {
      const more = ['--kubeconfig', cluster.kubeconfigPath, '-n', NAMESPACE];
      const { status, stderr } = spawnSync(kubectl, [...args, ...more], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    };
    using log = new ExchangeLog(cluster);
    await using seen = observed(createWatcher(kubeConfigOf(cluster), OPTIONS));
    // Nothing is read while this process waits for kubectl, so the server cannot get rid of its list.
    let acted = false;
    const subscription = seen.watcher.state$.subscribe(({ listed = 0 }) => {
      if (listed === 0 || acted) return;
      acted = true;
      run('delete', 'configmap', NAMES[0] ?? '', '--wait=false');
      run('patch', 'configmap', NAMES[1] ?? '', '--type=merge', '-p', '{"data":{"value":"changed"}}');
      run('create', 'configmap', 'new', '--from-literal=value=new');
    });
    seen.watcher.start();
    await seen.watcher.synced;
    subscription.unsubscribe();
    expect(acted).toBe(true);
    await seen.equalsKubectl(cluster, LIST);
    expect(seen.ledger.lines(MANY)).toEqual([
      `deleted ${NAMESPACE}/${NAMES[0]}`,
      `modified ${NAMESPACE}/${NAMES[1]}`,
      `added ${NAMESPACE}/new`,
    ]);
    expect(log.exchanges.map(kindOf)).toEqual(['streaming list']);
    const listing = seen.states.filter(({ listed = 0 }) => listed > 0);
    expect(listing.length).toBeGreaterThan(0);
    expect(new Set(listing.map(({ resourceVersion }) => resourceVersion))).toEqual(new Set([undefined]));
  });

  it.each(['watch-list', 'list'] as const)(
    'rule 27: by %s, stopped: nothing of it is seen, nothing is asked for',
    async (initialList) => {
      using log = new ExchangeLog(cluster);
      const options = { ...OPTIONS, initialList, pageSize: 50 };
      await using seen = observed(createWatcher(kubeConfigOf(cluster), options));
      let stopped: Promise<void> | undefined;
      seen.watcher.state$.subscribe(({ listed = 0 }) => {
        if (listed > 0) stopped ??= seen.watcher.stop();
      });
      seen.watcher.start();
      await expect.poll(() => stopped !== undefined, PATIENCE).toBe(true);
      await stopped;
      const known = [log.exchanges.length, seen.states.length];
      await kubectlWrite(cluster, 'create', map(`after-${initialList}`));
      expect([log.exchanges.length, seen.states.length]).toEqual(known);
      expect([seen.watcher.store.size, seen.ledger.changes.length, seen.errors.length]).toEqual([0, 0, 0]);
      expect(seen.watcher.state.phase).toBe('stopped');
      await seen.sync();
      await seen.equalsKubectl(cluster, LIST);
    },
  );
});

describe('a watcher that waits for its server', () => {
  it('rule 27: stopped, it asks no more; started again, it catches up', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    const clock = new HeldClock();
    const options = { gvr: 'v1/secrets', namespace: NAMESPACE, backoff: HELD, clock } as const;
    await using seen = await observed(createWatcher(line.kubeConfig, options)).sync();
    await line.takeAway();
    await expect.poll(() => clock.held, PATIENCE).toBeGreaterThan(0);
    await seen.watcher.stop();
    expect(clock.held).toBe(0);
    const known = [log.exchanges.length, seen.states.length, seen.errors.length];
    await line.giveBack();
    clock.release();
    await kubectlWrite(cluster, 'create', secret('meanwhile', '1', { namespace: NAMESPACE }));
    expect([log.exchanges.length, seen.states.length, seen.errors.length]).toEqual(known);
    seen.watcher.start();
    await seen.watcher.synced;
    await seen.equalsKubectl(cluster, ['secrets', '-n', NAMESPACE]);
  });
});

describe('a subscriber that throws', () => {
  it('rule 28: harms neither the store, nor the others, nor the watch, and is heard of', async () => {
    const unhandled: unknown[] = [];
    rxjs.onUnhandledError = (error) => unhandled.push(error);
    using log = new ExchangeLog(cluster);
    const thrown = new Error('broken subscriber');
    const watcher = createWatcher(kubeConfigOf(cluster), {
      gvr: 'v1/secrets',
      namespace: NAMESPACE,
      debounceInterval: 10,
      onChange: () => {
        throw thrown;
      },
    });
    await using seen = observed(watcher);
    const subscription = watcher.store.changes$.subscribe(() => {
      throw thrown;
    });
    await seen.sync();
    await kubectlWrite(cluster, 'create', secret('later', '1', { namespace: NAMESPACE }));
    await seen.equalsKubectl(cluster, ['secrets', '-n', NAMESPACE]);
    await expect.poll(() => seen.errors.length, PATIENCE).toBeGreaterThan(0);
    subscription.unsubscribe();
    expect(seen.errors[0]?.cause).toBe(thrown);
    await expect.poll(() => unhandled.length, PATIENCE).toBeGreaterThan(0);
    expect(new Set(unhandled)).toEqual(new Set([thrown]));
    expect(log.exchanges.map(kindOf)).toEqual(['streaming list']);
    expect(watcher.state).toMatchObject({ phase: 'watching', restarts: 0 });
  });
});
