/** Owns the comparison of snapshots with a plain Map: whatever happens, both tell the same story. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import type { Change } from './change.ts';
import { diff } from './diff.ts';
import { createIndexer } from './indexer.ts';
import { reduce } from './reduce.ts';
import type { ResourceEvent, ResourceWritten } from './resource-event.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';
import type { SnapshotOptions } from './snapshot-state.ts';

interface Thing {
  metadata: {
    namespace?: string | undefined;
    name: string;
    uid?: string | undefined;
    resourceVersion?: string | undefined;
    labels?: { app?: string | undefined };
  };
  hosts?: string[];
}

/** What the model holds of a resource. */
interface Item {
  readonly object: Thing;
  readonly keys: readonly string[];
}

/** A change in plain data. */
interface Told {
  readonly type: string;
  readonly object: unknown;
  readonly previous: unknown;
  readonly keys: readonly string[];
  readonly cause: string | undefined;
  readonly modCount: number;
  readonly resourceVersion: string | undefined;
}

const WORDS = ['', 'a', 'b', 'a/b'];

function identity({ metadata }: { readonly metadata: Thing['metadata'] }): string {
  return JSON.stringify([metadata.namespace ?? '', metadata.name]);
}

function byIdentity(a: Item, b: Item): number {
  const left = [a.object.metadata.namespace ?? '', a.object.metadata.name] as const;
  const right = [b.object.metadata.namespace ?? '', b.object.metadata.name] as const;
  const at = left[0] === right[0] ? 1 : 0;
  return left[at] < right[at] ? -1 : left[at] > right[at] ? 1 : 0;
}

function isOlder(version: string | undefined, than: string | undefined): boolean {
  const numbers = [version, than].map((text) =>
    /^[1-9]\d*$/.test(text ?? '') ? BigInt(text ?? '') : undefined,
  );
  return numbers[0] !== undefined && numbers[1] !== undefined && numbers[0] < numbers[1];
}

function isOther(a: Thing, b: Thing): boolean {
  return a.metadata.uid !== undefined && b.metadata.uid !== undefined && a.metadata.uid !== b.metadata.uid;
}

/** An event that must be refused with this code. */
class Refused extends Error {}

/** The rules once more, in the plainest form: a Map that is searched and sorted on every question. */
class Model {
  items = new Map<string, Item>();
  modCount = 0;
  resourceVersion: string | undefined;
  readonly #options: SnapshotOptions;

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  sorted(): Item[] {
    return [...this.items.values()].sort(byIdentity);
  }

  under(keys: readonly string[]): Thing[] {
    return this.sorted()
      .filter((item) => keys.every((key, i) => item.keys[i] === key))
      .map(({ object }) => object);
  }

