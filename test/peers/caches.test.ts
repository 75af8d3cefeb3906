import type { KubernetesObject } from '@firn/core';
import { createRuntime, createWatcher, watched } from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let server: ApiServer;

function pod(namespace: string, name: string, labels: Record<string, string> = {}): KubernetesObject {
  const spec = { restartPolicy: name === 'once' ? 'Never' : 'Always', containers: [] };
  return Object.assign({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels } }, { spec });
}

function node(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { zone: name.slice(0, 1) } } };
}

const PODS = [
  pod('one', 'always', { app: 'web', tier: 'front' }),
  pod('one', 'once', { app: 'job' }),
  pod('two', 'always', { app: 'web' }),
  pod('two', 'once', { app: 'job', tier: 'back' }),
];

beforeEach(async () => {
  server = await startApiServer({ objects: [...PODS, node('a1'), node('a2'), node('b1')] });
});
afterEach(async () => {
  await server.close();
});

function identities(resources: Iterable<KubernetesObject>): string[] {
  return [...resources].map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);
}

describe('a cache of a part', () => {
  it.each([
    ['nothing', {}, ['one/always', 'one/once', 'two/always', 'two/once']],
    ['a namespace', { namespace: 'one' }, ['one/always', 'one/once']],
    ['a namespace without anything in it', { namespace: 'three' }, []],
    ['a label', { labelSelector: 'app=web' }, ['one/always', 'two/always']],
    ['a label that is there at all', { labelSelector: 'tier' }, ['one/always', 'two/once']],
    ['labels that nothing has', { labelSelector: 'app=web,tier=back' }, []],
    ['the field of one', { fieldSelector: 'metadata.name=once,metadata.namespace=two' }, ['two/once']],
    ['a field of several', { fieldSelector: 'spec.restartPolicy=Never' }, ['one/once', 'two/once']],
    ['a field that nothing has', { fieldSelector: 'metadata.name=other' }, []],
    ['label and field', { labelSelector: 'app=job', fieldSelector: 'metadata.namespace=one' }, ['one/once']],
    ['namespace and label', { namespace: 'two', labelSelector: 'app=web' }, ['two/always']],
    ['namespace and field', { namespace: 'two', fieldSelector: 'metadata.name=once' }, ['two/once']],
  ])('holds what fits when it is restricted by %s, and follows it', async (_, part, expected) => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/pods', ...part });
    watcher.start();
    await watcher.synced;
    expect(identities(watcher.store.list())).toEqual(expected);
    for (const { metadata } of PODS)
      await server.delete(pod(metadata?.namespace ?? '', metadata?.name ?? ''));
    await expect.poll(() => watcher.store.size).toBe(0);
    expect(server.requests.filter(({ kind }) => kind === 'list')).toEqual([]);
  });
});

