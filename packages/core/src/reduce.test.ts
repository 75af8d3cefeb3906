/** Owns the behaviour of single events: what they change, what they count, what they are refused for. */
import { describe, expect, it } from 'vitest';
import { IndexError, StoreError } from './errors.ts';
import { createIndexer } from './indexer.ts';
import { reduce } from './reduce.ts';
import type { ResourceEvent, ResourceWritten } from './resource-event.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';

interface Thing {
  metadata: {
    namespace?: string;
    name: string;
    uid?: string | undefined;
    resourceVersion?: string | undefined;
    labels?: { app?: string | undefined };
  };
  v?: unknown;
}

function thing(
  name: string,
  resourceVersion?: string,
  more: { uid?: string; app?: string; v?: unknown } = {},
): Thing {
  const { uid, app, v } = more;
  return { metadata: { namespace: 'n', name, resourceVersion, uid, labels: { app } }, v };
}

const empty = emptySnapshot<Thing>({ numKeys: 2 });

function after(snapshot: Snapshot<Thing>, ...events: ResourceEvent<Thing>[]): Snapshot<Thing> {
  return events.reduce((state, event) => reduce(state, event).snapshot, snapshot);
}

function watched(type: ResourceWritten<Thing>['type'], object: Thing): ResourceEvent<Thing> {
  return { type, object, origin: 'watch' };
}

function told(snapshot: Snapshot<Thing>, event: ResourceEvent<Thing>): unknown[] {
  return reduce(snapshot, event).changes.map((change) => [
    change.type,
    change.ref.name,
    change.cause,
    change.modCount,
    change.resourceVersion,
  ]);
}

function caught(run: () => unknown): StoreError {
  try {
    run();
  } catch (error) {
    return error as StoreError;
  }
  throw new Error('nothing was thrown');
}

