import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { freeze, produce } from 'immer';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../entry.ts';
import { createIndexer, type Indexer } from '../indexer.ts';
import type { IndexerOptions } from '../indexer-options.ts';
import { damage, joined, scalarJson, stringText, valueJson } from './json-text.fixture.ts';
import { ObjectScanner } from './object-scanner.ts';
import { Packer } from './packer.ts';
import { compileScanPlan } from './scan-plan.ts';

const EXPECTED = { apiVersion: 'v1', kind: 'Secret', mayBeUnnamed: true, maxDepth: 512 };

function parsed(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function packed(bytes: Buffer, indexer: Indexer): Entry<unknown> | undefined {
  const packer = new Packer(indexer);
  const entry = packer.pack(bytes, 0, EXPECTED);
  return entry !== undefined && /^[ \t\r\n]*$/.test(bytes.toString('latin1', packer.end)) ? entry : undefined;
}

/** A member whose name is written in one of several ways. */
function member(name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(0, 0, 0, 0, 3, 1), fc.constantFrom('', '', ' '), value)
    .map(([every, space, text]) => `${stringText(name, every)}${space}:${space}${text}`);
}

const text = (...values: string[]): fc.Arbitrary<string> =>
  fc.constantFrom(
    ...values.flatMap((value) => [stringText(value, 0), stringText(value, 0), stringText(value, 2)]),
  );

type Text = fc.Arbitrary<string>;

/** Mostly the one, sometimes the other. */
function mostly(usual: Text, unusual: Text): Text {
  return fc.oneof({ arbitrary: usual, weight: 20 }, { arbitrary: unusual, weight: 1 });
}

/** An object with all of `needed` and some of `others`, in any order; now and then a name comes twice. */
function object(needed: readonly Text[], ...others: readonly Text[]): Text {
  const members = [...needed, ...others];
  return fc
    .tuple(
      fc.subarray([...others]),
      fc.array(fc.constantFrom(...members), { maxLength: 1 }),
      mostly(fc.constant(''), fc.constant('again')),
    )
    .chain(([some, again, repeat]) => {
      const chosen = [...needed, ...some, ...(repeat === '' ? [] : again)];
      return fc
        .shuffledSubarray(chosen, { minLength: chosen.length })
        .chain((ordered) => joined('{', ordered, '}'));
    });
}

const rule = object(
  [member('host', mostly(text('a.example', 'b.example'), fc.oneof(scalarJson, valueJson(1))))],
  member('port', fc.constantFrom('80', '1e3', '-0', '1E400', '"80"', 'null')),
  member('secret', valueJson(1)),
);
const array = (element: Text): Text =>
  fc.integer({ min: 0, max: 3 }).chain((n) =>
    joined(
      '[',
      Array.from({ length: n }, () => element),
      ']',
    ),
  );
const spec = object(
  [member('class', mostly(text('nginx', 'üx'), scalarJson))],
  member('rules', fc.oneof(array(rule), array(rule), array(fc.oneof(rule, valueJson(1))), scalarJson)),
  member('junk', valueJson(2)),
  member('__proto__', valueJson(1)),
);
const metadata = object(
  [
    member('name', text('a', 'b-c')),
    member('resourceVersion', mostly(text('12', '13'), fc.constantFrom('12', '""'))),
    member(
      'labels',
      object([member('app.kubernetes.io/name', text('shop', 'bill'))], member('x', scalarJson)),
    ),
  ],
  member('namespace', mostly(text('shop', ''), fc.constantFrom('null', '5', '"a\\u0000"'))),
  member('uid', mostly(text('u-1', 'u-2', ''), fc.constantFrom('null', '7'))),
  member('managedFields', valueJson(2)),
  member(
    'annotations',
    object([], member('a/b', valueJson(1)), member('ä', scalarJson), member('c', scalarJson)),
  ),
);
const resource = object(
  [member('metadata', mostly(metadata, valueJson(1))), member('spec', mostly(spec, valueJson(1)))],
  member('apiVersion', mostly(fc.constant('"v1"'), fc.constantFrom('"v2"', 'null', '1', '"\\u00761"'))),
  member('kind', mostly(fc.constant('"Secret"'), fc.constantFrom('"Other"', 'null'))),
  member('data', valueJson(2)),
);

