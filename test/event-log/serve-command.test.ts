import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime, createWatcher, openEventLog, watched } from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirnProcess, firn } from '../cli/firn-process.ts';

const map = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name },
  data: { value },
});
const widget = (name: string) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec: { size: 1 },
});
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name: 'door' },
  data: { key: 'c2VzYW1l' },
};

const serverOf = (kubeConfig: KubeConfig): string => kubeConfig.getCurrentCluster()?.server ?? '';

const RESOURCES = {
  maps: watched('v1/configmaps'),
  widgets: watched('example.com/v1/widgets'),
  secrets: watched('v1/secrets'),
  services: watched('v1/services', { store: 'on-demand' }),
} as const;

describe('firn serve', () => {
  let folder: string;
  let log: string;
  let server: ApiServer;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firn-test-'));
    log = join(folder, 'log');
    server = await startApiServer({
      resources: [{ gvr: 'example.com/v1/widgets', kind: 'Widget', namespaced: false }],
      objects: [map('a', '1'), map('b', '1'), widget('w'), secret],
      resourceVersionBase: 7_000n,
    });
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  interface Recorded {
    /** When `a` was still 1, and there was no `c`. */
    readonly before: string;
    readonly then: readonly V1ConfigMap[];
    readonly thenVersion: string;
    readonly now: readonly V1ConfigMap[];
  }

  /** Records a run in which `a` is changed twice, `b` deleted, and `c` created. */
  async function recorded(): Promise<Recorded> {
    await using eventLog = await openEventLog(log);
    await using runtime = createRuntime({ kubeConfig: server.kubeConfig, resources: RESOURCES, eventLog });
    runtime.start();
    await runtime.ready();
    await eventLog.flush();
    const then = await server.list<V1ConfigMap>('v1/configmaps');
    const thenVersion = server.resourceVersion;
    // The moment lies between records of different milliseconds.
    const before = new Date(Date.now() + 1);
    await expect.poll(() => Date.now()).toBeGreaterThan(before.getTime());
    await server.patch(map('a', '2'));
    await server.patch(map('a', '3'));
    await server.delete(map('b', '1'));
    const last = await server.create(map('c', '1'));
    await runtime.watchers.maps.reached((last as V1ConfigMap).metadata?.resourceVersion ?? '');
    await runtime.stop();
    const now = await server.list<V1ConfigMap>('v1/configmaps');
    return { before: before.toISOString(), then, thenVersion, now };
  }

  interface Answer {
    readonly items: readonly unknown[];
    readonly metadata: { readonly resourceVersion: string };
  }

  interface Served {
    readonly run: FirnProcess;
    readonly path: string;
    readonly kubeConfig: KubeConfig;
    readonly api: CoreV1Api;
    get(path: string): Promise<Answer>;
  }

  async function serve(...args: readonly string[]): Promise<Served> {
    const run = firn(['serve', log, ...args]);
    await run.until(({ stdout }) => stdout.endsWith('\n'));
    const path = /--kubeconfig (\S+)/.exec(run.stdout)?.[1] ?? '';
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(await readFile(path, 'utf8'));
    return {
      run,
      path,
      kubeConfig,
      api: kubeConfig.makeApiClient(CoreV1Api),
      get: async (asked) => (await fetch(`${serverOf(kubeConfig)}${asked}`)).json() as Promise<Answer>,
    };
  }

  it('lists what there was at a moment, by the uids, versions and contents of then', async () => {
    const { before, then, thenVersion, now } = await recorded();
    const items = (objects: readonly V1ConfigMap[]) =>
      objects.map(({ apiVersion: _, kind: __, ...rest }) => rest);
    const past = await serve('--at', before);
    const list = await past.get('/api/v1/configmaps');
    expect(list).toMatchObject({ kind: 'ConfigMapList', metadata: { resourceVersion: thenVersion } });
    expect(list.items).toEqual(items(then));
    expect(await past.get('/api/v1/namespaces/shop/configmaps/a')).toEqual(then[0]);
    expect((await past.get('/api/v1/namespaces')).items).toEqual([]);

    const atEnd = await (await serve()).get('/api/v1/configmaps');
    expect(atEnd.items).toEqual(items(now));
    expect(atEnd.metadata.resourceVersion).toBe(now.at(-1)?.metadata?.resourceVersion);
  });

  it('sends watches nothing, from the version of the list on', async () => {
    const { before, thenVersion } = await recorded();
    const { kubeConfig } = await serve('--at', before);
    const watch = (version: string) =>
      fetch(
        `${serverOf(kubeConfig)}/api/v1/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${version}`,
      ).then((answer) => answer.text());
    expect(await watch(thenVersion)).toBe('');
    expect(await watch('7000')).toMatch(/^\{"type":"ERROR",.*"reason":"Expired"/);
  });

  it('serves custom resources by what their objects say, and tells what it does not serve', async () => {
    const { before } = await recorded();
    const { run, kubeConfig, api } = await serve('--at', before);
    const custom = kubeConfig.makeApiClient(CustomObjectsApi);
    const type = { group: 'example.com', version: 'v1', plural: 'widgets' };
    const widgets = await custom.listClusterCustomObject(type);
    expect(widgets).toMatchObject({ kind: 'WidgetList', items: [{ kind: 'Widget', spec: { size: 1 } }] });
    const discovered = await custom.getAPIResources({ group: 'example.com', version: 'v1' });
    expect(discovered.resources).toContainEqual(
      expect.objectContaining({ name: 'widgets', kind: 'Widget', namespaced: false }),
    );
    const door = await api.readNamespacedSecret({ namespace: 'shop', name: 'door' });
    expect(door.data?.key).toMatch(/^firn:redacted:/);
    await run.until(({ stderr }) => stderr.includes('Ctrl-C'));
    expect(run.stderr).toContain('maps (2), widgets (1), secrets (1).');
    expect(run.stderr).toMatch(/^secrets: redacted when it was recorded: data, stringData, /m);
    expect(run.stderr).toMatch(/^services: left out, since only references were recorded\.$/m);
    await expect(api.listServiceForAllNamespaces()).rejects.toMatchObject({ code: 404 });
  });

  it('refuses whatever writes, with a Status that says why', async () => {
    await recorded();
    const { kubeConfig } = await serve();
    for (const [method, path] of [
      ['POST', '/api/v1/namespaces/shop/configmaps'],
      ['PUT', '/api/v1/namespaces/shop/configmaps/a'],
      ['PATCH', '/api/v1/namespaces/shop/configmaps/a'],
      ['DELETE', '/api/v1/namespaces/shop/configmaps/a'],
      ['DELETE', '/api/v1/namespaces/shop/configmaps'],
      ['POST', '/api/v1/namespaces/shop/pods/a/eviction'],
      ['PATCH', '/apis/apps/v1/namespaces/shop/deployments/a/scale'],
      ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ] as const) {
      const answer = await fetch(`${serverOf(kubeConfig)}${path}`, { method, body: '{}' });
      expect(answer.status).toBe(405);
      expect(await answer.json()).toMatchObject({
        kind: 'Status',
        reason: 'MethodNotAllowed',
        message: expect.stringContaining('shows the past, read only'),
      });
    }
  });

  it('plays what came afterwards into an informer, from its first watch on', async () => {
    const { before, now } = await recorded();
    const { run, kubeConfig, api } = await serve('--at', before, '--speed', 'max');
    const list = () => api.listConfigMapForAllNamespaces();
    const informer = makeInformer<V1ConfigMap>(kubeConfig, '/api/v1/configmaps', list);
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, ({ metadata, data }) => {
        seen.push([verb, metadata?.name, data?.value, metadata?.resourceVersion].join(' '));
      });
    }
    await informer.start();
    try {
      await expect.poll(() => seen.at(-1)).toMatch(/^add c/);
      expect(seen).toEqual([
        'add a 1 7006',
        'add b 1 7007',
        'update a 2 7010',
        'update a 3 7011',
        'delete b 1 7012',
        'add c 1 7013',
      ]);
    } finally {
      await informer.stop();
    }
    await run.until(({ stderr }) => /Played 4 events; it is \S+ there now/.test(stderr));
    const last = await list();
    expect(last.items.map(({ metadata }) => metadata?.uid)).toEqual(now.map(({ metadata }) => metadata?.uid));
    expect(last.metadata?.resourceVersion).toBe('7013');
  });

  it('is followed by a watcher of firn, at a speed and up to a moment', async () => {
    const { before } = await recorded();
    const end = new Date(Date.parse(before) + 600_000).toISOString();
    const { kubeConfig, run } = await serve('--at', before, '--speed', '1000', '--until', end);
    await using watcher = createWatcher<V1ConfigMap>(kubeConfig, { gvr: 'v1/configmaps' });
    const values: string[] = [];
    watcher.store.changes$.subscribe(({ type, ref, resourceVersion }) => {
      values.push([type, ref.name, resourceVersion].join(' '));
    });
    watcher.start();
    await watcher.reached('7013');
    expect(values).toEqual([
      'added a 7006',
      'added b 7007',
      'modified a 7010',
      'modified a 7011',
      'deleted b 7012',
      'added c 7013',
    ]);
    expect(watcher.store.refs().map(({ name }) => name)).toEqual(['a', 'c']);
    await run.until(({ stderr }) => stderr.includes('Played 4 events'));
  });

  it('stands still until somebody watches', async () => {
    const { before } = await recorded();
    const { api, run } = await serve('--at', before, '--speed', 'max');
    for (let i = 0; i < 3; i++)
      expect((await api.listConfigMapForAllNamespaces()).metadata?.resourceVersion).toBe('7009');
    expect(run.stderr).not.toContain('Played');
  });

  it('ends with Ctrl-C, 130, and takes its kubeconfig along', async () => {
    const { before } = await recorded();
    for (const more of [[], ['--speed', '1']]) {
      const { run, path } = await serve('--at', before, ...more);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      run.child.kill('SIGINT');
      expect(await run.ended).toBe(130);
      expect(existsSync(path)).toBe(false);
    }
  });

  it('says what a log has not', async () => {
    await recorded();
    for (const at of ['2001-01-01T00:00:00Z', '2101-01-01T00:00:00Z']) {
      const run = firn(['serve', log, '--at', at]);
      expect(await run.ended).toBe(1);
      expect(run.stderr).toMatch(/^firn: .* says nothing of \d{4}-.* It goes from \S+ to \S+;/);
    }
  });

  it('does not serve a log of references', async () => {
    const eventLog = await openEventLog(log);
    const options = { gvr: 'v1/configmaps', store: 'on-demand', eventLog } as const;
    const watcher = createWatcher(server.kubeConfig, options);
    watcher.start();
    await watcher.synced;
    await watcher.stop();
    await eventLog.close();
    const run = firn(['serve', log]);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toMatch(/^firn: .* has nothing that could be served: of v1\/configmaps /);
  });

  it.each([
    [[], 2, /Name one folder/],
    [['x', 'y'], 2, /Name one folder/],
    [['x', '--at', 'yesterday'], 2, /is no moment/],
    [['x', '--speed', '2'], 2, /--speed needs a moment to play from: --at/],
    [['x', '--at', '10:00', '--speed', 'fast'], 2, /--speed must be a number above 0, or max/],
    [['x', '--at', '10:00', '--speed', '0'], 2, /--speed must be a number/],
    [['x', '--until', '10:00'], 2, /--until needs --speed/],
    [
      ['x', '--at', '2026-01-02', '--speed', '2', '--until', '2026-01-01'],
      2,
      /--until must be later than --at/,
    ],
    [['x', '--port', '70000'], 2, /--port must be a whole number/],
    [['/nowhere/at/all'], 1, /\/nowhere\/at\/all/],
  ] as const)('refuses firn serve %j', async (args, code, says) => {
    const run = firn(['serve', ...args]);
    expect(await run.ended).toBe(code);
    expect(run.stderr).toMatch(says);
    expect(run.stdout).toBe('');
  });
});
