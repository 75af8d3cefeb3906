import { ConfigError } from '@firn/core';
import { createRuntime, loadWatchedResources, watched } from '@firn/runtime';
import { type ApiServer, createManualClock, startApiServer } from '@firn/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let server: ApiServer;

beforeEach(async () => {
  server = await startApiServer();
});
afterEach(async () => {
  await server.close();
});

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name },
  spec: { ports: [{ port: 80 }] },
});

describe('a runtime', () => {
  it('holds a typed store for each resource and one snapshot over all', async () => {
    await server.create(service('front'));
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services'), ingresses: watched('networking.k8s.io/v1/ingresses') },
    });
    runtime.start();
    await runtime.ready({ timeout: '10s' });
    const { services, ingresses } = runtime.snapshot();
    expect(services.get('shop')[0]?.spec?.ports?.[0]?.port).toBe(80);
    expect(ingresses.size).toBe(0);
    expect(runtime.states.services.synced).toBe(true);
  });

  it('tells the changes of all stores under their names', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services'), configs: watched('v1/configmaps') },
    });
    const told: string[] = [];
    runtime.changes$.subscribe(({ resource, change }) =>
      told.push(`${resource} ${change.type} ${change.ref.name}`),
    );
    runtime.start();
    await runtime.ready();
    await server.create(service('front'));
    await server.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'shop', name: 'settings' },
    });
    await expect.poll(() => told.sort()).toEqual(['configs added settings', 'services added front']);
  });

  it('rule 17: however many resources it watches, they have one timer while nothing happens, and none after the stop', async () => {
    const clock = createManualClock();
    const names = Array.from({ length: 20 }, (_, i) => `configs${i}`);
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      clock,
      resources: Object.fromEntries(names.map((name) => [name, watched('v1/configmaps')])),
    });
    runtime.start();
    await runtime.ready();
    expect(clock.pending).toBe(1);
    await runtime.stop();
    expect(clock.pending).toBe(0);
  });

  it('rule 15: one that is not installed is visible in states, is named by ready, and blocks no other', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services'), gadgets: watched('example.com/v1/gadgets') },
    });
    runtime.start();
    await runtime.ready({ require: ['services'] });
    await expect.poll(() => runtime.states.gadgets.lastError?.code).toBe('NOT_FOUND');
    await expect(runtime.ready({ timeout: 50 })).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringContaining('gadgets'),
    });
    expect(runtime.watchers.services.isSynced).toBe(true);
  });

  it('rule 15: one that is forbidden names verb and resource', async () => {
    server.fault(
      { gvr: 'v1/secrets' },
      {
        status: 403,
        body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 },
      },
    );
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services'), secrets: watched('v1/secrets') },
    });
    runtime.start();
    await runtime.ready({ require: ['services'] });
    await expect.poll(() => runtime.states.secrets.lastError?.message ?? '').toMatch(/(list|watch).*secrets/);
  });

  it('one whose actor fails is started again and again, with its failure in states and errors$; others go on', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: {
        broken: watched('v1/secrets', { backoff: { initial: 10, cap: 20 } }),
        services: watched('v1/services'),
      },
    });
    const failed: string[] = [];
    runtime.errors$.subscribe(({ code }) => failed.push(code));
    runtime.start();
    await runtime.ready();
    // What no actor can work with.
    runtime.stores.broken.close();
    await server.create({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'shop', name: 'a' } });
    await expect.poll(() => runtime.states.broken.restarts).toBeGreaterThan(1);
    expect(runtime.states.broken).toMatchObject({ stale: true, lastError: { code: 'ACTOR_FAILED' } });
    expect(failed).toContain('ACTOR_FAILED');
    await server.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name: 'front' },
      spec: { ports: [{ port: 80 }] },
    });
    await runtime.watchers.services.reached(server.resourceVersion, { timeout: '5s' });
    expect(runtime.stores.services.find('shop', 'front')).toBeDefined();
    expect(runtime.states.services).toMatchObject({ phase: 'watching', restarts: 0 });
  });

  it('starts from a file of watched resources', async () => {
    await server.create(service('front'));
    const yaml = `
watched_resources:
  services:
    api_version: v1
    resources: services
    index_by: [metadata.name]
`;
    const { resources } = loadWatchedResources(yaml, { file: 'watched.yaml' });
    await using runtime = createRuntime({ kubeConfig: server.kubeConfig, resources });
    runtime.start();
    await runtime.ready({ timeout: '10s' });
    expect(runtime.stores.services?.get('front')).toHaveLength(1);
  });

  it('an option that is wrong is an error that names the resource', () => {
    const create = (): unknown =>
      createRuntime({
        kubeConfig: server.kubeConfig,
        resources: { services: watched('v1/services', { indexBy: ['metadata..name'] }) },
      });
    expect(create).toThrow(ConfigError);
    expect(create).toThrow(/resources\.services/);
  });

  it('ready rejects with an AbortError when it is stopped', async () => {
    server.fault({}, { stall: true });
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services') },
    });
    runtime.start();
    const ready = expect(runtime.ready()).rejects.toMatchObject({ name: 'AbortError' });
    await runtime.stop();
    await ready;
  });

  it('after a stop, ready speaks of the next start', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services') },
    });
    runtime.start();
    await runtime.ready();
    await runtime.stop();
    await expect(runtime.ready({ timeout: 20 })).rejects.toMatchObject({
      code: 'NOT_READY',
      message: expect.stringContaining('services (stopped)'),
    });
    const ready = runtime.ready();
    runtime.start();
    await ready;
    expect(runtime.states.services.synced).toBe(true);
  });

  it('ready rejects what it is told wrongly, and throws nothing', async () => {
    await using runtime = createRuntime({
      kubeConfig: server.kubeConfig,
      resources: { services: watched('v1/services') },
    });
    await expect(runtime.ready({ require: ['pods' as 'services'] })).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
    });
    await expect(runtime.ready({ timeout: '1 s' })).rejects.toMatchObject({ code: 'INVALID_DURATION' });
  });
});
