/** Owns the reading of everything: `list` and the iteration over a snapshot, against an array of the same objects. */
import type { KubernetesObject } from '@firn/core';
import { alternate, lastResult, msOf, type Pair } from './alternate.ts';
import { checkCount, isRead, type ReadSubject } from './read-subject.ts';

const TURNS = 20;

// One function for each, so that none is optimised for the other's collection.
function readPlain(resources: readonly KubernetesObject[]): number {
  let count = 0;
  for (const resource of resources) if (isRead(resource)) count++;
  return count;
}

function readList(subject: ReadSubject): number {
  let count = 0;
  for (const resource of subject.store.list()) if (isRead(resource)) count++;
  return count;
}

function readSnapshot(subject: ReadSubject): number {
  let count = 0;
  for (const resource of subject.store.snapshot) if (isRead(resource)) count++;
  return count;
}

export function wholeReads(subject: ReadSubject): Readonly<Record<string, number>> {
  const plain = [...subject.store.snapshot];
  const against = (read: (subject: ReadSubject) => number): Pair => {
    const counted = (work: () => number): number => {
      const ms = msOf(work);
      checkCount(lastResult(), subject.load.objects, 'reading all');
      return ms;
    };
    return alternate(
      TURNS,
      () => counted(() => read(subject)),
      () => counted(() => readPlain(plain)),
    );
  };
  const list = against(readList);
  const snapshot = against(readSnapshot);
  return {
    listMs: list.firn,
    listPlainMs: list.plain,
    snapshotMs: snapshot.firn,
    snapshotPlainMs: snapshot.plain,
  };
}
