/** Owns the look-up of a namespace in which something has changed, against an array made of a Map of names. */
import type { KubernetesObject } from '@firn/core';
import { alternate, lastResult, msOf, type Pair } from './alternate.ts';
import { checkCount, type ReadSubject } from './read-subject.ts';

const TURNS = 200;

function resourceVersionsOf(resources: readonly KubernetesObject[]): (string | undefined)[] {
  return resources.map(({ metadata }) => metadata?.resourceVersion);
}

export function prefixReads(subject: ReadSubject): Readonly<Record<string, number>> {
  const { store } = subject;
  const namespaces = [...subject.byNamespace()];
  const [namespace, indexes] = namespaces[Math.floor(namespaces.length / 2)] ?? ['', []];
  const plain = new Map(indexes.map((index) => [subject.identity(index).name, {} as KubernetesObject]));
  const changedIn = (turn: number): number => indexes[(turn * 31) % indexes.length] ?? 0;
  const check = (resourceVersion: string): void => {
    const results = lastResult() as readonly KubernetesObject[];
    checkCount(results.length, indexes.length, `get of ${namespace}`);
    if (!resourceVersionsOf(results).includes(resourceVersion))
      throw new Error('The change is not to be seen.');
  };
  const afterChange = (readsIt: boolean): Pair =>
    alternate(
      TURNS,
      (turn) => {
        const index = changedIn(turn);
        const resourceVersion = subject.change(index);
        if (readsIt) store.find(namespace, subject.identity(index).name);
        const ms = msOf(() => store.get(namespace));
        check(resourceVersion);
        return ms;
      },
      (turn) => {
        const { object, resourceVersion } = subject.newVersion(changedIn(turn));
        plain.set(object.metadata?.name ?? '', object);
        const ms = msOf(() => [...plain.values()]);
        check(resourceVersion);
        return ms;
      },
    );
  store.get(namespace);
  const read = afterChange(true);
  const unread = afterChange(false);
  return { prefixMs: read.firn, prefixPlainMs: read.plain, prefixUnreadMs: unread.firn };
}
