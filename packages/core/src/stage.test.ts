/** Owns the behaviour of whole lists: REPLACED, and the same list staged in slices. */
import { describe, expect, it } from 'vitest';
import { IndexError } from './errors.ts';
import { createIndexer } from './indexer.ts';
import { type Reduction, reduce, stage } from './reduce.ts';
import { emptySnapshot, Snapshot, stateOf } from './snapshot.ts';
import { StagedList } from './staged-list.ts';

interface Thing {
  metadata: {
    namespace: string;
    name: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
  };
  v?: unknown;
}

function thing(
  name: string,
  resourceVersion?: string,
  more: { uid?: string; app?: string; v?: unknown } = {},
): Thing {
  const [namespace = '', own = ''] = name.split('/');
  return {
    metadata: {
      namespace,
      name: own,
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(more.uid !== undefined && { uid: more.uid }),
      ...(more.app !== undefined && { labels: { app: more.app } }),
    },
    ...(more.v !== undefined && { v: more.v }),
  };
}

function replaced(snapshot: Snapshot<Thing>, objects: Thing[], resourceVersion = '100'): Reduction<Thing> {
  return reduce(snapshot, { type: 'REPLACED', objects, resourceVersion });
}

function told({ changes }: Reduction<Thing>): unknown[] {
  return changes.map(({ type, ref, cause }) => `${type} ${ref.namespace}/${ref.name} ${cause}`);
}

/** Everything that can be seen of a reduction, to compare two. */
function seen({ snapshot, changes, errors }: Reduction<Thing>): unknown {
  return {
    counters: snapshot.toJSON(),
    list: snapshot.list(),
    refs: snapshot.refs(),
    changes: changes.map((change) => [change.toJSON(), change.object, change.previous]),
    errors: errors.map(({ message }) => message),
  };
}

const empty = emptySnapshot<Thing>({ numKeys: 2 });
const first = replaced(empty, [thing('b/1', '3'), thing('a/2', '2'), thing('a/1', '1')], '10');

describe('a list with more resources without keys than anybody reads of', () => {
  it('tells of the first thousand one by one, and of the others together', () => {
    const byApp = emptySnapshot<Thing>({ indexer: createIndexer({ indexBy: ['metadata.labels.app'] }) });
    const objects = Array.from({ length: 1500 }, (_, i) => thing(`a/${i}`, '1'));
    const { snapshot, errors } = replaced(byApp, [...objects, thing('a/x', '1', { app: 'x' })]);
    expect([snapshot.size, errors.length]).toEqual([1, 1001]);
    const told = errors as readonly IndexError[];
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(1500);
    expect(told.at(-1)).toMatchObject({ code: 'MISSING_INDEX_KEY', count: 500, resourceName: '1499' });
    expect(told.at(-1)?.message).toContain('500 like it');
  });
});

