/** Finds ingresses by host in a store of one's own, and edits a copy: no cluster needed. */

import { createIndexer, diff } from '@firn/core';
import { MemoryStore } from '@firn/stores';
import type { V1Ingress } from '@kubernetes/client-node';
import { produce } from 'immer';

const indexer = createIndexer({ indexes: { byHost: ['spec.rules[*].host'] } });
const store = new MemoryStore<V1Ingress>({ indexer });

store.add({
  metadata: { namespace: 'shop', name: 'front' },
  spec: { rules: [{ host: 'shop.example.com' }] },
});
store.add({
  metadata: { namespace: 'shop', name: 'admin' },
  spec: { rules: [{ host: 'admin.example.com' }] },
});

const before = store.snapshot;
for (const ingress of store.index('byHost').get('shop.example.com')) {
  const edited = produce(ingress, (draft) => {
    draft.spec?.rules?.push({ host: 'www.shop.example.com' });
  });
  store.update(edited);
}

console.log(store.index('byHost').get('www.shop.example.com').length, 'ingress has the new host');
for (const { type, ref } of diff(before, store.snapshot)) console.log(type, ref.namespace, ref.name);
