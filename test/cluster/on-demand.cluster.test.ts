/** On-demand stores at a real API server: many secrets, rights that lack `get`, a restart in the middle of fetches. */

import type { StoreError } from '@firn/core';
import { createRuntime, createWatcher, watched } from '@firn/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { createMany } from './support/create-many.ts';
import { kubeConfigOf } from './support/kube-config.ts';
import { kubectl, kubectlWrite } from './support/kubectl.ts';
import { namespaceManifest, secret } from './support/manifests.ts';
import { PATIENCE } from './support/patience.ts';

const READER = 'reader-token';
const MANY = 5000;
const AT_ONCE = 200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.setTokens([{ token: READER, user: 'reader' }]);
  await kubectlWrite(cluster, 'create', namespaceManifest('shop'), namespaceManifest('many'));
  const secrets = Array.from({ length: MANY }, (_, i) =>
    secret(nameOf(i), `value ${i}`, { namespace: 'many' }),
  );
  await createMany(cluster, '/api/v1/namespaces/many/secrets', secrets);
});
afterAll(() => cluster?.close());

function nameOf(i: number): string {
  return `s-${String(i).padStart(4, '0')}`;
}

function secretValue(object: { readonly data?: unknown } | undefined): string | undefined {
  const { value } = (object?.data ?? {}) as { readonly value?: string };
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}

describe('an on-demand store at a real API server', () => {
  it('rule 23: holds 5,000 secrets as references, and gives each when it is asked for, in its newest state', async () => {
    await using runtime = createRuntime({
      kubeConfig: kubeConfigOf(cluster),
      resources: { secrets: watched('v1/secrets', { store: 'on-demand', namespace: 'many' }) },
    });
    runtime.start();
    await runtime.ready({ timeout: PATIENCE.timeout });
    const { secrets } = runtime.stores;
    expect(secrets.size).toBe(MANY);
    expect(secrets.cacheStats.misses).toBe(0);
    const [one] = await secrets.get('many', nameOf(7));
    expect(secretValue(one)).toBe('value 7');
    expect(one?.kind).toBe('Secret');

    const version = await kubectl(cluster, [
      'patch',
      'secret',
      nameOf(7),
      '-n',
      'many',
      '-o',
      'jsonpath={.metadata.resourceVersion}',
      '-p',
      '{"stringData":{"value":"new"}}',
    ]);
    await runtime.watchers.secrets.reached(version.trim(), { timeout: PATIENCE.timeout });
    expect(secretValue((await secrets.get('many', nameOf(7)))[0])).toBe('new');

    const all = await secrets.get('many');
    expect(all).toHaveLength(MANY);
    expect(all.map(({ metadata }) => metadata?.name)).toEqual(secrets.refs().map(({ name }) => name));
    expect(secretValue(all[4999])).toBe('value 4999');
    // By lists, not by thousands of requests of which each would have been kept.
    expect(secrets.cacheSize).toBeLessThanOrEqual(256);

    await kubectl(cluster, ['delete', 'secret', nameOf(8), '-n', 'many']);
    await expect.poll(() => secrets.size, PATIENCE).toBe(MANY - 1);
    expect(await secrets.get('many', nameOf(8))).toEqual([]);
  });

  it('names verb and resource where it may list and watch, but not get', async () => {
    await kubectlWrite(cluster, 'create', secret('tls', 'hidden', { namespace: 'shop' }));
    await kubectl(cluster, [
      'create',
      'role',
      'list-only',
      '-n',
      'shop',
      '--verb=list,watch',
      '--resource=secrets',
    ]);
    await kubectl(cluster, [
      'create',
      'rolebinding',
      'list-only',
      '-n',
      'shop',
      '--role=list-only',
      '--user=reader',
    ]);
    await using watcher = createWatcher(kubeConfigOf(cluster, READER), {
      gvr: 'v1/secrets',
      store: 'on-demand',
      namespace: 'shop',
    });
    watcher.start();
    await watcher.synced;
    expect(watcher.store.refs('shop', 'tls')).toHaveLength(1);
    const refused: StoreError = await watcher.store.get('shop', 'tls').catch((error) => error);
    expect(refused).toMatchObject({
      name: 'StoreError',
      code: 'FORBIDDEN',
      operation: 'fetch',
      retryable: false,
    });
    expect(refused.message).toMatch(/get v1\/secrets "shop\/tls".*\(403\).*Grant the verb get on secrets/);
    expect(refused.message).not.toContain('hidden');
  });

  it('survives a restart of the API server in the middle of 200 fetches: each gives its secret or says to try again', async () => {
    await using watcher = createWatcher(kubeConfigOf(cluster), {
      gvr: 'v1/secrets',
      store: 'on-demand',
      namespace: 'many',
      backoff: { initial: '50ms', cap: '400ms', jitter: 0 },
    });
    watcher.start();
    await watcher.synced;
    const names = Array.from({ length: AT_ONCE }, (_, i) => nameOf(100 + i));
    let done = 0;
    const fetches = names.map((name) => watcher.store.get('many', name).finally(() => done++));
    const settled = Promise.allSettled(fetches);
    await expect.poll(() => done, { ...PATIENCE, interval: 1 }).toBeGreaterThan(AT_ONCE / 4);
    await cluster.restartApiServer();
    const results = await settled;
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') expect(secretValue(result.value[0])).toBe(`value ${100 + i}`);
      else expect(result.reason).toMatchObject({ name: 'StoreError', retryable: true });
    }
    await expect.poll(() => watcher.state.stale, PATIENCE).toBe(false);
    for (const [i, name] of names.entries()) {
      expect(secretValue((await watcher.store.get('many', name))[0])).toBe(`value ${100 + i}`);
    }
    expect(watcher.store.size).toBeGreaterThanOrEqual(MANY - 1);
  });
});