describe('REPLACED', () => {
  it('is initial the first time and a relist later', () => {
    expect(told(first)).toEqual(['added a/1 initial', 'added a/2 initial', 'added b/1 initial']);
    expect(told(replaced(first.snapshot, [thing('a/1', '1')]))).toEqual([
      'deleted a/2 relist',
      'deleted b/1 relist',
    ]);
  });

  it('is initial for a store that only calls have written to', () => {
    const called = reduce(empty, { type: 'ADDED', object: thing('z/z', '1') }).snapshot;
    expect(told(replaced(called, [thing('a/1', '1')]))).toEqual(['deleted z/z initial', 'added a/1 initial']);
  });

  it('rule 19: tells deletes first, then adds and updates, each by namespace and name', () => {
    const reduction = replaced(first.snapshot, [
      thing('c/new', '12'),
      thing('a/0', '11'),
      thing('a/2', '13', { v: 2 }),
      thing('b/1', '3'),
    ]);
    expect(told(reduction)).toEqual([
      'deleted a/1 relist',
      'added a/0 relist',
      'modified a/2 relist',
      'added c/new relist',
    ]);
    const [gone, , updated] = reduction.changes;
    expect(gone?.object).toBe(first.snapshot.find('a', '1'));
    expect(gone?.resourceVersion).toBe('100');
    expect(updated).toMatchObject({ resourceVersion: '13', modCount: 2 });
    expect(updated?.previous).toBe(first.snapshot.find('a', '2'));
    expect(new Set(reduction.changes.map(({ modCount }) => modCount))).toEqual(new Set([2]));
  });

  it('rule 19: is silent about objects of the same version, which stay the same objects under the same keys', () => {
    const filed = reduce(first.snapshot, {
      type: 'MODIFIED',
      object: thing('b/1', '3'),
      keys: ['own', 'keys'],
    }).snapshot;
    const { snapshot, changes } = replaced(filed, [
      thing('b/1', '3', { v: 'ignored' }),
      thing('a/1', '1'),
      thing('a/2', '2'),
    ]);
    expect(changes).toEqual([]);
    expect(snapshot).toMatchObject({ modCount: 2, resourceVersion: '100', size: 3 });
    expect(snapshot.get('own', 'keys')[0]).toBe(filed.find('b', '1'));
  });

  it('rule 21: takes two missing versions for different ones', () => {
    for (const version of [undefined, '']) {
      const bare = replaced(empty, [thing('a/1', version, { v: 1 })]).snapshot;
      const next = replaced(bare, [thing('a/1', version, { v: 2 })]);
      expect(told(next)).toEqual(['modified a/1 relist']);
      expect(next.snapshot.find('a', '1')).toMatchObject({ v: 2 });
    }
  });

  it('rule 20: tells a recreated resource as deleted and added', () => {
    const older = replaced(empty, [
      thing('a/1', '1', { uid: 'x', v: 1 }),
      thing('b/1', '2', { uid: 'y' }),
    ]).snapshot;
    const reduction = replaced(older, [thing('a/1', '1', { uid: 'new', v: 2 }), thing('0/0', '5')]);
    expect(told(reduction)).toEqual([
      'deleted a/1 relist',
      'deleted b/1 relist',
      'added 0/0 relist',
      'added a/1 relist',
    ]);
    expect(reduction.changes[0]?.object).toMatchObject({ v: 1 });
    expect(reduction.changes[3]?.object).toMatchObject({ v: 2 });
    expect(reduction.changes[3]?.previous).toBeUndefined();
  });

  it('takes the later of two resources with one identity', () => {
    const twice = [
      thing('a/1', '1', { v: 'kept?' }),
      thing('a/1', '7', { v: 'later' }),
      thing('b/1', '3'),
      thing('a/2', '2'),
    ];
    const { snapshot, changes } = replaced(first.snapshot, twice);
    expect(snapshot.size).toBe(3);
    expect(snapshot.find('a', '1')).toMatchObject({ v: 'later' });
    expect(changes).toHaveLength(1);
    const back = replaced(first.snapshot, [thing('a/1', '7'), ...twice.slice(2), thing('a/1', '1')]);
    expect(back.changes).toEqual([]);
    expect(back.snapshot.find('a', '1')).toBe(first.snapshot.find('a', '1'));
  });

  it('semantics 7: reports what cannot be indexed, leaves it out, and takes an older version with it', () => {
    const indexer = createIndexer({ indexBy: ['metadata.labels.app'] });
    const older = replaced(emptySnapshot<Thing>({ indexer }), [
      thing('a/1', '1', { app: 'x' }),
      thing('a/2', '1', { app: 'x' }),
    ]);
    const reduction = replaced(older.snapshot, [
      thing('a/1', '2'),
      thing('a/2', '1', { app: 'x' }),
      thing('a/3', '1'),
    ]);
    expect(reduction.errors).toMatchObject([{ resourceName: '1' }, { resourceName: '3' }]);
    expect(reduction.errors.every((error) => error instanceof IndexError)).toBe(true);
    expect(told(reduction)).toEqual(['deleted a/1 relist']);
    expect(reduction.snapshot.get('x').map(({ metadata }) => metadata.name)).toEqual(['2']);
  });

  it('that holds something that is no resource changes nothing', () => {
    expect(() => replaced(first.snapshot, [thing('a/9', '1'), {} as Thing])).toThrow(
      expect.objectContaining({ code: 'INVALID_OBJECT', operation: 'apply' }),
    );
    expect(first.snapshot.size).toBe(3);
  });

  it('moves resources whose keys changed, and fills secondary indexes anew', () => {
    const indexer = createIndexer({ indexBy: ['metadata.labels.app'], indexes: { v: ['v'] } });
    const older = replaced(emptySnapshot<Thing>({ indexer }), [
      thing('a/1', '1', { app: 'x', v: 1 }),
    ]).snapshot;
    const { snapshot } = replaced(older, [thing('a/1', '2', { app: 'y', v: 2 })]);
    expect([snapshot.get('x').length, snapshot.get('y').length]).toEqual([0, 1]);
    expect([snapshot.index('v').get('1').length, snapshot.index('v').get('2').length]).toEqual([0, 1]);
    expect([older.get('x').length, older.index('v').get('1').length]).toEqual([1, 1]);
  });
});

