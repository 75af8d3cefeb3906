/** Owns the behaviour of the book of live queries: who is in it, and whom a change concerns. */
import { emptySnapshot, type Resource, reduce } from '@firn/core';
import { Observable, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LiveQueries } from './live-queries.ts';
import { type Pod, pod } from './pod.fixture.ts';

const empty = emptySnapshot<Pod>({ numKeys: 2 });

function subscribe(queries: LiveQueries<Pod>, ...keys: string[]): Subscription {
  return new Observable<readonly Resource<Pod>[]>((subscriber) => {
    queries.begin(keys, subscriber, empty);
  }).subscribe();
}

function concerned(queries: LiveQueries<Pod>, ...keys: string[]): string[] {
  const { changes } = reduce(empty, { type: 'ADDED', object: pod('shop/a'), keys });
  return queries.touchedBy(changes).map((query) => query.keys.join(','));
}

describe('the live queries of a store', () => {
  it('are touched by changes under their keys, from the shortest to the longest, each once', () => {
    const queries = new LiveQueries<Pod>();
    for (const keys of [['a', 'b'], ['a'], [], ['b'], ['a', 'c'], ['']]) subscribe(queries, ...keys);
    expect(concerned(queries, 'a', 'b')).toEqual(['', 'a', 'a,b']);
    expect(concerned(queries, 'x', 'b')).toEqual(['']);
    expect(concerned(queries, '', '')).toEqual(['', '']);
    expect(queries.all()).toHaveLength(6);
  });

  it('are forgotten when their subscriber leaves, and leave nothing behind', () => {
    const queries = new LiveQueries<Pod>();
    const all = [['a', 'b'], ['a'], [], ['a', 'b']].map((keys) => subscribe(queries, ...keys));
    expect([queries.observed, queries.all().length]).toEqual([true, 4]);
    all[0]?.unsubscribe();
    all[1]?.unsubscribe();
    expect(concerned(queries, 'a', 'b')).toEqual(['', 'a,b']);
    all[2]?.unsubscribe();
    all[3]?.unsubscribe();
    expect([queries.observed, queries.all()]).toEqual([false, []]);
  });
});
