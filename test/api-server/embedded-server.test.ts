/** What the embedded API server offers beyond the API: direct writes, request log, kubeconfig, closing. */
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { createManualClock, startApiServer } from '@firn/runtime/testing';
import { type KubernetesListObject, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { describe, expect, it, vi } from 'vitest';
import { ApiClient, eventsOf, namesOf } from './contract/api-client.ts';

const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name: 'a' },
};

async function withServer(
  options: Parameters<typeof startApiServer>[0],
  use: (server: Awaited<ReturnType<typeof startApiServer>>, client: ApiClient) => Promise<void>,
): Promise<void> {
  const server = await startApiServer(options);
  const authorization = options?.tokens ? `Bearer ${options.tokens[0]}` : '';
  const client = new ApiClient({
    url: server.url,
    authorization,
    ca: server.ca,
  });
  try {
    await use(server, client);
  } finally {
    await client.close();
    await server.close();
  }
}

describe('direct writes', () => {
  it('create, update, patch, delete and list find an object by what it is', () =>
    withServer({}, async (server) => {
      const created = await server.create({ ...CONFIG_MAP, data: { x: '1' } });
      expect(created.metadata).toMatchObject({
        name: 'a',
        uid: expect.any(String),
        resourceVersion: server.resourceVersion,
      });
      const updated = await server.update({ ...CONFIG_MAP, data: { x: '2', y: '2' } });
      expect(updated.data).toEqual({ x: '2', y: '2' });
      const patched = await server.patch({ ...CONFIG_MAP, data: { x: null as never } });
      expect(patched.data).toEqual({ y: '2' });
      expect(await server.list('v1/configmaps')).toEqual([patched]);
      await server.delete(CONFIG_MAP);
      expect(await server.list({ group: '', version: 'v1', resource: 'configmaps' })).toEqual([]);
    }));

  it('write the status, too, and refuse an older version', () =>
    withServer({}, async (server) => {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'shop', name: 'p' },
        status: { phase: 'Running' },
      };
      const created = await server.create(pod);
      expect(created.status).toEqual({ phase: 'Running' });
      await server.patch({ ...pod, status: { phase: 'Failed' } });
      await expect(server.update(created)).rejects.toMatchObject({ code: 'Conflict', status: { code: 409 } });
    }));

  it('reject what the server does not know', () =>
    withServer({}, async (server) => {
      await expect(server.create({ apiVersion: 'example.com/v1', kind: 'Widget' })).rejects.toMatchObject({
        code: 'UNKNOWN_KIND',
      });
      await expect(server.list('example.com/v1/widgets')).rejects.toMatchObject({ code: 'UNKNOWN_RESOURCE' });
      await expect(server.delete(CONFIG_MAP)).rejects.toMatchObject({ code: 'NotFound' });
    }));

  it('resource types come by the resources option', () =>
    withServer(
      { resources: [{ gvr: 'example.com/v1/widgets', kind: 'Widget', shortNames: ['wg'] }] },
      async (server, client) => {
        await server.create({
          apiVersion: 'example.com/v1',
          kind: 'Widget',
          metadata: { namespace: 'shop', name: 'w' },
        });
        const { body } = await client.get('/apis/example.com/v1/widgets');
        expect([body.kind, namesOf(body)]).toEqual(['WidgetList', ['w']]);
      },
    ));

  it('a server that is read only refuses requests that write, and not the calls on itself', () =>
    withServer({ readOnly: true, objects: [CONFIG_MAP] }, async (server, client) => {
      const path = '/api/v1/namespaces/shop/configmaps';
      const refused = { kind: 'Status', reason: 'MethodNotAllowed', message: 'this server is read only' };
      for (const [method, to] of [
        ['POST', path],
        ['PATCH', `${path}/a`],
        ['PUT', `${path}/a`],
        ['DELETE', `${path}/a`],
        ['DELETE', path],
        ['POST', '/apis/unknown.example/v1/things'],
      ] as const) {
        const { status, body } = await client.request(method, to, { body: {} });
        expect([status, body]).toEqual([405, expect.objectContaining(refused)]);
      }
      await server.patch({ ...CONFIG_MAP, data: { changed: 'yes' } });
      const { body } = await client.get(`${path}/a`);
      expect(body.data).toEqual({ changed: 'yes' });
    }));

  it('objects of the start are there without events, and their versions are the past', () =>
    withServer(
      { objects: [CONFIG_MAP, { ...CONFIG_MAP, metadata: { namespace: 'shop', name: 'b', uid: 'my-uid' } }] },
      async (server, client) => {
        const { body } = await client.get('/api/v1/configmaps');
        expect(namesOf(body)).toEqual(['a', 'b']);
        expect(body.items[1].metadata.uid).toBe('my-uid');
        const watch = await client.watch('/api/v1/configmaps?watch=1&resourceVersion=1');
        expect(eventsOf(await watch.rest())).toEqual(['ERROR 410']);
        expect(server.requests).toHaveLength(2);
      },
    ));

  it('a watch of a long past gets all of it, whatever may wait for it at once', () =>
    withServer({ maxPendingBytes: 300_000 }, async (server, client) => {
      const since = server.resourceVersion;
      const pad = 'x'.repeat(2000);
      for (let i = 0; i < 1000; i += 1) {
        const metadata = { namespace: 'shop', name: `m-${i}` };
        await server.create({ ...CONFIG_MAP, metadata, data: { pad } } as V1ConfigMap);
      }
      const watch = await client.watch(`/api/v1/configmaps?watch=1&resourceVersion=${since}`);
      expect(await watch.take(1000)).toHaveLength(1000);
    }));

  it('deleting a namespace deletes what is in it', () =>
    withServer({}, async (server) => {
      await server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      await server.create(CONFIG_MAP);
      await server.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      expect(await server.list('v1/configmaps')).toEqual([]);
    }));

  it('deleting a namespace waits for finalizers of what is in it', () =>
    withServer({}, async (server) => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
      await server.create(namespace);
      await server.create({ ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, finalizers: ['a.b/c'] } });
      await server.delete(namespace);
      const [held] = await server.list<V1ConfigMap>('v1/configmaps');
      expect(held?.metadata?.deletionTimestamp).toEqual(expect.any(String));
      await server.patch({ ...CONFIG_MAP, metadata: { ...CONFIG_MAP.metadata, finalizers: null as never } });
      expect(await server.list('v1/configmaps')).toEqual([]);
    }));

  it('names that are made up are never taken already', () =>
    withServer({ seed: 1 }, async (server) => {
      const made: V1ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } };
      // With five characters, some of so many come twice.
      for (let i = 0; i < 20_000; i += 1) await server.create(made);
      expect(await server.list('v1/configmaps')).toHaveLength(20_000);
    }));
});