describe('identity', () => {
  it('decides: ADDED and MODIFIED replace what is there, and neither has to come first', () => {
    for (const type of ['ADDED', 'MODIFIED'] as const) {
      const one = after(empty, { type, object: thing('a', '1', { v: 1 }) });
      const { snapshot, changes } = reduce(one, { type, object: thing('a', '2', { v: 2 }) });
      expect(snapshot.list()).toEqual([thing('a', '2', { v: 2 })]);
      expect(changes[0]).toMatchObject({
        type: 'modified',
        cause: 'call',
        modCount: 2,
        resourceVersion: '2',
      });
      expect(changes[0]?.object).toBe(snapshot.list()[0]);
      expect(changes[0]?.previous).toBe(one.list()[0]);
      expect(one.list()).toEqual([thing('a', '1', { v: 1 })]);
    }
  });

  it('is namespace and name: neither alone makes two resources the same', () => {
    const snapshot = after(
      empty,
      { type: 'ADDED', object: thing('a') },
      { type: 'ADDED', object: { metadata: { name: 'a' } } },
    );
    expect(snapshot.size).toBe(2);
    expect(snapshot.find('', 'a')).toEqual({ metadata: { name: 'a' } });
  });

  it('moves a resource whose keys changed: the old ones are free', () => {
    const first = after(empty, { type: 'ADDED', object: thing('a'), keys: ['x', '1'] });
    const moved = after(first, { type: 'MODIFIED', object: thing('a', '2'), keys: ['y', '1'] });
    expect(moved.size).toBe(1);
    expect(moved.get('x')).toEqual([]);
    expect(moved.get('y', '1')).toHaveLength(1);
    expect(first.get('x', '1')).toHaveLength(1);
    const home = after(moved, { type: 'MODIFIED', object: thing('a', '3') });
    expect(home.get('y')).toEqual([]);
    expect(home.get('n', 'a')).toHaveLength(1);
  });

  it('is what a DELETED event removes, whatever keys the resource was stored under, and no neighbour', () => {
    const shared = ['shared', 'keys'];
    const two = after(
      empty,
      { type: 'ADDED', object: thing('a', '1'), keys: shared },
      { type: 'ADDED', object: thing('b', '2'), keys: shared },
    );
    for (const event of [
      watched('DELETED', thing('a', '9')),
      { type: 'DELETED', object: { namespace: 'n', name: 'a', keys: ['other', 'keys'] } } as const,
      { type: 'DELETED', object: thing('a'), keys: ['n', 'a'] } as const,
    ]) {
      const { snapshot, changes } = reduce(two, event);
      expect(snapshot.get('shared').map(({ metadata }) => metadata.name)).toEqual(['b']);
      expect(snapshot.size).toBe(1);
      expect(changes).toHaveLength(1);
      expect(changes[0]?.ref).toEqual({ namespace: 'n', name: 'a', resourceVersion: '1', keys: shared });
      expect(changes[0]?.object).toBe(two.find('n', 'a'));
    }
    expect(told(two, watched('DELETED', thing('a', '9')))).toEqual([['deleted', 'a', 'watch', 3, '9']]);
  });

  it('rule 20: with another uid is another resource: deleted, then added, by one event', () => {
    const older = after(empty, watched('ADDED', thing('a', '1', { uid: 'u1', v: 1 })));
    const { snapshot, changes } = reduce(older, watched('MODIFIED', thing('a', '5', { uid: 'u2', v: 2 })));
    expect(changes).toMatchObject([
      { type: 'deleted', modCount: 2, cause: 'watch', resourceVersion: '5' },
      { type: 'added', modCount: 2, cause: 'watch', resourceVersion: '5' },
    ]);
    expect(changes[0]?.object).toMatchObject({ v: 1 });
    expect(changes[1]?.object).toMatchObject({ v: 2 });
    expect(changes[1]?.previous).toBeUndefined();
    expect(snapshot).toMatchObject({ modCount: 2, size: 1 });
  });

  it('with a uid that is missing on one side stays the same resource', () => {
    const older = after(empty, { type: 'ADDED', object: thing('a', '1', { uid: 'u1' }) });
    for (const uid of [undefined, '', null as never]) {
      const object = { ...thing('a', '2'), metadata: { ...thing('a', '2').metadata, uid } } as Thing;
      expect(reduce(older, { type: 'ADDED', object }).changes.map(({ type }) => type)).toEqual(['modified']);
    }
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['undefined', undefined, 'JSON'],
    ['text', 'x', 'string'],
    ['an array', [], 'array'],
    ['a function', () => {}, 'JSON'],
    ['no metadata', {}, 'no metadata'],
    ['metadata that is null', { metadata: null }, 'no metadata'],
    ['metadata that is text', { metadata: 'x' }, 'no metadata'],
    ['no name', { metadata: {} }, 'name'],
    ['an empty name', { metadata: { name: '' } }, 'name'],
    ['a name that is a number', { metadata: { name: 5 } }, 'name'],
    ['a namespace that is a number', { metadata: { name: 'a', namespace: 5 } }, 'namespace'],
    ['a uid that is a number', { metadata: { name: 'a', uid: 5 } }, 'uid'],
    ['a version that is a number', { metadata: { name: 'a', resourceVersion: 5 } }, 'resourceVersion'],
    ['a NUL in its name', { metadata: { name: 'a\0' } }, 'NUL'],
    ['a NUL in its namespace', { metadata: { name: 'a', namespace: '\0' } }, 'NUL'],
  ])('of %s does not exist: StoreError', (_, object, why) => {
    for (const type of ['ADDED', 'MODIFIED'] as const) {
      const error = caught(() => reduce(empty, { type, object: object as Thing }));
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ code: 'INVALID_OBJECT', operation: 'apply', keys: [] });
      expect(error.message).toContain(why);
    }
    const deletion = caught(() => reduce(empty, { type: 'DELETED', object: object as Thing }));
    expect(deletion).toMatchObject({ code: 'INVALID_OBJECT', operation: 'apply' });
  });

  it('takes null and empty fields of metadata as missing, as Go writes them', () => {
    const metadata = { name: 'a', namespace: null, uid: null, resourceVersion: null } as never;
    expect(after(empty, { type: 'ADDED', object: { metadata } }).refs()).toEqual([
      { namespace: '', name: 'a', keys: ['', 'a'] },
    ]);
    const blank = after(empty, {
      type: 'ADDED',
      object: { metadata: { name: 'a', uid: '', resourceVersion: '' } },
    });
    expect(blank.refs()).toEqual([{ namespace: '', name: 'a', keys: ['', 'a'] }]);
  });
});

