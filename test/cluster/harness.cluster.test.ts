/** The cluster for tests: what the other suites rely on when they stop, rewind and compact it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { loopbackRequest } from './harness/loopback-request.ts';

interface Answer {
  readonly kind: string;
  readonly code?: number;
  readonly metadata: { readonly name?: string; readonly resourceVersion: string };
  readonly items?: readonly { readonly metadata: { readonly name: string } }[];
}

interface WatchEvent {
  readonly type: string;
  readonly object: Answer;
}

/** A busy machine may take this long, not the tests' subject. */
const PATIENCE = { timeout: 30_000 };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

async function get(
  cluster: Cluster,
  path: string,
  token: string = cluster.token,
): Promise<{ status: number; body: Answer }> {
  const { status, body } = await loopbackRequest(`${cluster.url}${path}`, { token, ca: cluster.ca });
  return { status, body: JSON.parse(body) };
}

async function createConfigMap(cluster: Cluster, name: string): Promise<string> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
  const created = await cluster.kubectl(['create', '-f', '-', '-o', 'json'], {
    input: JSON.stringify(object),
  });
  expect(created).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(created.stdout).metadata.resourceVersion;
}

async function configMapNames(cluster: Cluster): Promise<string[]> {
  const { body } = await get(cluster, CONFIG_MAPS);
  return (body.items ?? []).map((item) => item.metadata.name).sort();
}

/** What a watch from `resourceVersion` gives within two seconds. */
async function watchFrom(cluster: Cluster, resourceVersion: string): Promise<WatchEvent[]> {
  const url = `${cluster.url}${CONFIG_MAPS}?watch=1&timeoutSeconds=2&resourceVersion=${resourceVersion}`;
  const { body } = await loopbackRequest(url, { token: cluster.token, ca: cluster.ca });
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function isReachable(url: string): Promise<boolean> {
  return loopbackRequest(url, { ca: '' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ECONNREFUSED',
  );
}

describe('a cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.close());

  it('is a Kubernetes 1.37 that kubectl can write to and list from', async () => {
    const namespace = await cluster.kubectl(['create', 'namespace', 'shop']);
    expect(namespace).toEqual({ stdout: 'namespace/shop created\n', stderr: '', code: 0 });
    await createConfigMap(cluster, 'first');
    const listed = await cluster.kubectl(['get', 'configmaps', '-o', 'name']);
    expect(listed.stdout).toBe('configmap/first\n');
    const version = JSON.parse((await cluster.kubectl(['version', '-o', 'json'])).stdout);
    expect(version.serverVersion).toMatchObject({ major: '1', minor: '37' });
  });

  it('reports what kubectl could not do by its exit code and stderr', async () => {
    const missing = await cluster.kubectl(['get', 'configmap', 'nowhere']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('NotFound');
  });

  it('is trusted through the authority of its kubeconfig only', async () => {
    const options = { token: cluster.token };
    await expect(loopbackRequest(`${cluster.url}/readyz`, options)).rejects.toThrow(/certificate/);
    expect((await loopbackRequest(`${cluster.url}/readyz`, { ...options, ca: cluster.ca })).status).toBe(200);
    const authority = Buffer.from(cluster.ca).toString('base64');
    expect(cluster.kubeconfigYaml).toContain(`certificate-authority-data: ${authority}\n`);
  });

  it('is killed and comes back with the same address, authority and objects', async () => {
    await createConfigMap(cluster, 'kept');
    const { url, ca } = cluster;
    await cluster.stopApiServer();
    expect(await isReachable(url)).toBe(false);
    await cluster.startApiServer();
    expect(await configMapNames(cluster)).toContain('kept');
    await cluster.restartApiServer();
    expect({ url: cluster.url, ca: cluster.ca }).toEqual({ url, ca });
    expect(await configMapNames(cluster)).toContain('kept');
  });

  it('ends its streams in order when it is asked to stop', async () => {
    const url = `${cluster.url}${CONFIG_MAPS}?watch=1&timeoutSeconds=600&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`;
    const watch = loopbackRequest(url, { token: cluster.token, ca: cluster.ca });
    await createConfigMap(cluster, 'seen-by-the-stream');
    await cluster.stopApiServer({ graceful: true });
    expect((await watch).body).toContain('seen-by-the-stream');
    await cluster.startApiServer();
  });

  it('answers 410 for the time before a compaction', async () => {
    const old = await createConfigMap(cluster, 'old');
    await createConfigMap(cluster, 'newer');
    const exact = `${CONFIG_MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`;
    expect(await watchFrom(cluster, old)).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'newer' } } },
    ]);
    expect((await get(cluster, exact)).status).toBe(200);

    await cluster.compact();

    expect(await watchFrom(cluster, old)).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ]);
    expect((await get(cluster, exact)).status).toBe(410);
    expect(await configMapNames(cluster)).toContain('old');
    await expect(cluster.compact(Number(old))).resolves.toBe(Number(old));
  });

  it('goes back to an older state of etcd, as often as wanted', async () => {
    await createConfigMap(cluster, 'before');
    const snapshot = await cluster.snapshotEtcd();
    const names = await configMapNames(cluster);
    for (const name of ['after', 'after-again']) {
      const later = await createConfigMap(cluster, name);
      expect(Number(later)).toBeGreaterThan(snapshot.revision);
      await cluster.restoreEtcd(snapshot);
      expect(await configMapNames(cluster)).toEqual(names);
    }
    const { body } = await get(cluster, `${CONFIG_MAPS}?limit=1`);
    const lost = await createConfigMap(cluster, 'twice');
    expect(Number(body.metadata.resourceVersion)).toBeLessThan(Number(lost));
  });

  it('lets in the tokens it is given, under RBAC', async () => {
    const tokens = [{ token: 'reader-1', user: 'reader', groups: ['shop "readers"', 'everybody'] }];
    await cluster.setTokens(tokens);
    expect((await get(cluster, CONFIG_MAPS, 'reader-1')).status).toBe(403);
    await cluster.kubectl(['create', 'role', 'reader', '--verb=list', '--resource=configmaps']);
    await cluster.kubectl(['create', 'rolebinding', 'readers', '--role=reader', '--group=shop "readers"']);
    await expect.poll(async () => (await get(cluster, CONFIG_MAPS, 'reader-1')).status, PATIENCE).toBe(200);
    expect((await get(cluster, CONFIG_MAPS, 'reader-2')).status).toBe(401);

    await cluster.setTokens([{ ...tokens[0]!, token: 'reader-2' }]);
    expect((await get(cluster, CONFIG_MAPS, 'reader-1')).status).toBe(401);
    expect((await get(cluster, CONFIG_MAPS, 'reader-2')).status).toBe(200);
    expect((await get(cluster, CONFIG_MAPS)).status).toBe(200);
    await expect(cluster.setTokens([{ token: '', user: 'nobody' }])).rejects.toThrow(/needs a token/);
  });
});

