/** A program of somebody who installed firn: the test beside it installs, type-checks and runs it. */
import { type KubernetesObject, parseDuration, parseGvr, type Resource, StoreError } from '@firn/core';
import { createWatcher } from '@firn/runtime';
import { startApiServer } from '@firn/runtime/testing';
import { MemoryStore } from '@firn/stores';

interface Tap extends KubernetesObject {
  spec: { litres: number };
}

const tap = (name: string, litres: number): Tap => ({
  apiVersion: 'bar.example.org/v1',
  kind: 'Tap',
  metadata: { namespace: 'bar', name },
  spec: { litres },
});

const store = new MemoryStore<Tap>(2);
const changes: string[] = [];
store.changes$.subscribe((change) => changes.push(`${change.type} ${change.ref.name}`));
store.add(tap('left', 1), ['bar', 'left']);
store.update(tap('left', 2), ['bar', 'left']);
const [left]: readonly Resource<Tap>[] = store.get('bar', 'left');
let refused = '';
try {
  store.get();
} catch (error) {
  refused = error instanceof StoreError ? error.code : 'not a StoreError';
}
store.close();

const { resource } = parseGvr('v1/configmaps');
const server = await startApiServer({
  objects: ['a', 'b'].map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'bar', name },
    data: { [resource]: String(parseDuration('2s')) },
  })),
});
const watcher = createWatcher(server.kubeConfig, { gvr: 'v1/configmaps' });
try {
  watcher.start();
  const count = await watcher.synced;
  const data = watcher.store.get('bar', 'b')[0]?.data?.[resource];
  process.stdout.write(`${JSON.stringify({ changes, litres: left?.spec.litres, refused, count, data })}\n`);
} finally {
  await watcher.stop();
  await server.close();
}