describe('keys', () => {
  const indexer = createIndexer({ indexBy: ['metadata.labels.app'] });
  const indexed = emptySnapshot<Thing>({ indexer });

  it('are those given, even beside an indexer, which is not asked then', () => {
    const snapshot = after(indexed, {
      type: 'ADDED',
      object: thing('a', '1', { app: 'web' }),
      keys: ['own'],
    });
    expect(snapshot.get('own')).toHaveLength(1);
    expect(snapshot.get('web')).toEqual([]);
    expect(after(indexed, { type: 'ADDED', object: thing('no-label'), keys: ['own'] }).size).toBe(1);
  });

  it("are the indexer's otherwise, else namespace and name if there are two", () => {
    expect(
      after(indexed, { type: 'ADDED', object: thing('a', '1', { app: 'web' }) }).get('web'),
    ).toHaveLength(1);
    expect(after(empty, { type: 'ADDED', object: thing('a') }).get('n', 'a')).toHaveLength(1);
    const error = caught(() =>
      reduce(emptySnapshot<Thing>({ numKeys: 1 }), { type: 'ADDED', object: thing('a') }),
    );
    expect(error).toMatchObject({ code: 'NO_KEYS', operation: 'apply' });
    expect(error).toBeInstanceOf(StoreError);
  });

  it.each<[string, unknown]>([
    ['none', []],
    ['too few', ['a']],
    ['too many', ['a', 'b', 'c']],
    ['with NUL', ['a', 'b\0']],
    ['not text', ['a', 1n]],
    ['not an array', 'ab'],
  ])('that are %s are refused and nothing is changed', (_, keys) => {
    const before = after(empty, { type: 'ADDED', object: thing('a', '1') });
    const error = caught(() =>
      reduce(before, { type: 'ADDED', object: thing('a', '2'), keys: keys as string[] }),
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({
      code: 'INVALID_KEYS',
      operation: 'apply',
      keys: Array.isArray(keys) ? keys.map(String) : [],
    });
    expect(before.list()).toEqual([thing('a', '1')]);
    expect(before.modCount).toBe(1);
  });

  it('semantics 7: that cannot be extracted from a watch event are reported, and an older version leaves', () => {
    const before = after(indexed, watched('ADDED', thing('a', '1', { app: 'web' })));
    const { snapshot, changes, errors } = reduce(before, watched('MODIFIED', thing('a', '2')));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(IndexError);
    expect(errors[0]).toMatchObject({ namespace: 'n', resourceName: 'a', expression: 'metadata.labels.app' });
    expect(changes).toMatchObject([{ type: 'deleted', cause: 'watch', resourceVersion: '2', modCount: 2 }]);
    expect(snapshot).toMatchObject({ size: 0, modCount: 2, resourceVersion: '2' });
    const again = reduce(snapshot, watched('ADDED', thing('a', '3')));
    expect(again.errors).toHaveLength(1);
    expect(again.changes).toEqual([]);
    expect(again.snapshot).toMatchObject({ modCount: 2, resourceVersion: '3' });
  });

  it('that cannot be extracted in a call are a StoreError with the cause, and nothing is changed', () => {
    const before = after(indexed, { type: 'ADDED', object: thing('a', '1', { app: 'web' }) });
    const error = caught(() => reduce(before, { type: 'MODIFIED', object: thing('a', '2') }));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'MISSING_INDEX_KEY', operation: 'apply' });
    expect(error.cause).toBeInstanceOf(IndexError);
    expect(before.get('web')).toHaveLength(1);
  });
});