describe('a reader', () => {
  it('finds one resource by namespace and name, and nothing elsewhere or under another name', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/pods', namespace: 'one' });
    watcher.start();
    await watcher.synced;
    const { store } = watcher;
    expect(store.find('one', 'once')?.metadata?.labels).toEqual({ app: 'job' });
    expect(store.find('one', 'twice')).toBeUndefined();
    expect(store.find('two', 'once')).toBeUndefined();
    expect(store.find('', 'once')).toBeUndefined();
    expect(store.get('two')).toEqual([]);
    expect(identities(store.get('one'))).toEqual(['one/always', 'one/once']);
  });

  it('finds what has no namespace under the empty one, by field and by several indexes', async () => {
    await using watcher = createWatcher<V1Node>(server.kubeConfig, {
      gvr: 'v1/nodes',
      indexBy: ['metadata.name'],
      indexes: { byZone: ['metadata.labels.zone'], byBoth: ['metadata.labels.zone', 'metadata.name'] },
    });
    watcher.start();
    await watcher.synced;
    const { store } = watcher;
    expect(store.find('', 'a1')?.metadata?.name).toBe('a1');
    expect(store.find('one', 'a1')).toBeUndefined();
    const names = (found: readonly { metadata?: { name?: string } | undefined }[]) =>
      found.map(({ metadata }) => metadata?.name);
    expect(names(store.index('byZone').get('a'))).toEqual(['a1', 'a2']);
    expect(names(store.index('byBoth').get('a', 'a2'))).toEqual(['a2']);
    await server.patch({ ...node('a2'), metadata: { name: 'a2', labels: { zone: 'b' } } });
    await expect.poll(() => names(store.index('byZone').get('b'))).toEqual(['a2', 'b1']);
    expect(names(store.index('byZone').get('a'))).toEqual(['a1']);
    expect(store.index('byBoth').get('a', 'a2')).toEqual([]);
  });

  it('cannot change what others read, and sees the kind of everything', async () => {
    await using watcher = createWatcher<V1Pod>(server.kubeConfig, { gvr: 'v1/pods', initialList: 'list' });
    watcher.start();
    await watcher.synced;
    const held = watcher.store.find('one', 'always');
    expect(() => {
      (held as { spec: { restartPolicy: string } }).spec.restartPolicy = 'Never';
    }).toThrow(TypeError);
    expect(watcher.store.find('one', 'always')?.spec?.restartPolicy).toBe('Always');
    for (const { apiVersion, kind } of watcher.store.list())
      expect([apiVersion, kind]).toEqual(['v1', 'Pod']);
  });

  it('sees nothing of the fields that are left out, in lists and in changes', async () => {
    const ignoreFields = ['metadata.labels', 'spec.containers'];
    await using watcher = createWatcher<V1Pod>(server.kubeConfig, { gvr: 'v1/pods', ignoreFields });
    const changed: string[] = [];
    watcher.store.changes$.subscribe(({ object }) => changed.push(JSON.stringify(object)));
    watcher.start();
    await watcher.synced;
    await server.create(pod('one', 'later', { app: 'web' }));
    await expect.poll(() => changed.length).toBe(5);
    const shown = `${JSON.stringify(watcher.store.list())} ${changed.join(' ')}`;
    expect(shown).not.toMatch(/labels|containers/);
    expect(shown).toContain('restartPolicy');
  });

  it('rule 29: before the first list finds nothing, and can tell that this says nothing', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: 'v1/pods' });
    const release = server.fault({ kind: 'watch-list' }, { stall: true });
    watcher.start();
    await expect.poll(() => server.requests.length).toBeGreaterThan(0);
    expect([watcher.store.size, watcher.isSynced, watcher.state.synced]).toEqual([0, false, false]);
    release();
    server.disconnect();
    await watcher.synced;
    expect([watcher.store.size, watcher.isSynced, watcher.state.synced]).toEqual([4, true, true]);
  });
});

describe('caches side by side', () => {
  it('of one type, each with a part of it, are several watches of one runtime', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: {
        one: watched('v1/pods', { namespace: 'one' }),
        two: watched('v1/pods', { namespace: 'two', labelSelector: 'app=web' }),
        nodes: watched('v1/nodes'),
        unknown: watched('example.com/v1/gadgets'),
      },
    });
    runtime.start();
    await runtime.ready({ require: ['one', 'two', 'nodes'] });
    expect(identities(runtime.stores.one.list())).toEqual(['one/always', 'one/once']);
    expect(identities(runtime.stores.two.list())).toEqual(['two/always']);
    expect(runtime.stores.nodes.size).toBe(3);
    expect(runtime.states.unknown).toMatchObject({ synced: false });
  });

  it('rule 26: ask as firn, whatever they ask for', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { pods: watched('v1/pods', { initialList: 'list' }), nodes: watched('v1/nodes') },
    });
    runtime.start();
    await runtime.ready();
    await expect.poll(() => server.requests.length).toBe(3);
    for (const { headers } of server.requests) expect(headers['user-agent']).toMatch(/^firn\/\d+\.\d+\.\d+/);
  });
});
