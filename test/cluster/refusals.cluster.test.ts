/** What a real API server refuses: those who ask too much, verbs that it does not offer; and what it warns of. */
import { setTimeout } from 'node:timers/promises';
import { createWatcher } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { loopbackRequest } from './harness/loopback-request.ts';
import { type Exchange, ExchangeLog, kindOf } from './support/exchange-log.ts';
import { HELD, HeldClock } from './support/held-clock.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlWrite } from './support/kubectl.ts';
import { LogLines } from './support/log-lines.ts';
import { configMap, namespaceManifest } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const NAMESPACE = 'refused';
const LIST = ['configmaps', '-n', NAMESPACE];
const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const OPTIONS = { gvr: 'v1/configmaps', namespace: NAMESPACE } as const;
const GUEST = 'guest-token';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await cluster.setTokens([{ token: GUEST, user: 'guest' }]);
  await kubectlWrite(
    cluster,
    'create',
    namespaceManifest(NAMESPACE),
    configMap('a', '1', { namespace: NAMESPACE }),
  );
  await kubectl(cluster, ['create', 'clusterrole', 'guest', '--verb=list,watch', '--resource=configmaps']);
  await kubectl(cluster, ['create', 'clusterrolebinding', 'guest', '--clusterrole=guest', '--user=guest']);
  await giveOneSeat();
});
afterAll(() => cluster?.close());

/** Asks as the guest, and gives the status of the answer; 0 if he is told to stop before. */
async function ask(query: string, signal?: AbortSignal): Promise<number> {
  const options = { token: GUEST, ca: cluster.ca, ...(signal && { signal }) };
  return loopbackRequest(`${cluster.url}${MAPS}?${query}`, options).then(
    ({ status }) => status,
    () => 0,
  );
}

/** The guest has one seat at the server; who finds it taken is answered with 429 and Retry-After. */
async function giveOneSeat(): Promise<void> {
  const group = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', metadata: { name: 'guest' } };
  const limited = {
    nominalConcurrencyShares: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Reject' },
  };
  const everything = {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    namespaces: ['*'],
    clusterScope: true,
  };
  const rules = [{ subjects: [{ kind: 'User', user: { name: 'guest' } }], resourceRules: [everything] }];
  const priorityLevelConfiguration = { name: 'guest' };
  const level = { ...group, kind: 'PriorityLevelConfiguration', spec: { type: 'Limited', limited } };
  const schema = {
    ...group,
    kind: 'FlowSchema',
    spec: { matchingPrecedence: 2, priorityLevelConfiguration, rules },
  };
  await kubectlWrite(cluster, 'create', level, schema);
}

/** Takes the seat until it is told to stop: a list from the future is not answered before 3 s have passed. */
async function overload(): Promise<() => Promise<void>> {
  const end = new AbortController();
  const sit = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await ask('resourceVersionMatch=NotOlderThan&resourceVersion=99999999', end.signal);
      await setTimeout(5);
    }
  };
  const sitting = Array.from({ length: 8 }, sit);
  await expect.poll(() => ask('limit=1'), PATIENCE).toBe(429);
  return async () => {
    end.abort();
    await Promise.all(sitting);
    await expect.poll(() => ask('limit=1'), PATIENCE).toBe(200);
  };
}

function inShort(exchange: Exchange): string {
  return `${kindOf(exchange)} ${exchange.status}`;
}

describe('a real API server that is too busy', () => {
  it('rule 5: is asked for the streaming list again until it has the time, and for no other', async () => {
    using log = new ExchangeLog(cluster);
    const relieve = await overload();
    const options = { ...OPTIONS, backoff: { initial: '50ms', cap: '200ms', jitter: 0 } } as const;
    await using seen = observed(createWatcher(kubeConfigOf(cluster, GUEST), options));
    const started = Date.now();
    seen.watcher.start();
    await expect.poll(() => seen.errors.length, PATIENCE).toBeGreaterThan(1);
    // Retry-After says 1 s, whatever the options say.
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
    await relieve();
    await seen.sync();
    expect(new Set(log.exchanges.map(inShort))).toEqual(
      new Set(['streaming list 429', 'streaming list 200']),
    );
    expect(seen.errorCodes).toEqual(['TOO_MANY_REQUESTS']);
    await seen.equalsKubectl(cluster, LIST);
  });

  it('rule 15: is asked for the same watch again, and for no list', async () => {
    using log = new ExchangeLog(cluster);
    const clock = new HeldClock();
    const options = { ...OPTIONS, backoff: HELD, clock, watchTimeout: '5s' } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster, GUEST), options)).sync();
    // A stream that has lived for long is opened again at once: while the server is too busy.
    clock.skipAnHour();
    const relieve = await overload();
    const { lastError } = await seen.is(({ lastError }) => lastError?.code === 'TOO_MANY_REQUESTS');
    expect(lastError).toMatchObject({ status: 429, retryable: true });
    expect(seen.watcher.state).toMatchObject({ phase: 'backoff', stale: true, synced: true });
    await kubectlWrite(cluster, 'create', configMap('missed', '1', { namespace: NAMESPACE }));
    await relieve();
    clock.release();
    await expect.poll(() => seen.ledger.lines(1), PATIENCE).toEqual(['added refused/missed']);
    expect(log.exchanges.slice(0, 3).map(inShort)).toEqual(['streaming list 200', 'watch 429', 'watch 200']);
    expect(log.exchanges[2]?.query.resourceVersion).toBe(log.exchanges[1]?.query.resourceVersion);
    expect(seen.ledger.changes.at(-1)?.cause).toBe('watch');
    await seen.equalsKubectl(cluster, LIST);
  });
});

describe('a real API server that does not offer the verb', () => {
  it('rule 15: is asked at the longest delay only, and the state names verb and reason', async () => {
    using log = new ExchangeLog(cluster);
    const clock = new HeldClock();
    const gvr = 'authentication.k8s.io/v1/tokenreviews';
    const backoff = { initial: 1, cap: HELD.cap, jitter: 0 };
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr, backoff, clock }));
    seen.watcher.start();
    const { lastError } = await seen.is(({ phase }) => phase === 'backoff');
    expect(lastError).toMatchObject({ code: 'METHOD_NOT_ALLOWED', status: 405, retryable: false });
    expect(lastError?.message).toContain(`does not offer the verb "list" for ${gvr} (405)`);
    await expect.poll(() => clock.held, PATIENCE).toBe(1);
    expect(log.exchanges.map(inShort)).toEqual(['streaming list 405', 'list 405']);
  });
});

describe('a real API server that warns', () => {
  it('rule 26: of a resource type that is out of date: the log has it once, and the watch goes on', async () => {
    const logger = new LogLines();
    const gvr = 'v1/endpoints';
    const initialList = 'list';
    await using seen = observed(createWatcher(kubeConfigOf(cluster), { gvr, initialList, logger }));
    await seen.sync();
    await seen.is(({ phase, connectedSince }) => phase === 'watching' && connectedSince !== undefined);
    const warnings = logger.lines.filter((line) => line.startsWith('warn'));
    expect(warnings).toEqual([expect.stringMatching(/the API server warns .*Endpoints is deprecated/)]);
    expect(seen.errors).toEqual([]);
  });
});