describe('modCount', () => {
  const one = after(empty, { type: 'ADDED', object: thing('a', '5') });

  it.each<[string, ResourceEvent<Thing>, number, number]>([
    ['an add by call', { type: 'ADDED', object: thing('b') }, 1, 1],
    ['an update by call, even of the same version', { type: 'MODIFIED', object: thing('a', '5') }, 1, 1],
    ['an update by call to an older version', { type: 'MODIFIED', object: thing('a', '4') }, 1, 1],
    ['deleting something', { type: 'DELETED', object: thing('a') }, 1, 1],
    ['deleting nothing', { type: 'DELETED', object: thing('b') }, 0, 0],
    ['a recreate', { type: 'ADDED', object: thing('a', '6', { uid: 'new' }) }, 1, 1],
    ['a newer watch event', watched('MODIFIED', thing('a', '6')), 1, 1],
    ['a watch event of the same version', watched('MODIFIED', thing('a', '5')), 0, 0],
    ['an older watch event', watched('MODIFIED', thing('a', '4')), 0, 0],
    ['an older watched deletion', watched('DELETED', thing('a', '4')), 0, 0],
    ['watching nothing being deleted', watched('DELETED', thing('b', '9')), 0, 0],
    ['a bookmark', { type: 'BOOKMARK', resourceVersion: '9' }, 0, 0],
    ['clearing', { type: 'CLEARED' }, 1, 1],
    [
      'a list of the same version',
      { type: 'REPLACED', objects: [thing('a', '5')], resourceVersion: '9' },
      0,
      0,
    ],
    [
      'a list of other versions',
      { type: 'REPLACED', objects: [thing('a', '6'), thing('b', '7')], resourceVersion: '9' },
      1,
      2,
    ],
  ])('of %s', (_, event, step, changes) => {
    const reduction = reduce(one, event);
    expect(reduction.snapshot.modCount).toBe(1 + step);
    expect(reduction.changes).toHaveLength(changes);
    for (const change of reduction.changes) expect(change.modCount).toBe(1 + step);
  });

  it('does not rise when an empty store is cleared or replaced by nothing', () => {
    expect(reduce(empty, { type: 'CLEARED' }).snapshot).toBe(empty);
    expect(told(empty, { type: 'CLEARED' })).toEqual([]);
    expect(after(empty, { type: 'REPLACED', objects: [], resourceVersion: '3' })).toMatchObject({
      modCount: 0,
      resourceVersion: '3',
    });
  });

  it('belongs to the snapshot before, if the event changed nothing at all', () => {
    expect(reduce(one, { type: 'DELETED', object: thing('b') }).snapshot).toBe(one);
    const marked = after(one, { type: 'BOOKMARK', resourceVersion: '9' });
    expect(reduce(marked, { type: 'BOOKMARK', resourceVersion: '9' }).snapshot).toBe(marked);
  });

  it('and resource version stay when a store is cleared; every resource is told as deleted by a call', () => {
    const two = after(one, watched('ADDED', thing('b', '6')), { type: 'ADDED', object: thing('0') });
    const { snapshot, changes } = reduce(two, { type: 'CLEARED' });
    expect(snapshot).toMatchObject({ size: 0, modCount: 4, resourceVersion: '6' });
    expect(told(two, { type: 'CLEARED' })).toEqual(
      ['0', 'a', 'b'].map((name) => ['deleted', name, 'call', 4, undefined]),
    );
    expect(changes[1]?.object).toBe(two.find('n', 'a'));
    expect(two.size).toBe(3);
  });
});

