/** Tests a controller against stale views, lost events and crashes: it leaves the same as if nothing had gone wrong. */
import { test } from 'node:test';
import { watched } from '@firn/runtime';
import { type Controller, explore, recordedEvents } from '@firn/runtime/testing';

const resources = { pods: watched('v1/pods'), services: watched('v1/services') };

/** Gives each pod a service, and takes it away with the pod. */
const controller: Controller<typeof resources> = ({ runtime, client }) => {
  const { pods, services } = runtime.stores;
  runtime.changes$.subscribe(async ({ change: { ref } }) => {
    const { namespace, name } = ref;
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name } };
    const isWanted = pods.snapshot.find(namespace, name) !== undefined;
    const isThere = services.snapshot.find(namespace, name) !== undefined;
    if (isWanted && !isThere) await client.create(service).catch(unless('AlreadyExists'));
    if (!isWanted && isThere) await client.delete(service).catch(unless('NotFound'));
  });
};

const unless = (code: string) => (error: { readonly code?: string }) => {
  if (error.code !== code) throw error;
};

const web = { metadata: { namespace: 'shop', name: 'web' } };
const log = recordedEvents({
  resources: { pods: 'v1/pods', services: 'v1/services' },
  events: [
    { resource: 'pods', type: 'ADDED', object: web },
    { resource: 'pods', type: 'DELETED', object: web },
    { resource: 'pods', type: 'ADDED', object: web },
  ],
});

test('each pod has its service in the end, whatever the controller could see', async () => {
  await explore({ log, controller, resources }); // or log: './event-log', as firn record wrote it
});
