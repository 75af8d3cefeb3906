/** Owns what the tests of peers' scenarios note of a store: its changes in short, and the sizes that readers saw. */
import type { KubernetesObject } from '@firn/core';
import type { MemoryStore } from '@firn/stores';

type Store = MemoryStore<KubernetesObject>;

/** `added map-1 initial`, as the changes come. */
export function toldChanges(store: Store): string[] {
  const told: string[] = [];
  store.changes$.subscribe(({ type, ref, cause }) => told.push(`${type} ${ref.name} ${cause}`));
  return told;
}

/** The sizes of all snapshots, each once. */
export function seenSizes(store: Store): Set<number> {
  const sizes = new Set<number>();
  store.snapshots$.subscribe(({ size }) => sizes.add(size));
  return sizes;
}
