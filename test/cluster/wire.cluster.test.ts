/** What goes over the wire to and from a real API server: compression, odd texts, names, and lists without streaming. */
import { createWatcher } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firn, jsonLines } from '../cli/firn-process.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { createMany } from './support/create-many.ts';
import { ExchangeLog } from './support/exchange-log.ts';
import { HELD, HeldClock } from './support/held-clock.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectlWrite } from './support/kubectl.ts';
import { LogLines } from './support/log-lines.ts';
import { configMap, ingress, namespaceManifest, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const MAPS = '/api/v1/namespaces/wire/configmaps';
const WIRE = ['configmaps', '-n', 'wire'];

let cluster: Cluster;
afterAll(() => cluster?.close());

describe('a real API server', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    await kubectlWrite(cluster, 'create', namespaceManifest('wire'));
    const text = 'some text that is long enough '.repeat(20);
    const objects = Array.from({ length: 600 }, (_, i) => configMap(`map-${i}`, text, { namespace: 'wire' }));
    await createMany(cluster, MAPS, objects);
  });

  it('rules 1, 8, 11 and 24: is asked as the protocol says, and compresses lists, streaming ones too, but no plain watch', async () => {
    using log = new ExchangeLog(cluster);
    const options = { gvr: 'v1/configmaps', namespace: 'wire' } as const;
    await using streamed = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    await streamed.equalsKubectl(cluster, WIRE);
    const paging = { ...options, initialList: 'list' } as const;
    await using paged = await observed(createWatcher(kubeConfigOf(cluster), paging)).sync();
    await paged.equalsKubectl(cluster, WIRE);
    await paged.is(({ phase, connectedSince }) => phase === 'watching' && connectedSince !== undefined);
    const kinds = log.exchanges.map(({ query, encoding }) => {
      const kind = query.sendInitialEvents ? 'streaming list' : query.watch ? 'watch' : 'page';
      return `${kind}: ${encoding}`;
    });
    expect(kinds).toEqual(['streaming list: gzip', 'page: gzip', 'page: ', 'watch: ']);
    const seconds = expect.stringMatching(/^[345]\d\d$|^600$/);
    const live = { watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: seconds };
    const { resourceVersion } = log.exchanges[3]?.query ?? {};
    expect(log.exchanges.map(({ query }) => query)).toEqual([
      { ...live, resourceVersion: '', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' },
      { resourceVersion: '', limit: '500' },
      { limit: '500', continue: expect.any(String) },
      { ...live, resourceVersion },
    ]);
    expect(resourceVersion).toMatch(/^\d+$/);
    // Each event comes at once, through the compressed stream as well.
    await kubectlWrite(cluster, 'create', configMap('later', '', { namespace: 'wire' }));
    for (const { ledger } of [streamed, paged]) {
      await expect.poll(() => ledger.lines(600), PATIENCE).toEqual(['added wire/later']);
    }
  });

  it('rule 25: sends separators, control characters and names of JavaScript as they are', async () => {
    const options = { gvr: 'v1/secrets', namespace: 'wire', labelSelector: 'odd' } as const;
    await using seen = await observed(createWatcher(kubeConfigOf(cluster), options)).sync();
    const odd = secret('odd', '', { namespace: 'wire', labels: { odd: 'true' } });
    odd.stringData = JSON.parse(
      '{"__proto__":"data","constructor":"\\u2028\\u2029\\u0000\\u001b","a":"\\n{\\"type\\":\\"ADDED\\"}\\n","b":"❄️ 𝄞"}',
    ) as Record<string, string>;
    odd.metadata = {
      ...odd.metadata,
      annotations: { lines: '\u2028 \u2029 \u0085 \r\n\t', snow: '❄️ 𝄞', braces: '"}{"' },
    };
    await kubectlWrite(cluster, 'create', odd);
    await expect.poll(() => seen.ledger.lines(), PATIENCE).toEqual(['added wire/odd']);
    await seen.equalsKubectl(cluster, ['secrets', '-n', 'wire', '-l', 'odd']);
    const [held] = seen.watcher.store.get('wire', 'odd');
    expect(Object.keys(held?.data ?? {}).sort()).toEqual(['__proto__', 'a', 'b', 'constructor']);
    expect(held?.metadata?.annotations?.lines).toBe('\u2028 \u2029 \u0085 \r\n\t');
    expect(seen.errors).toEqual([]);
  });

  it('rule 26: says what short names, kinds and names with a group mean', async () => {
    await kubectlWrite(cluster, 'create', ingress('front', 'a.example.com', { namespace: 'wire' }));
    for (const name of ['ing', 'Ingress', 'ingresses.networking.k8s.io']) {
      const run = firn(['get', name, '-n', 'wire', '-o', 'json', '--kubeconfig', cluster.kubeconfigPath]);
      expect(await run.ended).toBe(0);
      expect(run.stdout).toContain('"a.example.com"');
    }
    const unknown = firn(['watch', 'ingreses', '--kubeconfig', cluster.kubeconfigPath]);
    expect(await unknown.ended).toBe(1);
    expect(unknown.stderr).toContain('Did you mean networking.k8s.io/v1/ingresses');
    expect(jsonLines(unknown.stdout)).toEqual([]);
  });
});

