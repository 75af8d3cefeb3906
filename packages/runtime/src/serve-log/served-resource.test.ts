import { emptySnapshot, type KubernetesObject, type ResourceEvent, reduce, type Snapshot } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectTree } from '../testing/api-server/object-table.ts';
import { defineResourceType } from '../testing/api-server/resource-type.ts';
import { readObject } from '../testing/api-server/stored-object.ts';
import { ServedResource } from './served-resource.ts';

type State = Snapshot<KubernetesObject>;
type Event = ResourceEvent<KubernetesObject>;

const TYPE = defineResourceType({ gvr: 'v1/configmaps', kind: 'ConfigMap' });
const EMPTY: State = emptySnapshot({ numKeys: 2 });

const map = (name: string, version: number | string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: String(version), ...more },
});
const watch = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): Event => ({
  type,
  object,
  origin: 'watch',
});
const list = (version: number | string, ...objects: readonly KubernetesObject[]): Event => ({
  type: 'REPLACED',
  objects,
  resourceVersion: String(version),
});

/** The state after events. */
function after(state: State, ...events: readonly Event[]): State {
  return events.reduce((before, event) => reduce(before, event).snapshot, state);
}

/** Serves what was known of `maps`. */
function serving(state: State): { served: ServedResource; events: string[] } {
  const served = new ServedResource(TYPE, 10_000);
  served.begin(new Map([['maps', state]]));
  const events: string[] = [];
  served.table.subscribe(
    ({ type, object }) => {
      const { name, resourceVersion } = readObject(TYPE, object).metadata;
      events.push(`${type} ${name}@${resourceVersion}`);
    },
    () => events.push('LOST'),
  );
  return { served, events };
}

const versionOf = ({ versions }: ServedResource): string => versions.text(versions.current);

function contents(tree: ObjectTree): string[] {
  return [...tree.values()].map((stored) => {
    const { namespace, name, uid, resourceVersion } = readObject(TYPE, stored).metadata;
    return `${namespace}/${name} ${uid}@${resourceVersion}`;
  });
}

function contentsOf(state: State): string[] {
  return state
    .refs()
    .map(({ namespace, name, uid, resourceVersion }) => `${namespace}/${name} ${uid}@${resourceVersion}`);
}

const NAME = fc.constantFrom('a', 'b', 'c', 'd');
const STEP = fc.record({
  kind: fc.constantFrom('write', 'write', 'write', 'delete', 'recreate', 'list', 'bookmark'),
  name: NAME,
  /** By how much the version rises; a list holds what has been written at each of these. */
  skipped: fc.integer({ min: 1, max: 3 }),
  listed: fc.uniqueArray(NAME),
});
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

function eventOf({ kind, name, skipped, listed }: Step, version: number): Event {
  switch (kind) {
    case 'write':
      return watch('MODIFIED', map(name, version));
    case 'delete':
      return watch('DELETED', map(name, version));
    case 'recreate':
      return watch('ADDED', map(name, version, { uid: `life-${version}` }));
    case 'bookmark':
      return { type: 'BOOKMARK', resourceVersion: String(version) };
    case 'list':
      return list(
        version,
        ...listed.map((each, i) => map(each, Math.min(version - skipped + 1 + i, version))),
      );
  }
}

