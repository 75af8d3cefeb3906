/** Tests a controller with a run that was recorded: after every turn, its routes are those of the ingresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '@firn/core';
import { replay, watched } from '@firn/runtime';
import type { MemoryStore } from '@firn/stores';
import type { V1Ingress } from '@kubernetes/client-node';

/** The controller: keeps a table of routes, change by change. */
function keepRoutes(ingresses: MemoryStore<V1Ingress>): ReadonlyMap<string, readonly string[]> {
  const routes = new Map<string, readonly string[]>();
  ingresses.changes$.subscribe(({ type, ref, object }) => {
    const key = `${ref.namespace}/${ref.name}`;
    if (type === 'deleted') routes.delete(key);
    else routes.set(key, hostsOf(object));
  });
  return routes;
}

function hostsOf({ spec }: Resource<V1Ingress>): readonly string[] {
  return (spec?.rules ?? []).map(({ host = '*' }) => host);
}

test('routes follow the ingresses through the whole run', async () => {
  const log = await replay('./event-log');
  const runtime = log.runtime({ resources: { ingresses: watched('networking.k8s.io/v1/ingresses') } });
  const { ingresses } = runtime.stores;
  const routes = keepRoutes(ingresses);
  for (let turn = await log.step(); turn !== undefined; turn = await log.step()) {
    const expected = ingresses
      .list()
      .map((ingress) => [`${ingress.metadata?.namespace}/${ingress.metadata?.name}`, hostsOf(ingress)]);
    assert.deepEqual([...routes].sort(), expected.sort(), `after record ${turn.sequence}`);
  }
  assert.ok(ingresses.modCount > 0);
});