const INDEXERS: readonly IndexerOptions[] = [
  {},
  { ignoreFields: ['metadata.managedFields', "metadata.annotations['a/b']", "metadata.annotations['ä']"] },
  { ignoreFields: ['spec.rules[*].secret', 'spec.rules[0].port', 'spec.junk', 'data', "spec['__proto__']"] },
  { ignoreFields: ['spec.rules[0]', 'spec.rules[2]', 'metadata.labels', 'metadata.annotations'] },
  { indexBy: ["metadata.labels['app.kubernetes.io/name']", 'spec.class'] },
  { indexBy: ['metadata.namespace', 'spec.rules[0].host'] },
  {
    indexes: {
      host: ['spec.rules[*].host'],
      pair: ['metadata.namespace', 'spec.rules[*].host', 'spec.rules[*].port'],
      first: ['spec.rules[0].host'],
      class: ['spec.class'],
      proto: ["spec['__proto__']"],
    },
    ignoreFields: ['metadata.managedFields', 'spec.rules[*].secret'],
  },
];

type JsonObject = Record<string, unknown>;

/** What the parsed way makes of an object: `undefined` where it refuses it. */
function reference(value: unknown, indexer: Indexer): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { apiVersion = 'v1', kind = 'Secret', metadata: found } = value as JsonObject;
  if ((apiVersion ?? 'v1') !== 'v1' || (kind ?? 'Secret') !== 'Secret') return undefined;
  const { name, namespace, uid, resourceVersion } = (found ?? {}) as JsonObject;
  const isText = (part: unknown): boolean => part === undefined || typeof part === 'string';
  if (typeof name !== 'string' || name === '' || !isText(namespace) || !isText(uid)) return undefined;
  if (typeof resourceVersion !== 'string' || resourceVersion === '') return undefined;
  const named = Object.assign({ apiVersion: 'v1', kind: 'Secret' }, { ...(value as object) });
  const whole = 'apiVersion' in value && 'kind' in value ? value : ownNamed(value as JsonObject, named);
  try {
    return {
      identity: { namespace: namespace ?? '', name, uid: uid === '' ? undefined : uid, resourceVersion },
      keys: indexer.extractKeys(whole),
      secondary: Array.from(indexer.indexes.values(), (extract) => extract(whole)),
      json: JSON.stringify(indexer.filterFields(whole)),
    };
  } catch {
    return undefined;
  }
}

function ownNamed(value: JsonObject, named: JsonObject): JsonObject {
  const proto = Object.getOwnPropertyDescriptor(value, '__proto__');
  return proto === undefined ? named : { ...{ apiVersion: 'v1', kind: 'Secret' }, ...value };
}

function described(entry: Entry<unknown>): unknown {
  const { namespace, name, uid, resourceVersion, keys, secondary = [] } = entry;
  return {
    identity: { namespace, name, uid, resourceVersion },
    keys,
    secondary,
    json: JSON.stringify(entry.glimpse),
  };
}