describe('versions and history', () => {
  it('history bounds what a watch can go back to', () =>
    withServer({ history: 3 }, async (server, client) => {
      const start = server.resourceVersion;
      for (const name of ['a', 'b', 'c'])
        await server.create({ ...CONFIG_MAP, metadata: { namespace: 'shop', name } });
      const whole = await client.watch(
        `/api/v1/configmaps?watch=1&resourceVersion=${start}&timeoutSeconds=1`,
      );
      expect(eventsOf(await whole.rest())).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
      await server.create({ ...CONFIG_MAP, metadata: { namespace: 'shop', name: 'd' } });
      const late = await client.watch(`/api/v1/configmaps?watch=1&resourceVersion=${start}`);
      expect(eventsOf(await late.rest())).toEqual(['ERROR 410']);
    }));

  it('rule 21: versions beyond 2^53 and 2^64 work', () =>
    withServer({ resourceVersionBase: 2n ** 100n }, async (server, client) => {
      const before = server.resourceVersion;
      const created = await server.create(CONFIG_MAP);
      expect(BigInt((created as V1ConfigMap).metadata?.resourceVersion ?? 0) - 2n ** 100n).toBe(
        BigInt(before) - 2n ** 100n + 1n,
      );
      const watch = await client.watch(`/api/v1/configmaps?watch=1&resourceVersion=${before}`);
      expect(eventsOf(await watch.take(1))).toEqual(['ADDED a']);
      watch.close();
    }));

  it('a seed makes uids and generated names the same again', async () => {
    const names: unknown[] = [];
    for (let run = 0; run < 2; run += 1) {
      await withServer({ seed: 7 }, async (server, client) => {
        const { body } = await client.post('/api/v1/namespaces/shop/configmaps', {
          metadata: { generateName: 'x-' },
        });
        names.push([body.metadata.name, body.metadata.uid]);
        expect(server.resourceVersion).toBe(body.metadata.resourceVersion);
      });
    }
    expect(names[0]).toEqual(names[1]);
  });
});

