/** Owns the behaviour of batches: several events folded at once are the same events folded one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff } from './diff.ts';
import { Draft } from './draft.ts';
import { createIndexer } from './indexer.ts';
import { reduce } from './reduce.ts';
import type { ResourceEvent } from './resource-event.ts';
import { emptySnapshot, Snapshot, stateOf } from './snapshot.ts';
import type { EntryContext } from './snapshot-entry.ts';

interface Thing {
  metadata: { name: string; resourceVersion?: string; uid?: string; labels?: { app?: string } };
}

const BY_CALL: EntryContext = { operation: 'apply', owned: false };

const names = fc.nat(150).map(String);
const things: fc.Arbitrary<Thing> = fc
  .tuple(names, fc.nat(99), fc.constantFrom('u', 'v'), fc.constantFrom('x', 'y', 'z'))
  .map(([name, version, uid, app]) => ({
    metadata: { name, resourceVersion: `1${version}`, uid, labels: { app } },
  }));
const events: fc.Arbitrary<ResourceEvent<Thing>> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'DELETED'),
      object: things,
      origin: fc.constantFrom('watch', 'call'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('REPLACED' as const),
      objects: fc.array(things, { minLength: 60, maxLength: 400 }),
      resourceVersion: fc.constant('150'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'CLEARED' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'BOOKMARK' as const, resourceVersion: '170' }) },
);

function contentsOf(snapshot: Snapshot<Thing>): unknown {
  return { counters: snapshot.toJSON(), list: snapshot.list(), refs: snapshot.refs() };
}

describe('a batch', () => {
  it('gives what its events give one by one: contents, indexes, changes, in trees of many nodes too', () => {
    const indexer = createIndexer({ indexBy: ['metadata.labels.app'], indexes: { uid: ['metadata.uid'] } });
    fc.assert(
      fc.property(fc.array(events, { maxLength: 60 }), (batch) => {
        let snapshot = emptySnapshot<Thing>({ indexer });
        const begin = snapshot;
        const draft = new Draft<Thing>(stateOf(begin), BY_CALL);
        for (const event of batch) {
          const { changes, ...next } = reduce(snapshot, event);
          snapshot = next.snapshot;
          expect(Array.from(draft.apply(event), (change) => change.toJSON())).toEqual(
            changes.map((change) => change.toJSON()),
          );
        }
        const drafted = new Snapshot(draft.state());
        expect(contentsOf(drafted)).toEqual(contentsOf(snapshot));
        expect(drafted.get('x')).toEqual(
          snapshot.list().filter(({ metadata }) => metadata.labels?.app === 'x'),
        );
        expect(drafted.index('uid').get('v')).toEqual(
          snapshot.list().filter(({ metadata }) => metadata.uid === 'v'),
        );
        expect([...diff(snapshot, drafted)]).toEqual([]);
        expect([...diff(begin, drafted)]).toHaveLength(snapshot.size);
        expect(begin.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('that is thrown away, or goes on, leaves every state that was taken from it as it was', () => {
    const indexer = createIndexer({ indexBy: ['metadata.labels.app'], indexes: { uid: ['metadata.uid'] } });
    const draft = new Draft<Thing>(stateOf(emptySnapshot<Thing>({ indexer })), BY_CALL);
    draft.apply({ type: 'ADDED', object: { metadata: { name: 'a', uid: 'u', labels: { app: 'x' } } } });
    const taken = new Snapshot(draft.state());
    draft.apply({ type: 'ADDED', object: { metadata: { name: 'b', uid: 'u', labels: { app: 'x' } } } });
    expect(() => draft.apply({ type: 'ADDED', object: {} as Thing })).toThrow(
      expect.objectContaining({ code: 'INVALID_OBJECT' }),
    );
    expect(taken.refs().map(({ name }) => name)).toEqual(['a']);
    expect(taken.get('x')).toEqual(taken.list());
    expect(taken.index('uid').get('u')).toEqual(taken.list());
    expect(taken.modCount).toBe(1);
  });

  it('collects the errors of all its events', () => {
    const indexer = createIndexer({ indexBy: ['metadata.labels.app'] });
    const draft = new Draft<Thing>(stateOf(emptySnapshot<Thing>({ indexer })), BY_CALL);
    const bare = (name: string): Thing => ({ metadata: { name, resourceVersion: '1' } });
    draft.apply({ type: 'ADDED', object: bare('a'), origin: 'watch' });
    draft.apply({ type: 'REPLACED', objects: [bare('b'), bare('c')], resourceVersion: '2' });
    expect(draft.errors).toMatchObject([{ resourceName: 'a' }, { resourceName: 'b' }, { resourceName: 'c' }]);
  });

  it('tells the changes of a list and of clearing every time they are read', () => {
    const draft = new Draft<Thing>(stateOf(emptySnapshot<Thing>({ numKeys: 2 })), BY_CALL);
    const objects = [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }];
    const replaced = draft.apply({ type: 'REPLACED', objects, resourceVersion: '1' });
    const cleared = draft.apply({ type: 'CLEARED' });
    draft.apply({ type: 'ADDED', object: { metadata: { name: 'c' } } });
    for (const round of [1, 2]) {
      expect(
        Array.from(replaced, ({ type, ref }) => type + ref.name),
        `${round}`,
      ).toEqual(['addeda', 'addedb']);
      expect(
        Array.from(cleared, ({ type, ref }) => type + ref.name),
        `${round}`,
      ).toEqual(['deleteda', 'deletedb']);
    }
  });

  it('takes objects that are its own without copying them, and freezes them when they are read', () => {
    const draft = new Draft<Thing>(stateOf(emptySnapshot<Thing>({ numKeys: 2 })), {
      operation: 'add',
      owned: true,
    });
    const object = { metadata: { name: 'a' } };
    draft.apply({ type: 'ADDED', object });
    expect(Object.isFrozen(object)).toBe(false);
    expect(new Snapshot(draft.state()).list()[0]).toBe(object);
    expect(Object.isFrozen(object.metadata)).toBe(true);
    expect(() => draft.apply({ type: 'ADDED', object, keys: ['x'] })).toThrow(
      expect.objectContaining({ code: 'INVALID_KEYS', operation: 'add', keys: ['x'] }),
    );
  });
});
