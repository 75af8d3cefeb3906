/** Owns the proof that MemoryStore is a store. */
import { createManualClock } from '@firn/runtime/testing';
import { MemoryStore } from '@firn/stores';
import type { Pod } from './contract/subject.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract(
  'MemoryStore',
  ({ server: _, ...options }) =>
    // On a clock that stands still a list is told at once, however busy the machine is.
    new MemoryStore<Pod>({ ...options, clock: createManualClock() }),
);
