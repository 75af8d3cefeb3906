import { setTimeout as realTime } from 'node:timers/promises';
import type { FirnError, KubernetesObject } from '@firn/core';
import { createSingleWatcher, createWatcher, type Watcher, type WatchState } from '@firn/runtime';
import { type ApiServer, startApiServer } from '@firn/runtime/testing';
import { type Clock, type MemoryStore, systemClock } from '@firn/stores';
import type { V1Ingress } from '@kubernetes/client-node';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const INGRESSES = 'networking.k8s.io/v1/ingresses';

let server: ApiServer;

beforeEach(async () => {
  server = await startApiServer();
});
afterEach(async () => {
  await server.close();
});

function ingress(name: string, namespace = 'shop'): KubernetesObject {
  const spec = { rules: [{ host: `${name}.example.com` }] };
  return Object.assign(
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { namespace, name } },
    { spec },
  );
}

/** Time passes whenever somebody looks: a list is told in many slices. */
function hastyClock(): Clock {
  let passed = 0;
  return { ...systemClock, monotonic: () => systemClock.monotonic() + passed++ };
}

/** Resolves with the first state that fits. */
function state(states$: { state$: Observable<WatchState> }, fits: (state: WatchState) => boolean) {
  return firstValueFrom(states$.state$.pipe(filter(fits)));
}