  /** Gives the changes and how many resources were left out. */
  apply(event: ResourceEvent<Thing>): { told: Told[]; leftOut: number } {
    switch (event.type) {
      case 'BOOKMARK':
        this.#advance(event.resourceVersion);
        return { told: [], leftOut: 0 };
      case 'CLEARED': {
        const gone = this.sorted();
        if (gone.length > 0) this.modCount++;
        this.items = new Map();
        return { told: gone.map((item) => this.#gone(item, 'call', undefined)), leftOut: 0 };
      }
      case 'REPLACED':
        return this.#replace([...event.objects] as Thing[], event.resourceVersion);
      default:
        return this.#write(event, event.object as Thing);
    }
  }

  #write(
    { type, keys, origin = 'call' }: ResourceWritten<Thing>,
    object: Thing,
  ): { told: Told[]; leftOut: number } {
    const id = identity(object);
    const before = this.items.get(id);
    const version = object.metadata.resourceVersion;
    const stored = before?.object.metadata.resourceVersion;
    const isRepeated = type !== 'DELETED' && version !== undefined && version === stored;
    if (origin === 'watch' && (isOlder(version, stored) || isRepeated)) {
      this.#advance(version);
      return { told: [], leftOut: 0 };
    }
    const filed = type === 'DELETED' ? undefined : this.#keys(object, keys);
    if (filed === undefined && type !== 'DELETED' && origin === 'call')
      throw new Refused('MISSING_INDEX_KEY');
    if (origin === 'watch') this.#advance(version);
    const leftOut = filed === undefined && type !== 'DELETED' ? 1 : 0;
    if (filed !== undefined || before !== undefined) this.modCount++;
    if (filed === undefined) {
      this.items.delete(id);
      return { told: before === undefined ? [] : [this.#gone(before, origin, version)], leftOut };
    }
    const item = { object, keys: filed };
    this.items.set(id, item);
    return { told: this.#came(item, before, origin, version), leftOut };
  }

  #replace(objects: readonly Thing[], resourceVersion: string): { told: Told[]; leftOut: number } {
    const cause = this.resourceVersion === undefined ? 'initial' : 'relist';
    const before = this.items;
    const next = new Map<string, Item>();
    let leftOut = 0;
    for (const object of objects) {
      const stored = before.get(identity(object));
      const { uid, resourceVersion: version } = object.metadata;
      const same = version !== undefined && stored?.object.metadata.resourceVersion === version;
      const kept = same && stored?.object.metadata.uid === uid ? stored : undefined;
      const keys = kept === undefined ? this.#keys(object, undefined) : kept.keys;
      if (keys === undefined) leftOut++;
      if (keys === undefined) next.delete(identity(object));
      else next.set(identity(object), kept ?? { object, keys });
    }
    const gone = this.sorted().filter((item) => {
      const after = next.get(identity(item.object));
      return after === undefined || isOther(item.object, after.object);
    });
    this.items = next;
    this.resourceVersion = resourceVersion;
    const came = this.sorted().filter((item) => before.get(identity(item.object)) !== item);
    if (gone.length + came.length > 0) this.modCount++;
    const told = gone.map((item) => this.#gone(item, cause, resourceVersion));
    for (const item of came) {
      const [last] = this.#came(item, before.get(identity(item.object)), cause, undefined).slice(-1);
      if (last !== undefined) told.push(last);
    }
    return { told, leftOut };
  }

  #keys(object: Thing, given: readonly string[] | undefined): readonly string[] | undefined {
    if (given !== undefined) return given;
    const { namespace = '', name, labels } = object.metadata;
    if (this.#options.indexer !== undefined) return labels?.app === undefined ? undefined : [labels.app];
    if (this.#options.numKeys !== 2) throw new Refused('NO_KEYS');
    return [namespace, name];
  }

  #came(
    { object, keys }: Item,
    before: Item | undefined,
    cause: string,
    deletion: string | undefined,
  ): Told[] {
    const { modCount } = this;
    const { resourceVersion } = object.metadata;
    const told = { object, keys, cause, modCount, resourceVersion };
    if (before === undefined) return [{ ...told, type: 'added', previous: undefined }];
    if (!isOther(before.object, object)) return [{ ...told, type: 'modified', previous: before.object }];
    return [this.#gone(before, cause, deletion), { ...told, type: 'added', previous: undefined }];
  }

  #gone({ object, keys }: Item, cause: string, resourceVersion: string | undefined): Told {
    return {
      type: 'deleted',
      object,
      previous: object,
      keys,
      cause,
      modCount: this.modCount,
      resourceVersion,
    };
  }

  #advance(version: string | undefined): void {
    if (version !== undefined && !isOlder(version, this.resourceVersion)) this.resourceVersion = version;
  }
}

const word = fc.constantFrom(...WORDS);
const things: fc.Arbitrary<Thing> = fc.record({
  metadata: fc.record({
    namespace: fc.constantFrom(...WORDS, undefined),
    name: fc.constantFrom(...WORDS.slice(1)),
    uid: fc.constantFrom('u1', 'u2', undefined),
    resourceVersion: fc.constantFrom('9', '10', '11', '12', 'odd', undefined),
    labels: fc.record({ app: fc.constantFrom(...WORDS, undefined) }),
  }),
  hosts: fc.subarray(['h1', 'h2', '']),
});

function eventsWith(given: fc.Arbitrary<readonly string[] | undefined>): fc.Arbitrary<ResourceEvent<Thing>> {
  const written = fc.record({
    type: fc.constantFrom('ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'),
    object: things,
    keys: given,
    origin: fc.constantFrom('watch', 'call', undefined),
  });
  const list = fc.record({
    type: fc.constant('REPLACED'),
    objects: fc.array(things, { maxLength: 8 }),
    resourceVersion: fc.constantFrom('8', '12'),
  });
  const bookmark = fc.record({
    type: fc.constant('BOOKMARK'),
    resourceVersion: fc.constantFrom('7', '11', '13'),
  });
  return fc
    .oneof(
      { weight: 12, arbitrary: written },
      { weight: 2, arbitrary: list },
      { weight: 1, arbitrary: bookmark },
      { weight: 1, arbitrary: fc.constant({ type: 'CLEARED' }) },
    )
    .map((event) => event as ResourceEvent<Thing>);
}

function inPlainData(change: Change<Thing>): Told {
  const { type, ref, cause, modCount, resourceVersion, object, previous } = change;
  return { type, object, previous, keys: ref.keys, cause, modCount, resourceVersion };
}

function allTuples(length: number): string[][] {
  if (length === 0) return [[]];
  return allTuples(length - 1).flatMap((tuple) => WORDS.map((key) => [...tuple, key]));
}

function expectSame(snapshot: Snapshot<Thing>, model: Model): void {
  const { modCount, resourceVersion } = model;
  const items = model.sorted();
  expect(snapshot).toMatchObject({ modCount, resourceVersion, size: items.length });
  expect(snapshot.list()).toEqual(items.map(({ object }) => object));
  expect([...snapshot]).toEqual(snapshot.list());
  expect(snapshot.refs()).toEqual(
    items.map(({ object: { metadata }, keys }) => {
      const { namespace = '', name, uid, resourceVersion: version } = metadata;
      return { namespace, name, uid, resourceVersion: version, keys };
    }),
  );
  for (const namespace of WORDS) {
    for (const name of WORDS) {
      expect(snapshot.find(namespace, name)).toEqual(
        model.items.get(JSON.stringify([namespace, name]))?.object,
      );
    }
  }
  for (let length = 1; length <= snapshot.numKeys; length++) {
    for (const keys of allTuples(length)) expect(snapshot.get(...keys)).toEqual(model.under(keys));
  }
}

function expectSameIndexes(snapshot: Snapshot<Thing>, model: Model): void {
  const objects = model.sorted().map(({ object }) => object);
  for (const host of ['h1', 'h2', '', 'none']) {
    expect(snapshot.index('host').get(host)).toEqual(objects.filter(({ hosts }) => hosts?.includes(host)));
    for (const app of WORDS) {
      const labelled = objects.filter(({ metadata }) => metadata.labels?.app === app);
      expect(snapshot.index('app').get(app)).toEqual(labelled.filter(({ hosts }) => hosts?.length));
      expect(snapshot.index('app').get(app, host)).toEqual(
        labelled.filter(({ hosts }) => hosts?.includes(host)),
      );
    }
  }
}

/** Applies a difference to the contents it starts from. */
function patched(older: Snapshot<Thing>, newer: Snapshot<Thing>): [string, unknown][] {
  const contents = new Map(contentsOf(older));
  let last = '';
  for (const change of diff(older, newer)) {
    const { namespace, name } = change.ref;
    const id = JSON.stringify([namespace, name]);
    const place = `${namespace}\0${name}\0${change.type === 'deleted' ? 0 : 1}`;
    expect(last < place).toBe(true);
    last = place;
    const there = contents.get(id) as [unknown, Thing] | undefined;
    if (change.type === 'added') expect(there).toBeUndefined();
    else expect(there?.[1]).toEqual(change.previous);
    if (change.type === 'deleted') contents.delete(id);
    else contents.set(id, [change.ref.keys, change.object]);
  }
  return [...contents].sort(([a], [b]) => (a < b ? -1 : 1));
}

function contentsOf(snapshot: Snapshot<Thing>): [string, unknown][] {
  const contents = snapshot
    .refs()
    .map(({ namespace, name, keys }): [string, unknown] => [
      JSON.stringify([namespace, name]),
      [keys, snapshot.find(namespace, name)],
    ]);
  return contents.sort(([a], [b]) => (a < b ? -1 : 1));
}

function digestOf(items: readonly Item[]): string {
  const hash = (text: string): bigint =>
    BigInt(`0x${createHash('sha256').update(text, 'utf8').digest('hex')}`);
  const sum = items.reduce((total, { keys, object }) => total + hash(canonicalJson([keys, object])), 0n);
  return (sum % 2n ** 256n).toString(16).padStart(64, '0');
}

const SHAPES: [string, SnapshotOptions, fc.Arbitrary<readonly string[] | undefined>][] = [
  ['default keys', { numKeys: 2 }, fc.constant(undefined)],
  ['keys by call now and then', { numKeys: 2 }, fc.option(fc.tuple(word, word), { nil: undefined })],
  ['keys by call always', { numKeys: 3 }, fc.tuple(word, word, word)],
  [
    'an indexer and secondary indexes',
    {
      indexer: createIndexer({
        indexBy: ['metadata.labels.app'],
        indexes: { host: ['hosts[*]'], app: ['metadata.labels.app', 'hosts[*]'] },
      }),
    },
    fc.option(fc.tuple(word), { nil: undefined, freq: 8 }),
  ],
];

/** What was, and what a plain Map says it was. */
interface Past {
  readonly snapshot: Snapshot<Thing>;
  readonly contents: [string, unknown][];
  readonly digest: string;
}

/** Plays events to a snapshot and to the model, and compares them after each. */
function play(options: SnapshotOptions, events: readonly ResourceEvent<Thing>[]): Past[] {
  const model = new Model(options);
  let snapshot = emptySnapshot<Thing>(options);
  const past: Past[] = [{ snapshot, contents: [], digest: digestOf([]) }];
  for (const event of events) {
    let expected: ReturnType<Model['apply']>;
    try {
      expected = model.apply(event);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      expect(() => reduce(snapshot, event)).toThrow(expect.objectContaining({ code: refused.message }));
      continue;
    }
    const { changes, errors, snapshot: next } = reduce(snapshot, event);
    expect(changes.map(inPlainData)).toEqual(expected.told);
    expect(errors).toHaveLength(expected.leftOut);
    expectSame(next, model);
    if (options.indexer !== undefined) expectSameIndexes(next, model);
    snapshot = next;
    past.push({ snapshot, contents: contentsOf(snapshot), digest: digestOf(model.sorted()) });
  }
  return past;
}

describe.each(SHAPES)('with %s, a snapshot', (_, options, given) => {
  const story = fc.array(eventsWith(given), { minLength: 1, maxLength: 30 });
  const picks = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });

  it('says what a plain Map says after every event; old ones stay as they were; differences lead on', () => {
    fc.assert(
      fc.property(story, picks, (events, picked) => {
        const past = play(options, events);
        const others = [past[0]!, past.at(-1)!, past[picked[0]! % past.length]!];
        for (const pick of [...picked, ...past.keys()]) {
          const { snapshot, contents, digest } = past[pick % past.length]!;
          expect(contentsOf(snapshot)).toEqual(contents);
          expect(snapshot.digest()).toBe(digest);
          for (const other of others) expect(patched(snapshot, other.snapshot)).toEqual(other.contents);
        }
      }),
      { numRuns: 60 },
    );
  });
});
