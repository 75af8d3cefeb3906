/** Owns the proof that CachedStore is a store. */
import { createManualClock } from '@firn/runtime/testing';
import { CachedStore, type ResourceClient } from '@firn/stores';
import type { Pod } from './contract/subject.ts';
import { describeStoreContract } from './store-contract.ts';

/** Reads what the server has at the moment of the request. */
function clientOf(server: ReadonlyMap<string, Pod>): ResourceClient {
  return {
    get: async (_gvr, { namespace, name }) => structuredClone(server.get(`${namespace}/${name}`)),
  };
}

describeStoreContract(
  'CachedStore',
  ({ server, ...options }) =>
    new CachedStore<Pod>({
      ...options,
      client: clientOf(server),
      gvr: 'v1/pods',
      clock: createManualClock(),
    }),
  { takesKeysAlone: true },
);
