/** Owns the proof that MemoryStore is a store. */
import { MemoryStore } from '@firn/stores';
import type { Pod } from './contract/subject.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract('MemoryStore', ({ server: _, ...options }) => new MemoryStore<Pod>(options));