describe('a real API server without streaming lists', () => {
  let older: Cluster;
  beforeAll(async () => {
    older = await startCluster({
      apiServerArgs: ['--feature-gates=WatchList=false', '--watch-cache-sizes=configmaps#0'],
    });
    await kubectlWrite(older, 'create', namespaceManifest('wire'));
    await kubectlWrite(older, 'create', configMap('a', '1', { namespace: 'wire' }));
  });
  afterAll(() => older?.close());

  it('rules 5 and 7: is listed in pages, asked for no stream again, and listed anew as a whole after a 410', async () => {
    using log = new ExchangeLog(older);
    const logger = new LogLines();
    const clock = new HeldClock();
    const seen = await observed(
      createWatcher(kubeConfigOf(older), {
        gvr: 'v1/configmaps',
        namespace: 'wire',
        backoff: HELD,
        watchTimeout: '2s',
        clock,
        logger,
      }),
    ).sync();
    await using _ = seen;
    const known = seen.watcher.store.snapshot.resourceVersion;
    await seen.equalsKubectl(older, WIRE);
    expect(logger.lines.filter((line) => !line.startsWith('debug'))).toEqual([
      expect.stringMatching(/^info .*no streaming list, the server answered 422; listing in pages/),
      expect.stringMatching(/^info synced/),
    ]);
    expect(seen.errors).toEqual([]);
    await expect.poll(() => clock.held, PATIENCE).toBe(1);
    await kubectlWrite(older, 'apply', configMap('a', '2', { namespace: 'wire' }));
    await older.compact(undefined, { restart: false });
    const before = log.exchanges.length;
    clock.release();

    await expect.poll(() => seen.ledger.lines(1), PATIENCE).toEqual(['modified wire/a']);
    await expect.poll(() => log.exchanges.slice(before).length, PATIENCE).toBeGreaterThanOrEqual(3);
    const asked = log.exchanges.map(
      ({ query, status }): Readonly<Record<string, unknown>> => ({ ...query, status }),
    );
    expect(asked[0]).toMatchObject({ sendInitialEvents: 'true', status: 422 });
    expect(asked.filter(({ sendInitialEvents }) => sendInitialEvents === 'true')).toHaveLength(1);
    expect(asked[1]).toEqual({ resourceVersion: '', limit: '500', status: 200 });
    const relist = asked.slice(before).find(({ watch }) => watch === undefined);
    expect(relist).toEqual({
      resourceVersion: expect.stringMatching(/^\d+$/),
      resourceVersionMatch: 'NotOlderThan',
      status: 200,
    });
    expect(Number(relist?.resourceVersion)).toBeGreaterThanOrEqual(Number(known));
    expect(seen.errorCodes).toEqual(['EXPIRED']);
    await seen.equalsKubectl(older, WIRE);
  });
});
