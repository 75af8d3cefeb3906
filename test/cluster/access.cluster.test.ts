/** What a real API server allows its watchers: rights taken away and given back, tokens that are rotated. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime, createWatcher, watched } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import type { StaticToken } from './harness/format-token-file.ts';
import { kubeConfigOf, tokenFileKubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlWrite } from './support/kubectl.ts';
import { LogLines } from './support/log-lines.ts';
import { configMap, namespaceManifest, secret } from './support/manifests.ts';
import { observed } from './support/observed.ts';
import { PATIENCE } from './support/patience.ts';

const READER = 'reader-token';
const QUICK = { initial: '50ms', cap: '400ms', jitter: 0 } as const;

let cluster: Cluster;
let folder: string;

function rotating(token: string): StaticToken {
  return { token, user: 'rotating', groups: ['system:masters'] };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-access-'));
  cluster = await startCluster();
  await cluster.setTokens([{ token: READER, user: 'reader' }, rotating('first')]);
  await kubectlWrite(cluster, 'create', namespaceManifest('shop'));
});
afterAll(async () => {
  await cluster?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Lets the reader list and watch a resource type in the namespace shop. */
async function allow(resource: string): Promise<void> {
  const role = `read-${resource}`;
  await kubectl(cluster, [
    'create',
    'role',
    role,
    '-n',
    'shop',
    '--verb=list,watch',
    `--resource=${resource}`,
  ]);
  await kubectl(cluster, ['create', 'rolebinding', role, '-n', 'shop', `--role=${role}`, '--user=reader']);
}

async function forbid(resource: string): Promise<void> {
  await kubectl(cluster, ['delete', 'rolebinding', `read-${resource}`, '-n', 'shop']);
  await kubectl(cluster, ['delete', 'role', `read-${resource}`, '-n', 'shop']);
}