describe('rule 21: resource versions', () => {
  const ten = after(empty, watched('ADDED', thing('a', '10')));

  it.each<[string, string, ResourceEvent<Thing>]>([
    ['of a watch event move on', '11', watched('MODIFIED', thing('a', '11'))],
    [
      'are compared as numbers of any size',
      '100000000000000000000',
      watched('ADDED', thing('b', '100000000000000000000')),
    ],
    ['of a watched deletion move on', '12', watched('DELETED', thing('a', '12'))],
    ['of a deletion of nothing move on', '12', watched('DELETED', thing('b', '12'))],
    ['of a bookmark move on', '12', { type: 'BOOKMARK', resourceVersion: '12' }],
    ['are not rewound by a watch event of another resource', '10', watched('ADDED', thing('b', '9'))],
    ['are not rewound by an older watch event', '10', watched('MODIFIED', thing('a', '9'))],
    ['are not rewound by a watched deletion', '10', watched('DELETED', thing('b', '2'))],
    ['are not rewound by a bookmark', '10', { type: 'BOOKMARK', resourceVersion: '9' }],
    ['are not lost to an empty one', '10', { type: 'BOOKMARK', resourceVersion: '' }],
    ['stay when a watch event has none', '10', watched('MODIFIED', thing('a'))],
    ['of calls do not count', '10', { type: 'ADDED', object: thing('b', '99') }],
    ['of a list are set, even to a lower one', '3', { type: 'REPLACED', objects: [], resourceVersion: '3' }],
    ['that cannot be compared are taken as they come', 'abc', { type: 'BOOKMARK', resourceVersion: 'abc' }],
  ])('%s', (_, resourceVersion, event) => {
    expect(after(ten, event).resourceVersion).toBe(resourceVersion);
  });

  it('an older watch event leaves the stored object as it is, a newer one for another resource counts', () => {
    expect(after(ten, watched('MODIFIED', thing('a', '9', { v: 'old' }))).list()).toEqual([thing('a', '10')]);
    expect(after(ten, watched('DELETED', thing('a', '9'))).size).toBe(1);
    expect(after(ten, watched('ADDED', thing('b', '9'))).size).toBe(2);
  });

  it('a watch event of a version that a call brought first moves the resource version on and changes nothing', () => {
    const called = after(ten, { type: 'MODIFIED', object: thing('a', '15', { v: 'mine' }) });
    expect(called.resourceVersion).toBe('10');
    const seen = after(called, watched('MODIFIED', thing('a', '15', { v: 'theirs' })));
    expect(seen).toMatchObject({ resourceVersion: '15', modCount: 2 });
    expect(seen.find('n', 'a')).toMatchObject({ v: 'mine' });
    expect(after(called, watched('MODIFIED', thing('a', '12')))).toMatchObject({
      resourceVersion: '12',
      modCount: 2,
    });
  });

  it('a watched deletion of the stored version removes it', () => {
    expect(after(ten, watched('DELETED', thing('a', '10'))).size).toBe(0);
  });

  it('that are missing or malformed are never older; malformed ones are the same only if equal', () => {
    const bare = after(empty, { type: 'ADDED', object: thing('a') });
    expect(after(bare, watched('MODIFIED', thing('a', '1', { v: 2 }))).modCount).toBe(2);
    expect(after(ten, watched('MODIFIED', thing('a', undefined, { v: 2 }))).modCount).toBe(2);
    const odd = after(empty, watched('ADDED', thing('a', 'x1')));
    expect(after(odd, watched('MODIFIED', thing('a', 'x1'))).modCount).toBe(1);
    expect(after(odd, watched('MODIFIED', thing('a', 'x0'))).modCount).toBe(2);
    expect(after(odd, watched('DELETED', thing('a', '007'))).size).toBe(0);
  });

  it('calls are never compared', () => {
    const { snapshot, changes } = reduce(ten, { type: 'MODIFIED', object: thing('a', '1', { v: 'back' }) });
    expect(snapshot.find('n', 'a')).toEqual(thing('a', '1', { v: 'back' }));
    expect(changes).toMatchObject([{ type: 'modified', cause: 'call', resourceVersion: '1' }]);
    expect(after(ten, { type: 'DELETED', object: thing('a', '1') }).size).toBe(0);
  });
});

describe('an event that is none', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'UNKNOWN_EVENT'],
    ['of no type', {}, 'UNKNOWN_EVENT'],
    ['of an unknown type', { type: 'TOUCHED' }, 'UNKNOWN_EVENT'],
    ['a list without objects', { type: 'REPLACED', resourceVersion: '1' }, 'INVALID_EVENT'],
    ['a list that is an object', { type: 'REPLACED', objects: {}, resourceVersion: '1' }, 'INVALID_EVENT'],
    ['a list without a version', { type: 'REPLACED', objects: [] }, 'INVALID_EVENT'],
    ['a bookmark without a version', { type: 'BOOKMARK' }, 'INVALID_EVENT'],
    ['a bookmark whose version is a number', { type: 'BOOKMARK', resourceVersion: 5 }, 'INVALID_EVENT'],
  ])('%s is a StoreError', (_, event, code) => {
    const error = caught(() => reduce(empty, event as ResourceEvent<Thing>));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code, operation: 'apply' });
  });
});
