import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectTable } from './object-table.ts';
import { defineResourceType } from './resource-type.ts';
import { objectKey, type StoredObject, storeObject } from './stored-object.ts';

const TYPE = defineResourceType({ gvr: 'example.com/v1/widgets', kind: 'Widget' });

function stored(namespace: string, name: string, version: number): StoredObject {
  return storeObject(TYPE, { metadata: { namespace, name } }, { number: version, text: String(version) });
}

function contents(objects: Iterable<StoredObject>): string[] {
  return Array.from(objects, (object) => `${objectKey(object.namespace, object.name)}@${object.version}`);
}

interface Step {
  readonly namespace: string;
  readonly name: string;
  readonly remove: boolean;
}

/** Does the steps to a table and to a plain map; gives what the map had after each version. */
function play(table: ObjectTable, steps: readonly Step[]): string[][] {
  const model = new Map<string, StoredObject>();
  const past: string[][] = [[]];
  for (const { namespace, name, remove } of steps) {
    const key = objectKey(namespace, name);
    if (remove && !model.has(key)) continue;
    const object = stored(namespace, name, past.length);
    table.apply(remove ? 'DELETED' : model.has(key) ? 'MODIFIED' : 'ADDED', object);
    if (remove) model.delete(key);
    else model.set(key, object);
    past.push(contents(new Map([...model].toSorted(([a], [b]) => (a < b ? -1 : 1))).values()));
  }
  return past;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom('a', 'a-1', 'b', 'c'),
  namespace: fc.constantFrom('x', 'x-y'),
  remove: fc.boolean(),
});

describe('ObjectTable', () => {
  it('gives the objects of any version that is not forgotten, as a model of plain copies has them', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (steps, history) => {
        const table = new ObjectTable(0, history);
        const past = play(table, steps);
        const newest = past.length - 1;
        expect(table.oldest).toBe(Math.max(0, newest - history));
        const seen = past.map((_, at) => table.at(at)).map((tree) => tree && contents(tree.values()));
        expect(seen).toEqual(past.map((expected, at) => (at < table.oldest ? undefined : expected)));
        for (let at = table.oldest; at <= newest; at += 1) {
          const versions = table.since(at).map((event) => event.object.version);
          expect(versions).toEqual(
            past
              .keys()
              .drop(at + 1)
              .toArray(),
          );
        }
      }),
    );
  });

  it('a tree that was handed out stays as it was', () => {
    const table = new ObjectTable(0, 10);
    table.apply('ADDED', stored('n', 'a', 1));
    const tree = table.at(1);
    table.apply('MODIFIED', stored('n', 'a', 2));
    table.apply('ADDED', stored('n', 'b', 3));
    expect(contents(tree?.values() ?? [])).toEqual(['n/a@1']);
  });

  it('compact forgets, for good', () => {
    const table = new ObjectTable(0, 10);
    for (const version of [1, 2, 3])
      table.apply(version === 1 ? 'ADDED' : 'MODIFIED', stored('n', 'a', version));
    table.compact(2);
    expect([table.oldest, table.at(1)]).toEqual([2, undefined]);
    expect(contents(table.at(2)?.values() ?? [])).toEqual(['n/a@2']);
  });

  it('keeps long histories bounded', () => {
    const table = new ObjectTable(0, 5);
    for (let version = 1; version <= 5000; version += 1) table.apply('MODIFIED', stored('n', 'a', version));
    expect([table.oldest, table.since(4995).length, table.size]).toEqual([4995, 5, 1]);
  });

  it('tells listeners in order until they leave, also when they leave inside the call', () => {
    const table = new ObjectTable(0, 5);
    const heard: string[] = [];
    const leave = table.subscribe((event) => {
      heard.push(`once ${event.type}`);
      leave();
    });
    table.subscribe((event) => heard.push(`always ${event.type}`));
    table.apply('ADDED', stored('n', 'a', 1));
    table.apply('DELETED', stored('n', 'a', 2));
    expect(heard).toEqual(['once ADDED', 'always ADDED', 'always DELETED']);
  });

  it('begins anew with other objects, and tells whoever followed', () => {
    const table = new ObjectTable(0, 5);
    const heard: string[] = [];
    table.subscribe(
      (event) => heard.push(event.type),
      () => heard.push('lost'),
    );
    table.apply('ADDED', stored('n', 'a', 7));
    const before = table.at(7);
    table.restart([stored('n', 'b', 2)], 3);
    expect(heard).toEqual(['ADDED', 'lost']);
    expect([table.oldest, table.at(2), table.since(3)]).toEqual([3, undefined, []]);
    expect(contents(table.objects.values())).toEqual(['n/b@2']);
    expect(contents(before?.values() ?? [])).toEqual(['n/a@7']);
  });
});
