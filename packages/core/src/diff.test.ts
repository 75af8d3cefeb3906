/** Owns the behaviour of diff: what it reports, in which order, and that it costs what changed. */
import { describe, expect, it, vi } from 'vitest';
import { diff } from './diff.ts';
import type { Entry } from './entry.ts';
import { ParsedEntry } from './parsed-entry.ts';
import { reduce } from './reduce.ts';
import type { ResourceEvent } from './resource-event.ts';
import { emptySnapshot, type Snapshot, stateOf } from './snapshot.ts';
import type { TreeNode } from './sorted-tree.ts';
import { TreeWalk } from './tree-walk.ts';

interface Thing {
  metadata: { namespace: string; name: string; uid?: string; resourceVersion?: string };
  v?: unknown;
}

function thing(name: string, resourceVersion?: string, more: { uid?: string; v?: unknown } = {}): Thing {
  const { uid, v } = more;
  return {
    metadata: {
      namespace: 'n',
      name,
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(uid !== undefined && { uid }),
    },
    ...(v !== undefined && { v }),
  };
}

function after(snapshot: Snapshot<Thing>, ...events: ResourceEvent<Thing>[]): Snapshot<Thing> {
  return events.reduce((state, event) => reduce(state, event).snapshot, snapshot);
}

function list(...objects: Thing[]): Snapshot<Thing> {
  return after(empty(), { type: 'REPLACED', objects, resourceVersion: '50' });
}

function empty(): Snapshot<Thing> {
  return emptySnapshot<Thing>({ numKeys: 2 });
}

function told(older: Snapshot<Thing>, newer: Snapshot<Thing>): string[] {
  return Array.from(diff(older, newer), ({ type, ref }) => `${type} ${ref.name}`);
}

/** The nodes of a snapshot's tree by namespace and name. */
function nodesOf(snapshot: Snapshot<Thing>): Set<TreeNode<unknown>> {
  const nodes = new Set<TreeNode<unknown>>([stateOf(snapshot).identity.root]);
  for (const node of nodes) for (const child of node.children ?? []) nodes.add(child);
  return nodes;
}

describe('diff', () => {
  const older = list(thing('a', '1'), thing('b', '2'), thing('c', '3', { uid: 'u1' }), thing('d', '4'));
  const newer = after(
    older,
    { type: 'MODIFIED', object: thing('d', '8', { v: 2 }) },
    { type: 'MODIFIED', object: thing('c', '7', { uid: 'u2' }) },
    { type: 'DELETED', object: thing('b'), origin: 'watch' },
    { type: 'ADDED', object: thing('bb', '6') },
    { type: 'BOOKMARK', resourceVersion: '60' },
  );

  it('reports what was added, modified and deleted, by namespace and name; recreated is deleted, then added', () => {
    expect(told(older, newer)).toEqual(['deleted b', 'added bb', 'deleted c', 'added c', 'modified d']);
    expect(told(newer, older)).toEqual(['added b', 'deleted bb', 'deleted c', 'added c', 'modified d']);
  });

  it("carries both states, the newer snapshot's modCount and no cause", () => {
    const [deleted, added, , , modified] = diff(older, newer);
    expect(deleted).toMatchObject({ resourceVersion: '60', modCount: newer.modCount, cause: undefined });
    expect(deleted?.object).toBe(older.find('n', 'b'));
    expect(added).toMatchObject({ resourceVersion: '6' });
    expect(added?.previous).toBeUndefined();
    expect(modified?.object).toBe(newer.find('n', 'd'));
    expect(modified?.previous).toBe(older.find('n', 'd'));
  });

  it('of a snapshot and itself, or one of the same contents, is nothing', () => {
    expect(told(older, older)).toEqual([]);
    expect(told(older, after(older, { type: 'BOOKMARK', resourceVersion: '99' }))).toEqual([]);
    expect(told(empty(), empty())).toEqual([]);
    const there = after(older, { type: 'ADDED', object: thing('z') });
    expect(told(older, after(there, { type: 'DELETED', object: thing('z') }))).toEqual([]);
  });

  it('with an empty snapshot is everything', () => {
    expect(told(empty(), older)).toEqual(['added a', 'added b', 'added c', 'added d']);
    expect(told(older, empty())).toEqual(['deleted a', 'deleted b', 'deleted c', 'deleted d']);
  });

  it('is the same when the snapshots have nothing to do with each other', () => {
    const otherOlder = list(...(older.list() as Thing[]));
    const otherNewer = list(...(newer.list() as Thing[]));
    expect(told(otherOlder, newer)).toEqual(told(older, newer));
    expect(told(older, otherNewer)).toEqual(told(older, newer));
    expect(told(older, otherOlder)).toEqual([]);
  });

  it('sees what a call stored anew under the same version, and not what it stored again as it was', () => {
    const other = after(older, { type: 'MODIFIED', object: thing('a', '1', { v: 'other' }) });
    expect(told(older, other)).toEqual(['modified a']);
    expect(told(older, after(older, { type: 'MODIFIED', object: thing('a', '1') }))).toEqual([]);
    const bare = after(empty(), { type: 'ADDED', object: thing('a', undefined, { v: { x: 1, y: 2 } }) });
    expect(
      told(bare, after(bare, { type: 'ADDED', object: thing('a', undefined, { v: { y: 2, x: 1 } }) })),
    ).toEqual([]);
    expect(told(bare, after(bare, { type: 'ADDED', object: thing('a', undefined, { v: 3 }) }))).toEqual([
      'modified a',
    ]);
  });

  it('sees a resource that moved to other keys, and one whose reference became a resource', () => {
    const moved = after(older, { type: 'MODIFIED', object: thing('a', '1'), keys: ['other', 'keys'] });
    expect(told(older, moved)).toEqual(['modified a']);
    const ref = { namespace: 'n', name: 'a', resourceVersion: '1', keys: ['n', 'a'] };
    const refs = after(empty(), { type: 'ADDED', object: ref });
    expect(told(refs, after(refs, { type: 'MODIFIED', object: ref }))).toEqual([]);
    expect(told(refs, after(refs, { type: 'MODIFIED', object: { ...ref, uid: 'u' } }))).toEqual([
      'modified a',
    ]);
    expect(told(refs, after(refs, { type: 'MODIFIED', object: thing('a', '1') }))).toEqual(['modified a']);
  });
});