describe('stage', () => {
  const list = [thing('b/2', '9'), thing('a/1', '8'), thing('b/1', '3'), thing('a/1', '11', { v: 'later' })];

  it('of slices gives exactly what REPLACED gives', () => {
    const whole = seen(replaced(first.snapshot, list));
    for (const size of [1, 2, 3, 4]) {
      const staging = stage(first.snapshot);
      for (let i = 0; i < list.length; i += size) staging.append(list.slice(i, i + size));
      staging.append([]);
      expect(staging.size).toBe(3);
      expect(seen(staging.commit('100'))).toEqual(whole);
    }
  });

  it('takes any iterable', () => {
    const staging = stage(first.snapshot);
    staging.append(new Set(list));
    staging.append(list.values().take(0));
    expect(seen(staging.commit('100'))).toEqual(seen(replaced(first.snapshot, list)));
  });

  it('rule 2: takes out what was deleted before the list was complete', () => {
    const staging = stage(first.snapshot);
    staging.append(list);
    staging.remove({ namespace: 'a', name: '1' });
    staging.remove({ namespace: 'not', name: 'there' });
    expect(staging.size).toBe(2);
    expect(told(staging.commit('100'))).toEqual([
      'deleted a/1 relist',
      'deleted a/2 relist',
      'added b/2 relist',
    ]);
  });

  it('changes nothing until it is committed, and may be abandoned', () => {
    const staging = stage(first.snapshot);
    staging.append(list);
    expect(first.snapshot.refs().map(({ name }) => name)).toEqual(['1', '2', '1']);
    expect(first.snapshot.modCount).toBe(1);
  });

  it('that was removed from and filled again with what was stored is no change', () => {
    const same = [thing('a/1', '1'), thing('a/2', '2'), thing('b/1', '3')];
    const staging = stage(first.snapshot);
    staging.append(same);
    staging.remove({ namespace: 'a', name: '2' });
    staging.append(same);
    const { snapshot, changes } = staging.commit('11');
    expect(changes).toEqual([]);
    expect(snapshot).toMatchObject({ modCount: 1, resourceVersion: '11' });
    expect(stage(first.snapshot).commit('10').snapshot.size).toBe(0);
  });

  it('goes on after a commit without touching what was committed', () => {
    const staging = stage(empty);
    staging.append([thing('a/1', '1')]);
    const early = staging.commit('5');
    staging.append([thing('a/2', '2')]);
    const late = staging.commit('6');
    expect([early.snapshot.size, late.snapshot.size]).toEqual([1, 2]);
    expect(told(early)).toEqual(['added a/1 initial']);
  });

  it('refuses a version that is not text', () => {
    expect(() => stage(empty).commit(undefined as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENT' }),
    );
  });
});

describe('a list that is committed onto a later state', () => {
  /** Stages a list on `first`, lets calls write meanwhile, and commits the list onto what they made. */
  function late(list: Thing[], ...calls: Thing[]): Reduction<Thing> & { readonly onto: Snapshot<Thing> } {
    const staged = new StagedList<Thing>(stateOf(first.snapshot), { operation: 'apply', owned: false });
    staged.append(list);
    const onto = calls.reduce((state, object, i) => {
      return reduce(state, { type: 'MODIFIED', object, keys: ['call', String(i)] }).snapshot;
    }, first.snapshot);
    const { state, changes, errors } = staged.commit('100', stateOf(onto));
    return { snapshot: new Snapshot(state), changes: [...changes], errors, onto };
  }
  const same = [thing('a/1', '1'), thing('a/2', '2'), thing('b/1', '3')];

  it('takes the place of what calls wrote meanwhile, and tells what changed from there', () => {
    const reduction = late([...same, thing('c/1', '4')], thing('a/1', '9', { v: 'call' }), thing('z/z'));
    expect(told(reduction)).toEqual(['deleted z/z relist', 'modified a/1 relist', 'added c/1 relist']);
    expect(reduction.changes[1]?.previous).toMatchObject({ v: 'call' });
    expect(reduction.snapshot).toMatchObject({ size: 4, modCount: 4, resourceVersion: '100' });
  });

  it('rule 19: is silent about a version that a call stored meanwhile, and keeps it as the call filed it', () => {
    const list = [thing('a/1', '9', { v: 'list' }), ...same.slice(1)];
    const { snapshot, changes, onto } = late(list, thing('a/1', '9', { v: 'call' }));
    expect(changes).toEqual([]);
    expect(snapshot).toMatchObject({ modCount: 2, resourceVersion: '100' });
    expect(snapshot.get('call', '0')[0]).toBe(onto.find('a', '1'));
    const more = late([...list, thing('c/1', '4')], thing('a/1', '9', { v: 'call' }));
    expect(told(more)).toEqual(['added c/1 relist']);
    expect(more.snapshot.get('call', '0')[0]).toBe(more.onto.find('a', '1'));
  });
});