describe('the life of a cluster', () => {
  it('forgets history without a restart where the watch cache is off', async () => {
    await using cluster = await startCluster({ apiServerArgs: ['--watch-cache-sizes=configmaps#0'] });
    const old = await createConfigMap(cluster, 'old');
    await createConfigMap(cluster, 'newer');
    await cluster.compact(undefined, { restart: false });
    expect(await watchFrom(cluster, old)).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  });

  it('leaves no process and no file behind when it is closed', async () => {
    const cluster = await startCluster();
    const { url, etcdUrl, kubeconfigPath } = cluster;
    const watching = cluster.kubectl(['get', 'namespaces', '--watch']);
    await Promise.all([cluster.close(), cluster.close()]);
    expect(await isReachable(url)).toBe(false);
    expect(await isReachable(etcdUrl)).toBe(false);
    expect(existsSync(new URL('.', `file://${kubeconfigPath}`))).toBe(false);
    expect((await watching).code).toBe(-1);
    await expect(cluster.startApiServer()).rejects.toThrow(/is closed/);
  });

  it('is gone even if the process that started it is killed', async () => {
    const module = fileURLToPath(new URL('./harness/cluster.ts', import.meta.url));
    const script = `
      import { startCluster } from ${JSON.stringify(module)};
      const { url, etcdUrl, kubeconfigPath } = await startCluster();
      console.log(JSON.stringify([url, etcdUrl, kubeconfigPath]));`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
    const [url, etcdUrl, kubeconfigPath] = JSON.parse(line);
    expect(await isReachable(url)).toBe(true);
    owner.kill('SIGKILL');
    await expect.poll(() => isReachable(url), PATIENCE).toBe(false);
    await expect.poll(() => isReachable(etcdUrl), PATIENCE).toBe(false);
    await expect.poll(() => existsSync(new URL('.', `file://${kubeconfigPath}`)), PATIENCE).toBe(false);
  });

  it('says what a server that does not start has logged last', async () => {
    const started = startCluster({ apiServerArgs: ['--no-such-flag'] });
    await expect(started).rejects.toMatchObject({
      code: 'CLUSTER',
      message: expect.stringMatching(
        /kube-apiserver ended with code 1 .*\n(.*\n)*.*unknown flag: --no-such-flag/,
      ),
    });
  });
});
