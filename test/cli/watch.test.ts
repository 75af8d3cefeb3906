import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FirnProcess, firn, jsonLines } from './firn-process.ts';

const configMap = (namespace: string, name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, labels: { app: name } },
  data,
});

describe('firn watch and get', () => {
  let server: ApiServer;
  let folder: string;
  let kubeconfig: string;

  beforeEach(async () => {
    server = await startApiServer({ objects: [configMap('shop', 'prices'), configMap('other', 'rates')] });
    folder = mkdtempSync(join(tmpdir(), 'firn-test-'));
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, server.kubeconfigYaml);
  });

  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: readonly string[]): FirnProcess => firn([...args, '--kubeconfig', kubeconfig]);
  const changes = ({ stdout }: FirnProcess): unknown[] =>
    jsonLines(stdout)
      .filter(({ type }) => type !== 'state')
      .map(({ type, namespace, name }) => [type, namespace, name]);

  it('shows what is there and what changes, until it is interrupted: exit 130', async () => {
    const watch = run('watch', 'configmaps', '-n', 'shop');
    await watch.until(({ stderr }) => stderr.includes('in sync'));
    await server.patch(configMap('shop', 'prices', { cart: '3' }));
    await server.create(configMap('other', 'elsewhere'));
    await server.delete(configMap('shop', 'prices'));
    await watch.until((process) => changes(process).length === 3);
    watch.child.kill('SIGINT');
    expect(await watch.ended).toBe(130);
    expect(changes(watch)).toEqual([
      ['added', 'shop', 'prices'],
      ['modified', 'shop', 'prices'],
      ['deleted', 'shop', 'prices'],
    ]);
    expect(jsonLines(watch.stdout).find(({ type }) => type === 'modified')).toMatchObject({
      changed: [{ path: 'data.cart', to: '3' }],
      object: { kind: 'ConfigMap', data: { cart: '3' } },
    });
  });

  it('takes short names, selectors and all namespaces', async () => {
    const watch = run('watch', 'cm', '-A', '-l', 'app in (rates)');
    await watch.until(({ stderr }) => stderr.includes('in sync, 1 object'));
    watch.child.kill('SIGINT');
    expect(await watch.ended).toBe(130);
    expect(changes(watch)).toEqual([['added', 'other', 'rates']]);
  });

  it('ends by itself after --for, exit 0', async () => {
    const watch = run('watch', 'configmaps', '--for', '2s');
    expect(await watch.ended).toBe(0);
  });

  it('fails at the end of --for if it was never in sync, and says with what: exit 1', async () => {
    server.fault({ gvr: 'v1/configmaps' }, { status: 503, reason: 'ServiceUnavailable', message: 'not now' });
    const watch = run('watch', 'configmaps', 'secrets', '--for', '2s');
    expect(await watch.ended).toBe(1);
    expect(watch.stderr).toMatch(/^firn: never in sync within the time of --for: configmaps\.$/m);
  });

  it('says when the connection is lost and when it is back', async () => {
    const watch = run('watch', 'configmaps', '-A');
    await watch.until(({ stderr }) => stderr.includes('in sync, 2 objects'));
    const { port } = server;
    await server.close();
    await watch.until(({ stderr }) => stderr.includes('configmaps: connection lost'));
    // A server with a later past answers the resumed watch with 410: the list that follows misses one object.
    server = await startApiServer({
      port,
      resourceVersionBase: 1000n,
      objects: [configMap('shop', 'prices')],
    });
    await watch.until(({ stderr }) => stderr.includes('configmaps: connection is back'));
    await watch.until((process) => changes(process).some((change) => (change as string[])[0] === 'deleted'));
    watch.child.kill('SIGTERM');
    expect(await watch.ended).toBe(130);
  });

  it('watches what a file says', async () => {
    const file = join(folder, 'firn.yaml');
    writeFileSync(
      file,
      'watched_resources: { maps: { api_version: v1, resources: configmaps, namespace: shop } }',
    );
    const watch = run('watch', '--config', file);
    await watch.until(({ stdout }) =>
      jsonLines(stdout).some(({ resource, type }) => resource === 'maps' && type === 'added'),
    );
    watch.child.kill('SIGINT');
    expect(await watch.ended).toBe(130);
  });

  it('names the place of an error in the file: exit 1', async () => {
    const file = join(folder, 'firn.yaml');
    writeFileSync(file, 'watched_resources:\n  maps:\n    api_group: v1\n');
    const watch = run('watch', '--config', file);
    expect(await watch.ended).toBe(1);
    expect(watch.stderr).toContain(`${file}:3:5: watched_resources.maps has no option "api_group"`);
  });

  it('names the nearest resource types for an unknown one: exit 1', async () => {
    for (const command of ['watch', 'get']) {
      const process = run(command, 'configmapz');
      expect(await process.ended).toBe(1);
      expect(process.stderr).toContain('Did you mean v1/configmaps?');
    }
  });

  it('says that the server does not answer: exit 1', async () => {
    await server.close();
    const watch = run('watch', 'configmaps');
    expect(await watch.ended).toBe(1);
    expect(watch.stderr).toMatch(/refuses connections/);
  });

  it.each(['watch', 'get'])(
    '%s can be interrupted while the server does not answer: exit 130',
    async (name) => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      writeFileSync(kubeconfig, server.kubeconfigYaml.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
      const process = run(name, 'configmaps');
      const [socket] = await once(silent, 'connection');
      process.child.kill('SIGINT');
      expect(await process.ended).toBe(130);
      expect(process.stderr).toBe('');
      socket.destroy();
      silent.close();
    },
  );

  it.each([
    [['get', 'cm', 'shop', 'prices', '-o', 'name'], 0, 'configmap/prices\n'],
    [['get', 'cm', 'prices', '-n', 'shop', '-o', 'name'], 0, 'configmap/prices\n'],
    [['get', 'cm', '-A', '-o', 'name'], 0, 'configmap/rates\nconfigmap/prices\n'],
    [['get', 'cm', 'rates', '--index-by', 'metadata.labels.app', '-o', 'name'], 0, 'configmap/rates\n'],
    [
      ['get', 'cm,ns', '-A', '--field-selector', 'metadata.name!=prices', '-o', 'name'],
      0,
      'configmap/rates\nnamespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n',
    ],
    [['get', 'cm,svc', 'prices', '-n', 'shop', '-o', 'name'], 1, 'configmap/prices\n'],
    [['get', 'cm', 'shop', 'nothing'], 1, ''],
    [['get', 'cm'], 0, ''],
    [['get', 'cm', 'shop', 'prices', '--store', 'on-demand', '-o', 'name'], 0, 'configmap/prices\n'],
    [['get', 'cm', '-A', '--store', 'on-demand', '-o', 'name'], 0, 'configmap/rates\nconfigmap/prices\n'],
    [['get', 'cm', 'shop', 'nothing', '--store', 'on-demand'], 1, ''],
  ])('looks up: firn %j', async (args, code, output) => {
    const get = run(...args);
    expect(await get.ended).toBe(code);
    expect(get.stdout).toBe(output);
  });

  it('with --store on-demand lists references and fetches what is found, or says why it cannot', async () => {
    const get = run('get', 'cm', 'shop', 'prices', '--store', 'on-demand', '-o', 'yaml');
    expect(await get.ended).toBe(0);
    expect(get.stdout).toContain('name: prices');
    const asked = server.requests.filter(({ path }) => path.includes('/configmaps'));
    expect(asked.map(({ kind }) => kind)).toEqual(['watch-list', 'get']);
    server.fault({ kind: 'get' }, { status: 403, reason: 'Forbidden', message: 'no' });
    const refused = run('get', 'cm', 'shop', 'prices', '--store', 'on-demand');
    expect(await refused.ended).toBe(1);
    expect(refused.stderr).toMatch(/403.*Grant the verb get on configmaps/);
    const wrong = run('get', 'cm', '--store', 'cached');
    expect(await wrong.ended).toBe(2);
  });

  it('says which resources an index leaves out', async () => {
    const get = run('get', 'cm', 'x', '-A', '--index-by', 'metadata.labels.nothing');
    expect(await get.ended).toBe(1);
    expect(get.stderr).toMatch(/metadata\.labels\.nothing[^\n]*\n1 more left out for want of an index key/);
  });

  it('says what is forbidden: get fails, watch shows it and goes on with the others', async () => {
    const message = 'configmaps is forbidden: User "reader" cannot list resource';
    server.fault({ gvr: 'v1/configmaps' }, { status: 403, reason: 'Forbidden', message });
    const get = run('get', 'configmaps');
    expect(await get.ended).toBe(1);
    expect(get.stderr).toContain('User "reader" cannot list');
    const watch = run('watch', 'configmaps', 'secrets');
    await watch.until(({ stderr }) => stderr.includes('secrets: in sync') && stderr.includes('cannot list'));
    watch.child.kill('SIGINT');
    expect(await watch.ended).toBe(130);
  });

  it.each([
    [500, 'InternalError'],
    [429, 'TooManyRequests'],
    [422, 'Invalid'],
  ])('does not promise to ask again after %i where get does not', async (status, reason) => {
    server.fault({ gvr: 'v1/configmaps' }, { status, reason, message: 'it is broken' });
    const get = run('get', 'configmaps');
    expect(await get.ended).toBe(1);
    expect(get.stderr).toContain('it is broken');
    expect(get.stderr).not.toContain('again');
  });

  it('prints one resource alone, as JSON', async () => {
    const get = run('get', 'configmaps', 'shop', 'prices', '-o', 'json');
    expect(await get.ended).toBe(0);
    expect(JSON.parse(get.stdout)).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'prices' } });
  });
});
