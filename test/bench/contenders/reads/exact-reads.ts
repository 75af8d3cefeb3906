/** Owns exact look-ups in an order without order, against a Map of namespaces that are Maps of names. */
import type { KubernetesObject } from '@firn/core';
import { alternate, lastResult, msOf } from './alternate.ts';
import { checkCount, isRead, type ReadSubject } from './read-subject.ts';

const TURNS = 20;

/** All indexes, each once, jumping about: the step has no divisor in common with the count. */
function jumbled(count: number): number[] {
  const step = [7919, 7907, 7901, 1].find((prime) => count % prime !== 0 || prime === 1) ?? 1;
  return Array.from({ length: count }, (_, i) => (i * step) % count);
}

export function exactReads(subject: ReadSubject): Readonly<Record<string, number>> {
  const { store, load } = subject;
  const identities = jumbled(load.objects).map((index) => subject.identity(index));
  const plain = new Map<string, Map<string, KubernetesObject>>();
  // Under the very strings that are looked up, in the Map as in the store: neither has to compare them.
  for (const { namespace, name } of identities) {
    const names = plain.get(namespace) ?? new Map<string, KubernetesObject>();
    const resource = store.find(namespace, name);
    if (resource === undefined) throw new Error(`${namespace}/${name} is not there`);
    plain.set(namespace, names.set(name, resource as KubernetesObject));
  }
  const readStore = (): number => {
    let count = 0;
    for (const { namespace, name } of identities) if (isRead(store.get(namespace, name)[0])) count++;
    return count;
  };
  const readPlain = (): number => {
    let count = 0;
    for (const { namespace, name } of identities) if (isRead(plain.get(namespace)?.get(name))) count++;
    return count;
  };
  const counted = (work: () => number): number => {
    const ms = msOf(work);
    checkCount(lastResult(), load.objects, 'exact get');
    return ms;
  };
  const firstMs = counted(readStore);
  const { firn, plain: plainMs } = alternate(
    TURNS,
    () => counted(readStore),
    () => counted(readPlain),
  );
  return { exactMs: firn, exactPlainMs: plainMs, exactFirstMs: firstMs };
}
