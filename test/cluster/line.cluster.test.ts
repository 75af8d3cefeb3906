/** A real API server behind a line that breaks: what its watchers do when the network fails and the server does not. */
import { randomBytes } from 'node:crypto';
import type { KubernetesObject } from '@firn/core';
import { createWatcher } from '@firn/runtime';
import { type Clock, type MemoryStore, systemClock } from '@firn/stores';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { createMany } from './support/create-many.ts';
import { ExchangeLog, kindOf } from './support/exchange-log.ts';
import { HELD, HeldClock } from './support/held-clock.ts';
import { kubectlWrite } from './support/kubectl.ts';
import { Line } from './support/line.ts';
import { LogLines } from './support/log-lines.ts';
import { configMap, namespaceManifest } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const NAMESPACE = 'line';
const LIST = ['configmaps', '-n', NAMESPACE];
const OPTIONS = { gvr: 'v1/configmaps', namespace: NAMESPACE } as const;
const QUICK = { initial: '50ms', cap: '400ms' } as const;
/** Far less than the list of all, far more than what is said before it. */
const SOME_BYTES = 200_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await kubectlWrite(cluster, 'create', namespaceManifest(NAMESPACE));
  // Nothing that compresses.
  const value = () => randomBytes(6000).toString('base64');
  const objects = Array.from({ length: 300 }, (_, i) => map(`large-${i}`, value()));
  await createMany(cluster, `/api/v1/namespaces/${NAMESPACE}/configmaps`, objects);
});
afterAll(() => cluster?.close());

function map(name: string, value = ''): V1ConfigMap {
  return configMap(name, value, { namespace: NAMESPACE });
}

/** Ten times as fast: what takes 30 s takes 3. */
function fastClock(): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * 10,
    setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms / 10),
    clearTimeout: (handle) => systemClock.clearTimeout(handle),
  };
}

/** The sizes that readers see, each once. */
function sizesOf({ store }: { readonly store: MemoryStore<KubernetesObject> }): Set<number> {
  const sizes = new Set<number>();
  store.snapshots$.subscribe(({ size }) => sizes.add(size));
  return sizes;
}

describe('a line that is cut', () => {
  it('rule 4: in a streaming list three times: the list comes in pages, and readers see nothing before', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    line.limitNext(3, { bytes: SOME_BYTES, effect: 'cut' });
    await using seen = observed(createWatcher(line.kubeConfig, { ...OPTIONS, backoff: QUICK }));
    const sizes = sizesOf(seen.watcher);
    await seen.sync();
    const kinds = () => log.exchanges.map(kindOf);
    const streams = ['streaming list', 'streaming list', 'streaming list'];
    await expect.poll(kinds, PATIENCE).toEqual([...streams, 'list', 'watch']);
    expect(log.exchanges.slice(0, 3).map(({ query }) => query.resourceVersion)).toEqual(['', '', '']);
    expect([...sizes]).toEqual([0, seen.watcher.store.size]);
    expect(new Set(seen.ledger.changes.map(({ cause, modCount }) => `${cause} ${modCount}`))).toEqual(
      new Set(['initial 1']),
    );
    await seen.equalsKubectl(cluster, LIST);
  });

  it('rules 12 and 14: under a watch, while objects are created, changed and deleted: nothing is lost or listed again', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    await using seen = await observed(createWatcher(line.kubeConfig, { ...OPTIONS, backoff: QUICK })).sync();
    const told = seen.ledger.changes.length;
    const steps = [
      ['create', map('cut'), 'added'],
      ['apply', map('cut', 'changed'), 'modified'],
      ['delete', map('cut'), 'deleted'],
    ] as const;
    for (const [index, [verb, object, type]] of steps.entries()) {
      await kubectlWrite(cluster, verb, object);
      await expect.poll(() => seen.ledger.lines(told).length, PATIENCE).toBe(index + 1);
      const change = seen.ledger.changes.at(-1);
      expect(change?.type).toBe(type);
      const opened = log.exchanges.length;
      line.cut();
      await expect.poll(() => log.exchanges.length, PATIENCE).toBeGreaterThan(opened);
      // Each event has moved the version from which the watch goes on.
      expect(log.exchanges.at(-1)?.query.resourceVersion).toBe(change?.resourceVersion);
    }
    expect(new Set(log.exchanges.slice(1).map(kindOf))).toEqual(new Set(['watch']));
    await seen.equalsKubectl(cluster, LIST);
    expect(seen.ledger.changes.slice(told).map(({ cause }) => cause)).toEqual(['watch', 'watch', 'watch']);
  });

  it('rule 14: again and again, as soon as a watch is open: it is opened ever more rarely, and not listed', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    const backoff = { initial: 100, factor: 2, cap: 10_000, jitter: 0 };
    await using seen = await observed(createWatcher(line.kubeConfig, { ...OPTIONS, backoff })).sync();
    const cuts: number[] = [];
    for (let watches = 0; watches < 5; watches++) {
      line.cut();
      cuts.push(performance.now());
      await expect.poll(() => log.exchanges.length, { ...PATIENCE, interval: 2 }).toBe(watches + 2);
    }
    const gaps = cuts.slice(1).map((at, index) => at - (cuts[index] ?? 0));
    // The first watch had brought a list; each that follows has failed.
    for (const [index, gap] of gaps.slice(1).entries()) {
      expect(gap).toBeGreaterThanOrEqual(backoff.initial * 2 ** index - 2);
    }
    expect(new Set(log.exchanges.slice(1).map(kindOf))).toEqual(new Set(['watch']));
    await expect.poll(() => seen.watcher.state.stale, PATIENCE).toBe(false);
    await seen.equalsKubectl(cluster, LIST);
  });
});