describe('a watcher', () => {
  it('lists what is there, then follows what happens', async () => {
    await server.create(ingress('front'));
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    const seen: string[] = [];
    watcher.store.changes$.subscribe((change) =>
      seen.push(`${change.type} ${change.ref.name} ${change.cause}`),
    );
    watcher.start();
    expect(await watcher.synced).toBe(1);
    const created = await server.create(ingress('back'));
    await watcher.reached(created.metadata?.resourceVersion ?? '');
    const patched = await server.patch({
      ...ingress('back'),
      metadata: { ...ingress('back').metadata, labels: { a: 'b' } },
    });
    await watcher.reached(patched.metadata?.resourceVersion ?? '');
    expect(watcher.store.get('shop', 'back')[0]?.metadata?.labels).toEqual({ a: 'b' });
    await server.delete(created);
    await expect.poll(() => watcher.store.size).toBe(1);
    expect(seen).toEqual([
      'added front initial',
      'added back watch',
      'modified back watch',
      'deleted back watch',
    ]);
  });

  it('rule 29: is synced when the first list is visible, not when it was received', async () => {
    await server.create(ingress('front'));
    const sizes: [number, number, boolean][] = [];
    await using watcher: Watcher<V1Ingress, MemoryStore<V1Ingress>> = createWatcher(server.kubeConfig, {
      gvr: INGRESSES,
      onSyncComplete: (store, count) => sizes.push([store.size, count, watcher.isSynced]),
    });
    expect(watcher.isSynced).toBe(false);
    watcher.start();
    await watcher.synced;
    expect(sizes).toEqual([[1, 1, true]]);
  });

  it('start twice is start once; stop twice is stop once', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    watcher.start();
    watcher.start();
    await watcher.synced;
    expect(server.requests.filter((request) => request.kind === 'watch-list')).toHaveLength(1);
    await Promise.all([watcher.stop(), watcher.stop()]);
    await watcher.stop();
  });

  it('rule 27: may be started again after a stop, and modCount goes on', async () => {
    await server.create(ingress('front'));
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    watcher.start();
    await watcher.synced;
    const { modCount } = watcher.store;
    await watcher.stop();
    await server.create(ingress('back'));
    await realTime(20);
    expect(watcher.store.size).toBe(1);
    const causes: unknown[] = [];
    watcher.store.changes$.subscribe((change) => causes.push(change.cause));
    watcher.start();
    expect(await watcher.synced).toBe(2);
    expect(watcher.store.modCount).toBe(modCount + 1);
    expect(causes).toEqual(['relist']);
  });

  it('rule 27: requests nothing after it was stopped, in whichever phase', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    const end = server.fault({ kind: 'watch-list' }, { status: 500 });
    watcher.start();
    await state(watcher, ({ phase }) => phase === 'backoff' || phase === 'watching');
    await watcher.stop();
    end();
    const requests = server.requests.length;
    await realTime(50);
    expect(server.requests).toHaveLength(requests);
  });

  it('an aborted signal stops it, and synced rejects with an AbortError', async () => {
    server.fault({}, { stall: true });
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    const controller = new AbortController();
    watcher.start({ signal: controller.signal });
    controller.abort();
    await expect(watcher.synced).rejects.toMatchObject({ name: 'AbortError' });
    expect(watcher.state.phase).toBe('stopped');
  });

  it('a signal that is aborted already starts nothing, and leaves nobody waiting for synced', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    watcher.start({ signal: AbortSignal.abort() });
    await expect(watcher.synced).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requests).toEqual([]);
    watcher.start();
    expect(await watcher.synced).toBe(0);
  });

  it('after a stop, synced and reached belong to the next start', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    watcher.start();
    const first = watcher.synced;
    expect(await first).toBe(0);
    const never = expect(watcher.reached('999999999')).rejects.toMatchObject({ name: 'AbortError' });
    await watcher.stop();
    await never;
    expect(watcher.isSynced).toBe(false);
    expect(await first).toBe(0);
    const created = await server.create(ingress('front'));
    const waiting = [watcher.synced, watcher.reached(created.metadata?.resourceVersion ?? '')];
    expect(await Promise.race([...waiting, realTime(20, 'pending')])).toBe('pending');
    watcher.start();
    expect(await Promise.all(waiting)).toEqual([1, undefined]);
  });

  it('a stop before the first sync rejects synced until the next start', async () => {
    const end = server.fault({}, { stall: true });
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    watcher.start();
    await watcher.stop();
    await expect(watcher.synced).rejects.toMatchObject({ name: 'AbortError' });
    end();
    watcher.start();
    expect(await watcher.synced).toBe(0);
  });

  it('synced and reached may be asked for before the first start, and wait for it', async () => {
    const created = await server.create(ingress('front'));
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    const waiting = [watcher.synced, watcher.reached(created.metadata?.resourceVersion ?? '')];
    watcher.start();
    expect(await Promise.all(waiting)).toEqual([1, undefined]);
  });

  it('disposal leaves nobody waiting, also where nothing was ever started', async () => {
    const watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    const waiting = [watcher.synced, watcher.reached('1')];
    await watcher[Symbol.asyncDispose]();
    waiting.push(watcher.reached('1'));
    for (const promise of waiting) await expect(promise).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stop calls onChange for what is pending', async () => {
    const stats: unknown[] = [];
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: INGRESSES,
      debounceInterval: '1h',
      onChange: (_, change) => stats.push(change),
    });
    watcher.start();
    await watcher.synced;
    const created = await server.create(ingress('front'));
    await watcher.reached(created.metadata?.resourceVersion ?? '');
    expect(stats).toEqual([]);
    await watcher.stop();
    expect(stats).toEqual([{ created: 1, modified: 0, deleted: 0, isInitialSync: false }]);
  });

  it('rule 27: a list that is still being told when it is stopped is told to its end, and nothing afterwards', async () => {
    for (let number = 0; number < 500; number++) await server.create(ingress(`front-${number}`));
    const told: string[] = [];
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: INGRESSES,
      debounceInterval: '1h',
      clock: hastyClock(),
      onChange: (_, { created }) => told.push(`onChange ${created}`),
    });
    watcher.store.changes$.subscribe(() => told.push('change'));
    watcher.start();
    await watcher.synced;
    const stopped = watcher.stop();
    expect(told.length).toBeLessThan(500);
    await stopped;
    expect(told.filter((what) => what === 'change')).toHaveLength(500);
    expect(told.at(-1)).toBe('onChange 500');
    await realTime(50);
    expect(told).toHaveLength(501);
  });

  it('started again while the list of the start before is still being told, it counts nothing twice', async () => {
    for (let number = 0; number < 500; number++) await server.create(ingress(`front-${number}`));
    const told = { created: 0, modified: 0, deleted: 0 };
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: INGRESSES,
      debounceInterval: 0,
      clock: hastyClock(),
      onChange: (_, { created, modified, deleted }) => {
        told.created += created;
        told.modified += modified;
        told.deleted += deleted;
      },
    });
    watcher.start();
    await watcher.synced;
    const stopped = watcher.stop();
    watcher.start();
    await Promise.all([stopped, watcher.synced]);
    await server.create(ingress('back'));
    await server.delete(ingress('front-0'));
    await expect.poll(() => told).toEqual({ created: 501, modified: 0, deleted: 1 });
    await watcher.stop();
    expect(told).toEqual({ created: 501, modified: 0, deleted: 1 });
  });

  it('what a callback throws or rejects with goes to errors$, and the watch goes on', async () => {
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: INGRESSES,
      debounceInterval: 0,
      onSyncComplete: () => {
        throw new Error('sync callback');
      },
      onChange: () => Promise.reject(new Error('change callback')),
    });
    const errors: string[] = [];
    watcher.errors$.subscribe((error) => errors.push(`${error.code} ${(error.cause as Error).message}`));
    watcher.start();
    await watcher.synced;
    await server.create(ingress('front'));
    await expect
      .poll(() => errors)
      .toEqual(['CALLBACK_FAILED sync callback', 'CALLBACK_FAILED change callback']);
    await server.create(ingress('back'));
    await expect.poll(() => watcher.store.size).toBe(2);
  });

  it('forceSync lists anew', async () => {
    await using watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES, initialList: 'list' });
    watcher.start();
    await watcher.synced;
    const lists = (): number =>
      server.requests.filter(({ kind }) => kind === 'list' || kind === 'watch-list').length;
    const before = lists();
    watcher.forceSync();
    await expect.poll(lists).toBe(before + 1);
  });

  it('after disposal streams are complete and start is refused', async () => {
    const watcher = createWatcher(server.kubeConfig, { gvr: INGRESSES });
    const completed: string[] = [];
    watcher.state$.subscribe({ complete: () => completed.push('state$') });
    watcher.errors$.subscribe({ complete: () => completed.push('errors$') });
    watcher.store.changes$.subscribe({ complete: () => completed.push('changes$') });
    watcher.start();
    await watcher.synced;
    await watcher.stop();
    expect(completed).toEqual([]);
    await watcher[Symbol.asyncDispose]();
    expect(completed.sort()).toEqual(['changes$', 'errors$', 'state$']);
    expect(() => watcher.start()).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('semantics 7: a resource without its index key is reported and left out, an older version leaves', async () => {
    await using watcher = createWatcher(server.kubeConfig, {
      gvr: INGRESSES,
      indexBy: ['metadata.labels.app'],
    });
    const errors: FirnError[] = [];
    watcher.errors$.subscribe((error) => errors.push(error));
    const labelled = {
      ...ingress('front'),
      metadata: { ...ingress('front').metadata, labels: { app: 'x' } },
    };
    await server.create(labelled);
    watcher.start();
    await watcher.synced;
    expect(watcher.store.get('x')).toHaveLength(1);
    await server.update({ ...ingress('front') });
    await expect.poll(() => watcher.store.size).toBe(0);
    expect(errors.map(({ code }) => code)).toEqual(['MISSING_INDEX_KEY']);
    expect(watcher.state.indexErrors).toBe(1);
  });
});

describe('a single watcher', () => {
  it('tells the resource, its changes and its end', async () => {
    const told: (string | undefined)[] = [];
    await using watcher = createSingleWatcher(server.kubeConfig, {
      gvr: 'v1/configmaps',
      namespace: 'shop',
      name: 'settings',
      onChange: (settings) => told.push(settings?.data?.mode),
    });
    const settings = (mode: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'shop', name: 'settings' },
      data: { mode },
    });
    await server.create({ ...settings('other'), metadata: { namespace: 'shop', name: 'another' } });
    watcher.start();
    expect(await watcher.synced).toBe(0);
    expect(watcher.current).toBeUndefined();
    await server.create(settings('one'));
    await expect.poll(() => told.at(-1)).toBe('one');
    await server.update(settings('two'));
    await expect.poll(() => told.at(-1)).toBe('two');
    await server.delete(settings('two'));
    await expect.poll(() => told).toEqual([undefined, 'one', 'two', undefined]);
  });
});
