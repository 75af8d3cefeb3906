/** Owns what ten changes cost to find: by a snapshot and `diff`, against a copy of a Map and a comparison of all. */
import { type Change, diff, type KubernetesObject } from '@firn/core';
import { alternate, lastResult, msOf } from './alternate.ts';
import { checkCount, type ReadSubject } from './read-subject.ts';

const TURNS = 30;
const CHANGES = 10;

/** Ten objects spread over all, others in each turn. */
function chosen(turn: number, objects: number): number[] {
  return Array.from({ length: CHANGES }, (_, i) => (turn + Math.floor((i * objects) / CHANGES)) % objects);
}

function versionsOf({ store }: ReadSubject): Map<string, string | undefined> {
  return new Map(
    store.refs().map(({ namespace, name, resourceVersion }) => [`${namespace}/${name}`, resourceVersion]),
  );
}

export function differences(subject: ReadSubject): Readonly<Record<string, number>> {
  const { store, load } = subject;
  const count = Math.min(CHANGES, load.objects);
  const versions = versionsOf(subject);
  const firn = (turn: number): number => {
    const before = store.snapshot;
    const changed = chosen(turn, load.objects).map((index) => subject.change(index));
    const ms = msOf(() => [...diff(before, store.snapshot)]);
    const changes = lastResult() as Change<KubernetesObject>[];
    checkCount(changes.length, count, 'diff');
    for (const { ref, type } of changes) {
      const isExpected = type === 'modified' && changed.includes(ref.resourceVersion ?? '');
      if (!isExpected) throw new Error(`diff: ${type} ${ref.name} at ${ref.resourceVersion}`);
    }
    return ms;
  };
  const plain = (turn: number): number => {
    let before = new Map<string, string | undefined>();
    const copying = msOf(() => {
      before = new Map(versions);
    });
    for (const index of chosen(turn, load.objects)) {
      const { namespace, name } = subject.identity(index);
      versions.set(`${namespace}/${name}`, `changed in turn ${turn}`);
    }
    const comparing = msOf(() => [...versions].filter(([key, version]) => before.get(key) !== version));
    checkCount((lastResult() as unknown[]).length, count, 'comparison');
    return copying + comparing;
  };
  const times = alternate(TURNS, firn, plain);
  return { diffMs: times.firn, diffPlainMs: times.plain };
}
