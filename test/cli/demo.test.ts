import { existsSync, readFileSync, statSync } from 'node:fs';
import { startApiServer } from '@firn/runtime/testing';
import { KubeConfig, NetworkingV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { firn, jsonLines } from './firn-process.ts';

const KUBECONFIG = /--kubeconfig (\S+)/;

describe('firn demo', () => {
  it('writes JSON lines with changes into a pipe', async () => {
    const run = firn(['demo', '--rate', '50', '--seed', '3']);
    const modified = () => jsonLines(run.stdout).filter(({ type }) => type === 'modified');
    await run.until(() => modified().length > 5);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    const lines = jsonLines(run.stdout);
    expect(modified()[0]).toMatchObject({ cause: 'watch', resourceVersion: expect.stringMatching(/^\d+$/) });
    for (const { changed } of modified()) expect(changed).not.toEqual([]);
    const cache = lines.filter(({ type }) => type === 'cache').at(-1);
    expect(cache).toMatchObject({ resource: 'secrets', references: 40 });
    expect(cache?.misses).toBeGreaterThan(0);
    expect(lines.filter(({ type, cause }) => type === 'added' && cause === 'initial')).toHaveLength(160);
    expect(new Set(lines.map(({ resource }) => resource))).toEqual(
      new Set(['ingresses', 'services', 'secrets']),
    );
    expect(run.stderr).toContain('ingresses: in sync, 80 objects');
  });

  it('gives the same objects with the same uids for the same seed, others for another', async () => {
    const uids = async (seed: string): Promise<readonly string[]> => {
      const run = firn(['demo', '--rate', '0', '--seed', seed]);
      const inSync = ['ingresses', 'services', 'secrets'].map((name) => `${name}: in sync`);
      await run.until(({ stderr }) => inSync.every((words) => stderr.includes(words)));
      run.child.kill('SIGINT');
      await run.ended;
      const added = jsonLines(run.stdout).filter(({ type }) => type === 'added');
      return added
        .map(({ resource, namespace, name, uid }) => [resource, namespace, name, uid].join(' '))
        .sort();
    };
    const [once, again, other] = await Promise.all([uids('7'), uids('7'), uids('8')]);
    expect(once).toHaveLength(160);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('ends by itself after --for, exit 0', async () => {
    const run = firn(['demo', '--for', '1s']);
    expect(await run.ended).toBe(0);
    expect(jsonLines(run.stdout).length).toBeGreaterThan(0);
    expect(run.stderr).not.toContain('connection lost');
  });

  it('says that a large shop takes a moment', async () => {
    const run = firn(['demo', '--for', '1s', '--objects', '20000']);
    expect(await run.ended).toBe(0);
    expect(run.stderr).toMatch(/^Making a shop of 20,000 resources…\n/);
  });

  it('prints a kubeconfig with which others take part, and removes it at the end, exit 130', async () => {
    const run = firn(['demo', '--rate', '0']);
    await run.until(({ stderr }) => stderr.includes('services: in sync'));
    const path = KUBECONFIG.exec(run.stderr)?.[1] ?? '';
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const config = new KubeConfig();
    config.loadFromString(readFileSync(path, 'utf8'));
    const api = config.makeApiClient(NetworkingV1Api);
    const body = { metadata: { name: 'mine' }, spec: { rules: [{ host: 'mine.example' }] } };
    await api.createNamespacedIngress({ namespace: 'catalog', body });
    await api.deleteNamespacedIngress({ namespace: 'catalog', name: 'mine' });
    await run.until(({ stdout }) =>
      jsonLines(stdout).some(({ type, name }) => type === 'deleted' && name === 'mine'),
    );
    const mine = jsonLines(run.stdout).filter(({ name }) => name === 'mine');
    expect(mine.map(({ type, namespace }) => [type, namespace])).toEqual([
      ['added', 'catalog'],
      ['deleted', 'catalog'],
    ]);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.stdout.endsWith('\n')).toBe(true);
    jsonLines(run.stdout);
    expect(existsSync(path)).toBe(false);
  });

  it('says so when the port is taken, exit 1', async () => {
    const server = await startApiServer();
    try {
      const run = firn(['demo', '--port', String(server.port)]);
      expect(await run.ended).toBe(1);
      expect(run.stderr).toMatch(/Port \d+ is taken by another program\. Choose another with --port/);
    } finally {
      await server.close();
    }
  });

  it('ends quietly, exit 0, when nobody reads its output any more', async () => {
    const run = firn(['demo', '--rate', '50']);
    await run.until(({ stdout }) => stdout.length > 0);
    run.child.stdout?.destroy();
    expect(await run.ended).toBe(0);
    expect(run.stderr).not.toContain('EPIPE');
  });
});
