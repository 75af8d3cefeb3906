/** Owns the comparison of a secondary index with what it is made of. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import type { Watch } from '../world/watches.ts';
import type { Ledger } from './ledger.ts';

/** Each key of the index finds exactly the objects that have it. */
export function checkIndex(
  ledger: Ledger,
  { name, index }: Watch,
  snapshot: Snapshot<KubernetesObject>,
): void {
  if (index === undefined) return;
  const expected = new Map<string, string[]>();
  for (const object of snapshot) {
    for (const key of index.keysOf(object as KubernetesObject))
      expected.set(key, [...(expected.get(key) ?? []), textOf(object as KubernetesObject)]);
  }
  for (const [key, objects] of expected) {
    const found = snapshot
      .index(index.name)
      .get(key)
      .map((object) => textOf(object as KubernetesObject));
    const same = found.length === objects.length && found.every((text, i) => text === objects[i]);
    const why = (): string =>
      `${name}: index ${index.name} has ${found.length} under ${key} instead of ${objects.length}`;
    ledger.check('changes add up', same, why);
  }
}

function textOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace}/${metadata?.name}@${metadata?.resourceVersion}`;
}