describe('a served resource', () => {
  it('begins with the state that was recorded, at its version', () => {
    const odd = map('a', 3, { selfLink: '/kept', labels: { a: 'b' } });
    const { served } = serving(after(EMPTY, list(7, odd, map('b', 5))));
    expect(versionOf(served)).toBe('7');
    const [first] = served.table.objects.values();
    expect(first && readObject(TYPE, first)).toEqual(odd);
    expect(served.table.oldest).toBe(7);
  });

  it('sends what changed as the server sent it', () => {
    const start = after(EMPTY, list(7, map('a', 3), map('b', 5)));
    const { served, events } = serving(start);
    let state = start;
    for (const event of [
      watch('MODIFIED', map('a', 9)),
      watch('DELETED', map('b', 12)),
      { type: 'BOOKMARK', resourceVersion: '20' } as const,
    ]) {
      state = after(state, event);
      served.goTo('maps', state);
      expect(versionOf(served)).toBe(state.resourceVersion);
    }
    expect(events).toEqual(['MODIFIED a@9', 'DELETED b@12']);
  });

  it('sends what a later list shows in the order of versions, what is gone at its end', () => {
    const start = after(EMPTY, list(7, map('a', 3), map('b', 5), map('c', 6)));
    const { served, events } = serving(start);
    const recreated = map('a', 30, { uid: 'other' });
    served.goTo('maps', after(start, list(40, map('z', 11), recreated, map('c', 20))));
    expect(events).toEqual(['ADDED z@11', 'MODIFIED c@20', 'DELETED a@30', 'ADDED a@30', 'DELETED b@40']);
    expect(versionOf(served)).toBe('40');
  });

  it('says nothing while a new run has not listed, and what is new when it has', () => {
    const start = after(EMPTY, list(7, map('a', 3), map('b', 5)));
    const { served, events } = serving(start);
    expect(served.goTo('maps', EMPTY)).toBe(0);
    served.goTo('maps', after(EMPTY, list(9, map('a', 3), map('b', 8))));
    expect(events).toEqual(['MODIFIED b@8']);
  });

  it('has watches begin anew when the cluster went back to an earlier version', () => {
    const start = after(EMPTY, list(70, map('a', 3), map('b', 55)));
    const { served, events } = serving(start);
    served.goTo('maps', after(start, list(50, map('a', 3))));
    expect(events).toEqual(['LOST']);
    expect(versionOf(served)).toBe('50');
    expect(served.table.oldest).toBe(50);
    expect(contents(served.table.objects)).toEqual(['shop/a uid-a@3']);
  });

  it('loses nothing of what comes late: behind a call, or in another recording of the type', () => {
    const start = after(EMPTY, list(7, map('a', 3)));
    const { served, events } = serving(start);
    const called = after(start, { type: 'ADDED', object: map('mine', 12), origin: 'call' });
    served.goTo('maps', called);
    served.goTo('maps', after(called, watch('MODIFIED', map('a', 10)), watch('ADDED', map('mine', 12))));
    served.goTo('others', after(EMPTY, list(9, map('b', 8), map('a', 10))));
    expect(events).toEqual(['ADDED mine@12', 'MODIFIED a@10', 'ADDED b@8']);
    const positions = served.table.since(7).map(({ object }) => object.version);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  });

  it('serves two recordings of a type as one, and keeps what only one of them has lost', () => {
    const served = new ServedResource(TYPE, 100);
    const [one, two] = [after(EMPTY, list(7, map('a', 3))), after(EMPTY, list(9, map('a', 3), map('b', 5)))];
    served.begin(
      new Map([
        ['one', one],
        ['two', two],
      ]),
    );
    expect([versionOf(served), contents(served.table.objects)]).toEqual(['9', contentsOf(two)]);
    served.goTo('one', after(one, watch('DELETED', map('a', 10))));
    expect(contents(served.table.objects)).toEqual(contentsOf(two));
    served.goTo('two', after(two, watch('DELETED', map('a', 10))));
    expect(contents(served.table.objects)).toEqual(['shop/b uid-b@5']);
  });

  it('counts versions of any size', () => {
    const version = (n: number): string => String(2n ** 100n + BigInt(n));
    const start = after(EMPTY, list(version(7), map('a', 3), map('b', version(5))));
    for (const from of [start, EMPTY]) {
      const { served, events } = serving(from);
      served.goTo('maps', start);
      served.goTo('maps', after(start, watch('MODIFIED', map('b', version(8)))));
      expect(events.at(-1)).toBe(`MODIFIED b@${version(8)}`);
      expect(versionOf(served)).toBe(version(8));
      expect(served.versions.parse(version(8))).toBe(served.versions.current);
    }
  });

  it('has at every version what was recorded at it', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 30 }), (steps) => {
        const start = after(EMPTY, list(5, map('a', 2), map('b', 4)));
        const { served } = serving(start);
        const states = [start];
        let state = start;
        let version = 5;
        for (const happened of steps) {
          version += happened.skipped;
          state = after(state, eventOf(happened, version));
          served.goTo('maps', state);
          expect(versionOf(served)).toBe(state.resourceVersion);
          expect(contents(served.table.objects)).toEqual(contentsOf(state));
          states.push(state);
        }
        for (const past of states) {
          const at = served.versions.parse(past.resourceVersion ?? '');
          expect(contents(served.table.at(at)!)).toEqual(contentsOf(past));
        }
      }),
    );
  });
});