describe('request log', () => {
  it('says what was asked for, never with which token', () =>
    withServer({ tokens: ['sesame'] }, async (server, client) => {
      await client.get('/apis/apps/v1/namespaces/shop/deployments/web?pretty=true', {
        headers: { 'x-test': 'yes' },
      });
      expect(server.requests).toMatchObject([
        {
          method: 'GET',
          path: '/apis/apps/v1/namespaces/shop/deployments/web',
          query: { pretty: 'true' },
          kind: 'get',
          gvr: 'apps/v1/deployments',
          namespace: 'shop',
          name: 'web',
          at: expect.any(Number),
        },
      ]);
      expect(server.requests[0]?.headers['x-test']).toBe('yes');
      expect(JSON.stringify(server.requests)).not.toContain('sesame');
    }));

  it.each([
    ['GET', '/api/v1/pods', 'list'],
    ['GET', '/api/v1/pods?watch=true&timeoutSeconds=1', 'watch'],
    ['GET', `/api/v1/pods?watch=1&sendInitialEvents=true`, 'watch-list'],
    ['POST', '/api/v1/namespaces/a/pods', 'create'],
    ['PUT', '/api/v1/namespaces/a/pods/x', 'update'],
    ['PATCH', '/api/v1/namespaces/a/pods/x', 'patch'],
    ['DELETE', '/api/v1/namespaces/a/pods/x', 'delete'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection'],
    ['GET', '/api/v1', 'discovery'],
    ['GET', '/apis', 'discovery'],
    ['GET', '/openapi/v3', 'openapi'],
    ['GET', '/version', 'version'],
    ['GET', '/readyz', 'health'],
    ['GET', '/metrics', 'other'],
  ])('%s %s is a %s', (method, path, kind) =>
    withServer({}, async (server, client) => {
      await client.request(method, path);
      expect(server.requests.map((asked) => asked.kind)).toEqual([kind]);
    }),
  );
});

describe('a server that ends', () => {
  it.each([false, true])(
    'closes watches and connections at once, twice if need be (tls: %s)',
    async (tls) => {
      const server = await startApiServer({ tls });
      const client = new ApiClient({
        url: server.url,
        authorization: '',
        ca: server.ca,
      });
      const watch = await client.watch('/api/v1/pods?watch=1');
      const ended = watch.rest().then(
        () => 'ended',
        () => 'ended',
      );
      await Promise.all([server.close(), server.close()]);
      expect(await ended).toBe('ended');
      await expect(client.get('/readyz')).rejects.toThrow();
      await client.close();
    },
  );

  it('its port can be used again, and a port that is taken is an error', () =>
    withServer({}, async (server) => {
      await expect(startApiServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
      const { port } = server;
      await server.close();
      const again = await startApiServer({ port });
      expect(again.url).toBe(`http://127.0.0.1:${port}`);
      await again.close();
    }));

  it('a client that leaves in the middle of the initial objects leaves no timer behind', async () => {
    const clock = createManualClock();
    const text = 'x'.repeat(100_000);
    const objects = Array.from({ length: 200 }, (_, n) => ({
      ...CONFIG_MAP,
      metadata: { namespace: 'shop', name: `n${n}` },
      data: { text },
    }));
    await withServer({ clock, objects }, async (server) => {
      const path = '/api/v1/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
      const leaving = new AbortController();
      const response = await fetch(`${server.url}${path}&allowWatchBookmarks=true&timeoutSeconds=300`, {
        signal: leaving.signal,
        headers: { 'accept-encoding': 'identity' },
      });
      expect(response.status).toBe(200);
      expect(clock.pending).toBe(1);
      leaving.abort();
      await vi.waitFor(() => expect(clock.pending).toBe(0));
    });
  });

  it('disconnect breaks connections and goes on serving', () =>
    withServer({}, async (server, client) => {
      const watch = await client.watch('/api/v1/pods?watch=1');
      server.disconnect();
      await expect(watch.next()).rejects.toThrow();
      expect((await client.get('/readyz')).status).toBe(200);
    }));

  it('disconnect says no goodbye over HTTP/2 either: a watch does not end as if it were complete', () =>
    withServer({ tls: true }, async (server) => {
      const session = connect(server.url, { ca: server.ca });
      const goodbyes: number[] = [];
      session.on('goaway', (code) => goodbyes.push(code));
      session.on('error', () => undefined);
      const watch = session.request({ ':path': '/api/v1/pods?watch=1' });
      watch.on('error', () => undefined);
      await once(watch, 'response');
      const closed = once(session, 'close');
      server.disconnect();
      await closed;
      expect(goodbyes).toEqual([]);
      expect(watch.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR);
    }));
});

describe("client-node's informer", () => {
  it.each([false, true])('lists, follows and reconnects by the kubeconfig (tls: %s)', (tls) =>
    withServer(
      { tls, tokens: ['sesame'], objects: [{ ...CONFIG_MAP, data: { n: '0' } }] },
      async (server) => {
        const { CoreV1Api } = await import('@kubernetes/client-node');
        const api = server.kubeConfig.makeApiClient(CoreV1Api);
        const list = (): Promise<KubernetesListObject<V1ConfigMap>> => api.listConfigMapForAllNamespaces();
        const informer = makeInformer<V1ConfigMap>(server.kubeConfig, '/api/v1/configmaps', list);
        const seen: string[] = [];
        for (const event of ['add', 'update', 'delete'] as const) {
          informer.on(event, (object) => seen.push(`${event} ${object.metadata?.name} ${object.data?.n}`));
        }
        informer.on('error', () => undefined);
        await informer.start();
        await expect.poll(() => seen).toContain('add a 0');
        await expect.poll(() => server.requests.some((asked) => asked.kind === 'watch')).toBe(true);
        await server.patch({ ...CONFIG_MAP, data: { n: '1' } });
        await expect.poll(() => seen).toContain('update a 1');
        await server.create({ ...CONFIG_MAP, metadata: { namespace: 'shop', name: 'b' }, data: { n: '2' } });
        await expect.poll(() => seen).toContain('add b 2');
        await server.delete(CONFIG_MAP);
        await expect.poll(() => seen).toContain('delete a 1');
        await informer.stop();
      },
    ),
  );
});
