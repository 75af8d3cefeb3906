import { createFakeClient, createManualClock } from '@firn/runtime/testing';
import { CachedStore } from '@firn/stores';
import { expect, it } from 'vitest';

it('fetches once, then reads from its cache until the time is over', async () => {
  const clock = createManualClock();
  const client = createFakeClient([
    { metadata: { namespace: 'default', name: 'my-secret', resourceVersion: '5' } },
  ]);
  const store = new CachedStore({ numKeys: 2, client, gvr: 'v1/secrets', clock });
  store.add(undefined, ['default', 'my-secret']);
  const [one] = await store.get('default', 'my-secret');
  const [[two], [three]] = await Promise.all([store.get('default'), store.get('default', 'my-secret')]);
  expect(two).toBe(one);
  expect(three).toBe(one);
  expect(client.calls).toHaveLength(1);
  await clock.advance(130_000);
  expect(store.cacheSize).toBe(0);
  await store.get('default', 'my-secret');
  expect(client.calls).toHaveLength(2);
  expect(store.cacheStats).toEqual({ hits: 2, misses: 2, shared: 0, evictions: 0, expirations: 1 });
});