describe('a line that is taken away', () => {
  it('rule 5: before the first list: the streaming list is asked for again until it comes, and nothing else', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    await line.takeAway();
    await using seen = observed(createWatcher(line.kubeConfig, { ...OPTIONS, backoff: QUICK }));
    seen.watcher.start();
    await expect.poll(() => seen.errors.length, PATIENCE).toBeGreaterThan(4);
    await line.giveBack();
    await seen.sync();
    expect(log.exchanges.map(kindOf)).toEqual(['streaming list']);
    expect(seen.errorCodes).toEqual(['CONNECTION_REFUSED']);
  });

  it('rule 18: and refused once: the server is looked at before the watch goes on, and is not listed', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    const clock = new HeldClock();
    await using seen = await observed(
      createWatcher(line.kubeConfig, { ...OPTIONS, backoff: HELD, clock }),
    ).sync();
    const told = seen.ledger.changes.length;
    // A stream that has lived for long is opened again at once: while the line is away.
    clock.skipAnHour();
    await line.takeAway();
    await expect.poll(() => [seen.errors.length, clock.held], PATIENCE).toEqual([2, 1]);
    await kubectlWrite(cluster, 'create', map('missed-once'));
    await line.giveBack();
    clock.release();
    await expect.poll(() => seen.ledger.lines(told), PATIENCE).toEqual(['added line/missed-once']);
    expect(log.exchanges.map(kindOf)).toEqual(['streaming list', 'probe', 'watch']);
  });

  it('rule 15: and refused three times in a row: a list at the last resource version, which says what was missed', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    await using seen = await observed(createWatcher(line.kubeConfig, { ...OPTIONS, backoff: QUICK })).sync();
    const told = seen.ledger.changes.length;
    const last = seen.watcher.state.resourceVersion;
    await line.takeAway();
    await expect.poll(() => seen.errors.length, PATIENCE).toBeGreaterThan(4);
    await kubectlWrite(cluster, 'create', map('missed-thrice'));
    await line.giveBack();
    await expect.poll(() => seen.ledger.lines(told), PATIENCE).toEqual(['added line/missed-thrice']);
    expect(seen.ledger.changes.at(-1)?.cause).toBe('relist');
    const relist = log.exchanges[1];
    expect(relist && kindOf(relist)).toBe('streaming list');
    expect(relist?.query).toMatchObject({
      resourceVersion: last,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
    await seen.equalsKubectl(cluster, LIST);
  });
});

describe('a line that falls silent', () => {
  it('rule 4: in a streaming list: after 10 s without progress there is a warning', async () => {
    await using line = await Line.to(cluster);
    const logger = new LogLines();
    line.limitNext(1, { bytes: SOME_BYTES, effect: 'silent' });
    const options = { ...OPTIONS, backoff: QUICK, logger, clock: fastClock() };
    await using seen = observed(createWatcher(line.kubeConfig, options));
    const sizes = sizesOf(seen.watcher);
    seen.watcher.start();
    await expect.poll(() => logger.text, PATIENCE).toMatch(/^warn .*list has made no progress for \d+ s/m);
    line.cut();
    await seen.watcher.synced;
    await seen.equalsKubectl(cluster, LIST);
    expect([...sizes]).toEqual([0, seen.watcher.store.size]);
  });

  it('rule 17: under a watch: PINGs stay unanswered, and the watch goes on over another connection', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    await using seen = await observed(
      createWatcher(line.kubeConfig, { ...OPTIONS, backoff: QUICK, clock: fastClock() }),
    ).sync();
    const told = seen.ledger.changes.length;
    line.silence();
    await kubectlWrite(cluster, 'create', map('unheard'));
    await expect.poll(() => seen.ledger.lines(told), PATIENCE).toEqual(['added line/unheard']);
    expect(seen.errors.map(({ code }) => code)).toEqual(['TIMEOUT']);
    expect(seen.errors[0]?.cause).toMatchObject({ message: expect.stringContaining('PING') });
    expect(log.exchanges.map(kindOf)).toEqual(['streaming list', 'watch']);
  });

  it('rule 17: under a watch that should have ended: it is over 30 s later, and goes on where it was', async () => {
    await using line = await Line.to(cluster);
    using log = new ExchangeLog(line);
    // Its PINGs are given 45 s: the deadline comes first.
    const options = { ...OPTIONS, backoff: QUICK, watchTimeout: '1s', clock: fastClock() } as const;
    await using seen = observed(createWatcher(line.kubeConfig, options));
    seen.watcher.start();
    await seen.watcher.synced;
    line.silence();
    const told = seen.ledger.changes.length;
    await kubectlWrite(cluster, 'create', map('overdue'));
    await expect.poll(() => seen.ledger.lines(told), PATIENCE).toContain('added line/overdue');
    expect(seen.errors[0]).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('at the agreed time'),
    });
    // Asked for again over the same dead line, it is not answered either: the server is looked at before the next one.
    const kinds = log.exchanges.slice(1).map(kindOf);
    expect(kinds.filter((kind) => kind !== 'watch' && kind !== 'probe')).toEqual([]);
  });
});