describe('rights at a real API server', () => {
  it('rules 15 and 29: what is forbidden shows verb and resource, holds nobody up, and is held once it is allowed', async () => {
    await allow('configmaps');
    await kubectlWrite(cluster, 'create', secret('a', '1', { namespace: 'shop' }));
    const options = { namespace: 'shop', backoff: QUICK } as const;
    await using runtime = createRuntime({
      kubeConfig: kubeConfigOf(cluster, READER),
      resources: {
        configMaps: watched('v1/configmaps', options),
        secrets: watched('v1/secrets', options),
        everywhere: watched('v1/configmaps', { backoff: QUICK }),
      },
    });
    runtime.start();
    await runtime.ready({ timeout: PATIENCE.timeout, require: ['configMaps'] });
    const ready = runtime.ready({ timeout: '1s' });
    await expect(ready).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(ready).rejects.toThrow(/secrets \(May not list v1\/secrets in namespace shop \(403\)/);
    await expect(ready).rejects.toThrow(/everywhere \(May not list v1\/configmaps \(403\)/);
    expect(runtime.states.secrets).toMatchObject({
      synced: false,
      stale: true,
      lastError: { code: 'FORBIDDEN' },
    });
    expect(runtime.states.configMaps).toMatchObject({ phase: 'watching', synced: true, stale: false });
    expect(runtime.states.configMaps.lastError).toBeUndefined();

    await allow('secrets');
    await runtime.ready({ timeout: PATIENCE.timeout, require: ['secrets'] });
    expect(runtime.stores.secrets.find('shop', 'a')?.metadata?.uid).toBeDefined();
    expect(runtime.states.everywhere).toMatchObject({ synced: false, lastError: { code: 'FORBIDDEN' } });
    await forbid('secrets');
    await forbid('configmaps');
  });

  it('rules 14 and 15: rights that are taken away leave the store as it was, and given back bring what was missed', async () => {
    await Promise.all([allow('configmaps'), allow('secrets')]);
    const kubeConfig = kubeConfigOf(cluster, READER);
    // A watch that is open goes on without rights: these end by themselves.
    const options = { namespace: 'shop', backoff: QUICK, watchTimeout: '2s' } as const;
    await using secrets = observed(createWatcher(kubeConfig, { ...options, gvr: 'v1/secrets' }));
    await using maps = observed(createWatcher(kubeConfig, { ...options, gvr: 'v1/configmaps' }));
    await Promise.all([secrets.sync(), maps.sync()]);
    await kubectlWrite(cluster, 'create', secret('before', '1', { namespace: 'shop' }));
    await secrets.equalsKubectl(cluster, ['secrets', '-n', 'shop']);
    const held = secrets.watcher.store.list();
    const told = secrets.ledger.changes.length;

    await forbid('secrets');
    const { lastError } = await secrets.is(
      ({ stale, lastError }) => stale && lastError?.code === 'FORBIDDEN',
    );
    expect(lastError).toMatchObject({ status: 403, retryable: false });
    expect(lastError?.message).toContain('May not watch v1/secrets in namespace shop (403)');
    expect(lastError?.message).toContain('Give the account the verb "watch"');
    await kubectlWrite(cluster, 'create', secret('missed', '1', { namespace: 'shop' }));
    await kubectlWrite(cluster, 'create', configMap('seen', '1', { namespace: 'shop' }));
    await maps.equalsKubectl(cluster, ['configmaps', '-n', 'shop']);
    expect(maps.errors).toEqual([]);
    expect(secrets.watcher.store.list()).toEqual(held);
    expect(secrets.watcher.isSynced).toBe(true);

    await allow('secrets');
    await secrets.is(({ stale }) => !stale);
    await secrets.equalsKubectl(cluster, ['secrets', '-n', 'shop']);
    expect(secrets.ledger.lines(told)).toEqual(['added shop/missed']);
    expect(secrets.ledger.changes.at(-1)?.cause).toBe('watch');
    expect(secrets.errorCodes).toEqual(['FORBIDDEN']);
  });
});

describe('a token that is rotated under a watcher', () => {
  it('rule 15: is read again at once when the old one is refused, and the new one is let in', async () => {
    const tokenFile = join(folder, 'in-time');
    await writeFile(tokenFile, 'first\n');
    const log = new LogLines();
    const watcher = createWatcher(tokenFileKubeConfigOf(cluster, tokenFile), {
      gvr: 'v1/secrets',
      namespace: 'shop',
      backoff: QUICK,
      logger: log,
    });
    await using seen = await observed(watcher).sync();
    await writeFile(tokenFile, 'second\n');
    await cluster.setTokens([{ token: READER, user: 'reader' }, rotating('second')]);

    await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
    await kubectlWrite(cluster, 'create', secret('after-second', '', { namespace: 'shop' }));
    await seen.equalsKubectl(cluster, ['secrets', '-n', 'shop']);
    expect(seen.errorCodes).not.toContain('UNAUTHORIZED');
    expect(log.text).toMatch(/\(401\).*refreshing the credentials/);
    expect(log.text).not.toMatch(/first|second/);
  });

  it('rules 15 and 29: is waited for when it comes late, and until then the state says why', async () => {
    const tokenFile = join(folder, 'late');
    await writeFile(tokenFile, 'second');
    const kubeConfig = tokenFileKubeConfigOf(cluster, tokenFile);
    const options = { gvr: 'v1/secrets', namespace: 'shop', backoff: QUICK } as const;
    await using seen = await observed(createWatcher(kubeConfig, options)).sync();
    await cluster.setTokens([{ token: READER, user: 'reader' }, rotating('third')]);

    const { lastError } = await seen.is(({ lastError }) => lastError?.code === 'UNAUTHORIZED');
    expect(lastError?.message).toMatch(/v1\/secrets in namespace shop \(401\)/);
    expect(lastError?.message).not.toContain('second');
    expect(seen.watcher.state.stale).toBe(true);
    await kubectlWrite(cluster, 'create', secret('while-out', '', { namespace: 'shop' }));
    await writeFile(tokenFile, 'third');
    await seen.is(({ phase, stale }) => phase === 'watching' && !stale);
    await seen.equalsKubectl(cluster, ['secrets', '-n', 'shop']);
  });
});
