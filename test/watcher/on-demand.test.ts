/** Owns the proof that an on-demand store works over a real connection: references by watch, resources by request. */
import type { KubernetesObject } from '@firn/core';
import { createRuntime, createWatcher, loadWatchedResources, watched } from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { CachedStore } from '@firn/stores';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let server: ApiServer;

beforeEach(async () => {
  server = await startApiServer();
});
afterEach(async () => {
  await server.close();
});

const secret = (name: string, fields: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name, labels: { app: 'shop' } },
  data: { password: 'c2VjcmV0' },
  ...fields,
});
const PARTIAL = 'as=PartialObjectMetadata';
const versionOf = ({ metadata }: KubernetesObject): string => metadata?.resourceVersion ?? '';
const kinds = () => server.requests.map(({ kind }) => kind);

describe('an on-demand watcher', () => {
  it.each(['watch-list', 'list'] as const)(
    'rule 23: by %s it asks for metadata only, and for a resource when that is read',
    async (initialList) => {
      await server.create(secret('tls'));
      await using watcher = createWatcher(server.kubeConfig, {
        gvr: 'v1/secrets',
        store: 'on-demand',
        initialList,
      });
      watcher.start();
      expect(await watcher.synced).toBe(1);
      for (const { headers } of server.requests) expect(headers.accept).toContain(PARTIAL);
      expect(kinds()).not.toContain('get');
      expect(watcher.store.refs('shop')).toMatchObject([{ namespace: 'shop', name: 'tls' }]);

      const [found] = await watcher.store.get('shop', 'tls');
      expect(found).toMatchObject({ kind: 'Secret', data: { password: 'c2VjcmV0' } });
      expect((await watcher.store.get('shop'))[0]).toBe(found);
      expect(kinds().filter((kind) => kind === 'get')).toHaveLength(1);
    },
  );

  it('shows a change as soon as the watch has told of it', async () => {
    await server.create(secret('tls'));
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/secrets', store: 'on-demand' });
    watcher.start();
    await watcher.synced;
    await watcher.store.get('shop', 'tls');
    const written = await server.patch({ ...secret('tls'), data: { password: 'bmV3' } });
    await watcher.reached(versionOf(written));
    expect(watcher.store.cacheSize).toBe(0);
    const [found] = await watcher.store.get('shop', 'tls');
    expect(found?.data).toEqual({ password: 'bmV3' });

    const gone = await server.delete(secret('tls'));
    await watcher.reached(versionOf(gone));
    expect(await watcher.store.get('shop', 'tls')).toEqual([]);
    expect(watcher.store.cacheSize).toBe(0);
  });

  it('files references by labels, which are metadata', async () => {
    await server.create(secret('tls'));
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: 'v1/secrets',
      store: 'on-demand',
      indexBy: ['metadata.labels.app', 'metadata.name'],
    });
    watcher.start();
    await watcher.synced;
    expect(server.requests[0]?.headers.accept).toContain(PARTIAL);
    expect(await watcher.store.get('shop')).toMatchObject([{ metadata: { name: 'tls' } }]);
  });

  it('watches whole objects where an index path lies outside of metadata, and says so once', async () => {
    await server.create(secret('tls', { type: 'kubernetes.io/tls' }));
    const said: string[] = [];
    const note = (_fields: object, message: string) => void said.push(message);
    const logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: 'v1/secrets',
      store: 'on-demand',
      indexBy: ['type', 'metadata.name'],
      logger,
    });
    watcher.start();
    await watcher.synced;
    await watcher.stop();
    watcher.start();
    await watcher.synced;
    expect(server.requests[0]?.headers.accept).not.toContain(PARTIAL);
    expect(said.filter((message) => message.includes('outside of metadata'))).toHaveLength(1);
    expect(watcher.store.refs('kubernetes.io/tls')).toMatchObject([{ keys: ['kubernetes.io/tls', 'tls'] }]);
    expect(await watcher.store.get('kubernetes.io/tls')).toMatchObject([{ data: { password: 'c2VjcmV0' } }]);
  });

  it('takes one list instead of many requests, by the selector of the watch', async () => {
    for (let i = 0; i < 60; i++) await server.create(secret(`s-${String(i).padStart(2, '0')}`));
    await server.create({ ...secret('other'), metadata: { namespace: 'shop', name: 'other' } });
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: 'v1/secrets',
      store: 'on-demand',
      labelSelector: 'app=shop',
    });
    watcher.start();
    await watcher.synced;
    const before = server.requests.length;
    const found = await watcher.store.get('shop');
    expect(found.map((each) => each.metadata?.name)).toEqual(watcher.store.refs().map(({ name }) => name));
    expect(found).toHaveLength(60);
    const asked = server.requests.slice(before);
    expect(asked.map(({ kind, query }) => [kind, query.labelSelector])).toEqual([['list', 'app=shop']]);
  });

  it('fetches also before a start and after a stop, and leaves no connection open', async () => {
    await server.create(secret('tls'));
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/secrets', store: 'on-demand' });
    watcher.store.add(undefined, ['shop', 'tls']);
    expect(await watcher.store.get('shop')).toHaveLength(1);
    watcher.start();
    await watcher.synced;
    await watcher.stop();
    watcher.store.clearCache();
    expect(await watcher.store.get('shop')).toHaveLength(1);
  });

  it('names verb and resource where fetching is forbidden', async () => {
    await server.create(secret('tls'));
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/secrets', store: 'on-demand' });
    watcher.start();
    await watcher.synced;
    server.fault(
      { kind: 'get' },
      {
        status: 403,
        body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 },
      },
    );
    await expect(watcher.store.get('shop', 'tls')).rejects.toMatchObject({
      name: 'StoreError',
      code: 'FORBIDDEN',
      retryable: false,
      message: expect.stringMatching(/get v1\/secrets "shop\/tls".*403.*verb get on secrets/),
    });
  });
});

describe('a runtime with an on-demand store', () => {
  const yaml = `
watched_resources:
  services: { api_version: v1, resources: services }
  secrets:
    api_version: v1
    resources: secrets
    store: on-demand
    cache_ttl: 15m
    max_cache_size: 10
`;

  it('has it beside the full ones, from a file too', async () => {
    await server.create(secret('tls'));
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: loadWatchedResources(yaml),
    });
    runtime.start();
    await runtime.ready();
    const { secrets } = runtime.stores;
    expect(secrets).toBeInstanceOf(CachedStore);
    expect(await secrets?.get('shop', 'tls')).toHaveLength(1);
    expect(Object.keys(runtime.snapshot())).toEqual(['services']);
  });

  it('tells its changes as references, which fetch when they are asked to', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { secrets: watched('v1/secrets', { store: 'on-demand' }) },
    });
    const told: string[] = [];
    const fetched: unknown[] = [];
    runtime.changes$.subscribe(({ resource, change }) => {
      told.push(`${resource} ${change.type} ${change.ref.name}`);
      if ('fetch' in change) void change.fetch().then((object) => fetched.push(object?.data));
    });
    runtime.start();
    await runtime.ready();
    await server.create(secret('tls'));
    await expect.poll(() => fetched).toEqual([{ password: 'c2VjcmV0' }]);
    expect(told).toEqual(['secrets added tls']);
  });
});