describe('in a large store', () => {
  /** Numbered entries that are never read. */
  function entry(i: number, version: number): Entry<Thing> {
    const name = String(i).padStart(6, '0');
    const source = { materialise: (): Thing => thing(name) };
    const keys = ['n', name];
    return new ParsedEntry({
      namespace: 'n',
      name,
      uid: undefined,
      resourceVersion: String(version),
      keys,
      secondary: undefined,
      source,
    });
  }

  function large(size: number, version: number): Snapshot<Thing> {
    const objects = Array.from({ length: size }, (_, i) => entry(i, version) as never);
    return after(empty(), { type: 'REPLACED', objects, resourceVersion: String(version) });
  }

  function stepsOf(run: () => void): number {
    const spies = [vi.spyOn(TreeWalk.prototype, 'enter'), vi.spyOn(TreeWalk.prototype, 'skip')];
    run();
    const steps = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    for (const spy of spies) spy.mockRestore();
    return steps;
  }

  it('diff costs what changed, not what there is', () => {
    const older = large(50_000, 1);
    const newer = after(
      older,
      { type: 'MODIFIED', object: entry(25_000, 2) as never },
      { type: 'DELETED', object: entry(10, 3).ref },
      { type: 'ADDED', object: entry(99_999, 4) as never },
    );
    let names: string[] = [];
    const steps = stepsOf(() => {
      names = told(older, newer);
    });
    expect(names).toEqual(['deleted 000010', 'modified 025000', 'added 099999']);
    // Three paths of siblings, on both sides.
    expect(steps).toBeLessThan(1500);
    expect(steps).toBeGreaterThan(3);
  });

  it('diff finds each difference only when it is asked for it', () => {
    const older = large(10_000, 1);
    const newer = large(10_000, 2);
    const changes = diff(older, newer);
    const steps = stepsOf(() => {
      expect(changes.next().value?.ref.name).toBe('000000');
      expect(changes.next().value?.ref.name).toBe('000001');
    });
    expect(steps).toBeLessThan(20);
    expect([...changes]).toHaveLength(9998);
  });

  it('diff finds all of many changes, in order', () => {
    const older = large(3000, 1);
    const events: ResourceEvent<Thing>[] = [];
    const expected: string[] = [];
    for (let i = 0; i < 3500; i++) {
      const { name } = entry(i, 2);
      if (i >= 3000 || i % 7 === 0) {
        events.push({ type: 'ADDED', object: entry(i, 2) as never });
        expected.push(`${i >= 3000 ? 'added' : 'modified'} ${name}`);
      } else if ((i > 500 && i < 900) || i % 11 === 0) {
        events.push({ type: 'DELETED', object: entry(i, 2).ref });
        expected.push(`deleted ${name}`);
      }
    }
    const newer = after(older, ...events.reverse());
    expect(told(older, newer)).toEqual(expected);
    expect(told(newer, older)).toEqual(
      expected.map((line) =>
        line.startsWith('d') ? line.replace('deleted', 'added') : line.replace('added', 'deleted'),
      ),
    );
  });

  it('an event copies only the path to what it changes, however many resources there are', () => {
    for (const size of [1000, 50_000]) {
      const older = large(size, 1);
      for (const event of [
        { type: 'MODIFIED', object: entry(size / 2, 2) as never } as const,
        { type: 'DELETED', object: entry(size / 2, 2).ref } as const,
        { type: 'ADDED', object: entry(999_999, 2) as never } as const,
      ]) {
        const newer = after(older, event);
        const fresh = nodesOf(newer).difference(nodesOf(older));
        expect(nodesOf(newer).size).toBeGreaterThan(size / 32);
        expect(fresh.size).toBeLessThanOrEqual(8);
      }
    }
  });
});
