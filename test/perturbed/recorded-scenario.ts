/** Owns healthy runs to perturb: a controller in front of the embedded server, recorded while a script goes on. */
import { createResourceClient, createRuntime, openEventLog, watched } from '@firn/runtime';
import {
  type ApiServer,
  type Controller,
  type ControllerClient,
  startApiServer,
} from '@firn/runtime/testing';
import { systemClock } from '@firn/stores';
import type { V1ConfigMap, V1Pod, V1Service } from '@kubernetes/client-node';
import { vi } from 'vitest';

/** What the controllers of these tests watch. */
export const resources = {
  pods: watched('v1/pods'),
  configmaps: watched('v1/configmaps'),
  services: watched('v1/services'),
};

/** A controller over them. */
export type ShopController = Controller<typeof resources>;

/** One step of a script: acts, and says when the controller has answered. */
export interface ScriptStep {
  readonly act: (server: ApiServer) => Promise<unknown>;
  readonly until: (server: ApiServer) => Promise<boolean>;
}

/** Records a controller while a script goes on. */
export async function recordScenario(
  folder: string,
  controller: ShopController,
  script: readonly ScriptStep[],
): Promise<void> {
  await using server = await startApiServer({ seed: 7 });
  await using eventLog = await openEventLog(folder);
  await using runtime = createRuntime({ kubeConfig: server.kubeConfig, resources, eventLog });
  await using reader = createResourceClient(server.kubeConfig);
  const client: ControllerClient = {
    get: (gvr, identity) => reader.get(gvr, identity),
    list: (gvr, page) => reader.list(gvr, page),
    create: (object) => server.create(object),
    update: (object) => server.update(object),
    patch: (object) => server.patch(object),
    delete: (object) => server.delete(object),
  };
  const { signal } = new AbortController();
  await controller({ runtime, client, clock: systemClock, signal });
  runtime.start();
  await runtime.ready();
  for (const { act, until } of script) {
    await act(server);
    await vi.waitUntil(() => until(server), { interval: 2, timeout: 5000 });
    await vi.waitUntil(
      async () => {
        const seen = Object.values(runtime.stores).reduce((sum, { size }) => sum + size, 0);
        return seen === (await countOf(server));
      },
      { interval: 2, timeout: 5000 },
    );
  }
}

async function countOf(server: ApiServer): Promise<number> {
  const lists = await Promise.all(['v1/pods', 'v1/configmaps', 'v1/services'].map((gvr) => server.list(gvr)));
  return lists.reduce((sum, { length }) => sum + length, 0);
}

/** A pod of the shop. */
export function pod(name: string, more: Partial<V1Pod> = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...more,
    metadata: { namespace: 'shop', name, ...more.metadata },
  };
}

/** A config map of the shop. */
export function configMap(name: string, data: Record<string, string> = {}): V1ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name }, data };
}

/** A service of the shop. */
export function service(name: string): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name },
    spec: { ports: [{ port: 80 }] },
  };
}

/** Whether the server has a config map of the shop. */
export async function hasConfigMap(server: ApiServer, name: string): Promise<boolean> {
  const all = await server.list('v1/configmaps');
  return all.some(({ metadata }) => metadata?.name === name);
}