describe('ObjectScanner', () => {
  it('takes exactly the objects that JSON.parse takes, whatever happened to their bytes', () => {
    const scanner = new ObjectScanner(compileScanPlan([], []));
    fc.assert(
      fc.property(fc.oneof(resource, valueJson(3)), damage, (json, harm) => {
        const bytes = harm(Buffer.from(json));
        const value = parsed(bytes);
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        const start = bytes.toString('latin1').search(/[^ \t\r\n]/);
        const end = scanner.scan(bytes, Math.max(0, start), 512, true);
        const isTaken = end > 0 && /^[ \t\r\n]*$/.test(bytes.toString('latin1', end)) && isUtf8(bytes);
        expect(isTaken).toBe(isObject);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('Packer', () => {
  it.each(INDEXERS)('an entry equals that of the parsed object: %j', (options) => {
    const indexer = createIndexer(options);
    let taken = 0;
    fc.assert(
      fc.property(resource, damage, (json, harm) => {
        const bytes = harm(Buffer.from(json));
        const expected = reference(parsed(bytes), indexer);
        const entry = packed(bytes, indexer);
        if (entry === undefined) return;
        taken++;
        expect(described(entry)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
    // How many of the drawn ones are in order varies from run to run.
    expect(taken).toBeGreaterThan(0);
  });
});

describe('Packer of references', () => {
  it.each(INDEXERS)('an entry equals the reference of the parsed object: %j', (options) => {
    const indexer = createIndexer(options);
    const packer = new Packer(indexer, 'references');
    let taken = 0;
    fc.assert(
      fc.property(resource, damage, (json, harm) => {
        const bytes = harm(Buffer.from(json));
        const entry = packer.pack(bytes, 0, EXPECTED) as Entry<unknown> | undefined;
        if (entry === undefined || !/^[ \t\r\n]*$/.test(bytes.toString('latin1', packer.end))) return;
        taken++;
        // What is only in secondary indexes need not be in order: a reference has none.
        const expected = reference(parsed(bytes), createIndexer({ ...options, indexes: {} }));
        const { namespace, name, uid, resourceVersion, keys } = entry;
        expect({ identity: { namespace, name, uid, resourceVersion }, keys }).toEqual({
          identity: (expected as JsonObject | undefined)?.identity,
          keys: (expected as JsonObject | undefined)?.keys,
        });
        expect([entry.hasResource, entry.secondary]).toEqual([false, undefined]);
        const ref = packer.refOf(bytes, 0, EXPECTED);
        expect(ref).toEqual({ ...entry.ref, keys: [] });
      }),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(0);
  });
});

describe('an entry that was packed', () => {
  const metadata = { name: 'a', namespace: 'n', resourceVersion: '7' };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { list: [{ b: 1 }] } };
  const entry = (): Entry<typeof secret> => {
    const packer = new Packer(createIndexer());
    return packer.pack(Buffer.from(JSON.stringify(secret)), 0, EXPECTED) as Entry<typeof secret>;
  };

  it('is read as the same object every time, frozen to its depth', () => {
    const packedEntry = entry();
    const { resource } = packedEntry;
    expect(resource).toEqual(secret);
    expect(packedEntry.resource).toBe(resource);
    expect(Object.isFrozen(resource.data.list[0])).toBe(true);
    expect(freeze(resource, true)).toBe(resource);
  });

  it('keeps its own bytes, whoever else packs before anybody has read it', () => {
    const objects = Array.from({ length: 30 }, (_, i) => ({
      ...secret,
      metadata: { ...metadata, name: `n${i}`, uid: `u${i}` },
      data: { text: 'x'.repeat(i * 7) },
    }));
    const chunk = Buffer.from(objects.map((object) => JSON.stringify(object)).join('\n'));
    const packers = [
      new Packer(createIndexer()),
      new Packer(createIndexer({ ignoreFields: ['data'] })),
      new Packer(createIndexer({ indexes: { uid: ['metadata.uid'] } })),
    ];
    const at = packers.map(() => 0);
    const entries = objects.map(() =>
      packers.map((packer, i) => {
        const packedEntry = packer.pack<typeof secret>(chunk, at[i] ?? 0, EXPECTED);
        at[i] = packer.end + 1;
        return packedEntry;
      }),
    );
    for (const [i, object] of objects.entries()) {
      const { data, ...rest } = object;
      const [first, ignoring, indexing] = entries[i] ?? [];
      expect([first?.uid, ignoring?.resourceVersion]).toEqual([object.metadata.uid, '7']);
      expect([first?.resource, ignoring?.resource, indexing?.resource]).toEqual([object, rest, object]);
    }
  });

  it("can be edited with Immer's produce, which leaves it alone", () => {
    const { resource } = entry();
    const edited = produce(resource as typeof secret, (draft) => {
      draft.data.list[0] = { b: 2 };
    });
    expect(edited).toEqual({ ...secret, data: { list: [{ b: 2 }] } });
    expect(edited.metadata).toBe(resource.metadata);
    expect(resource).toEqual(secret);
  });

  it('gives a glimpse that it does not keep, until it has been read', () => {
    const packedEntry = entry();
    expect(packedEntry.glimpse).toEqual(secret);
    expect(packedEntry.glimpse).not.toBe(packedEntry.glimpse);
    expect(packedEntry.resource).toBe(packedEntry.glimpse);
  });

  it('can be read after it has been released', () => {
    const packedEntry = entry();
    packedEntry.release();
    expect(packedEntry.resource).toEqual(secret);
  });

  it('shows no more than its reference', () => {
    expect(JSON.parse(JSON.stringify(entry()))).toEqual({ ...metadata, keys: ['n', 'a'] });
  });
});
