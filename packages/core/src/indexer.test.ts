/** Owns the behaviour of the indexer: keys, secondary indexes, and what its options must not do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, FieldPathError, IndexError } from './errors.ts';
import { createIndexer } from './indexer.ts';

const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    namespace: 'shop',
    name: 'front',
    generation: 3,
    labels: { 'app.kubernetes.io/name': 'web', "it's": 'quoted' },
    managedFields: [{ manager: 'kubectl' }],
  },
  spec: {
    enabled: false,
    rules: [
      { host: 'a.example', http: { paths: [{ path: '/', port: 80 }, { path: '/x' }] } },
      { host: 'b.example', http: { paths: [{ path: '/', port: 8080 }] } },
      { http: {} },
    ],
  },
};

function caught(run: () => unknown): Error & Record<string, unknown> {
  try {
    run();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}

describe('index keys', () => {
  it('are namespace and name when nothing else is said', () => {
    const indexer = createIndexer();
    expect(indexer.numKeys).toBe(2);
    expect(indexer.isDefaultKeys).toBe(true);
    expect(indexer.expressions).toEqual(['metadata.namespace', 'metadata.name']);
    expect(indexer.extractKeys(ingress)).toEqual(['shop', 'front']);
    expect(Object.isFrozen(indexer.extractKeys(ingress))).toBe(true);
  });

  it('recognises the default keys however the paths are written', () => {
    expect(createIndexer({ indexBy: ['.metadata.namespace', "metadata['name']"] }).isDefaultKeys).toBe(true);
    expect(createIndexer({ indexBy: ['metadata.name', 'metadata.namespace'] }).isDefaultKeys).toBe(false);
    expect(createIndexer({ indexBy: ['metadata.namespace'] }).isDefaultKeys).toBe(false);
  });

  it('keep strings and turn numbers and booleans into their JSON text', () => {
    const { extractKeys } = createIndexer({
      indexBy: [
        'metadata.generation',
        'spec.enabled',
        'spec.rules[0].http.paths[0].port',
        "metadata.labels['it\\'s']",
      ],
    });
    expect(extractKeys(ingress)).toEqual(['3', 'false', '80', 'quoted']);
    const byValue = createIndexer({ indexBy: ['v'] });
    expect([-0, 1e21, 0.1, true, ''].map((v) => byValue.extractKeys({ v })[0])).toEqual([
      '0',
      '1e+21',
      '0.1',
      'true',
      '',
    ]);
  });

  it('are read through quoted keys with dots and slashes', () => {
    const { extractKeys } = createIndexer({ indexBy: ["metadata.labels['app.kubernetes.io/name']"] });
    expect(extractKeys(ingress)).toEqual(['web']);
  });

  it('take a missing or null namespace as empty, in any position', () => {
    const { extractKeys } = createIndexer();
    expect(extractKeys({ metadata: { name: 'node-1' } })).toEqual(['', 'node-1']);
    expect(extractKeys({ metadata: { name: 'node-1', namespace: null } })).toEqual(['', 'node-1']);
    expect(extractKeys({ metadata: { name: 'node-1', namespace: 7 } })).toEqual(['7', 'node-1']);
    const other = createIndexer({ indexBy: ['metadata.name', ".metadata['namespace']"] });
    expect(other.extractKeys({ metadata: { name: 'node-1' } })).toEqual(['node-1', '']);
  });

  it.each([
    ['missing', {}, 'MISSING_INDEX_KEY', 'is missing'],
    ['null', { value: null }, 'INVALID_INDEX_KEY', 'is null'],
    ['an object', { value: {} }, 'INVALID_INDEX_KEY', 'is an object'],
    ['an array', { value: [] }, 'INVALID_INDEX_KEY', 'is an array'],
    ['a string with NUL', { value: 'a\u0000b' }, 'INVALID_INDEX_KEY', 'contains a NUL'],
    ['not JSON', { value: Number.NaN }, 'INVALID_INDEX_KEY', 'is not a JSON value'],
    ['a bigint', { value: 1n }, 'INVALID_INDEX_KEY', 'is not a JSON value'],
  ])('that are %s are an IndexError with resource type, identity and expression', (_, spec, code, why) => {
    const { extractKeys } = createIndexer({ indexBy: ['.spec.value'], gvr: 'example.com/v1/things' });
    const error = caught(() => extractKeys({ metadata: { namespace: 'shop', name: 'front' }, spec }));
    expect(error).toBeInstanceOf(IndexError);
    expect(error).toMatchObject({
      code,
      gvr: 'example.com/v1/things',
      namespace: 'shop',
      resourceName: 'front',
      expression: '.spec.value',
    });
    expect(error.message).toContain(why);
    expect(error.message).toContain('"shop/front" of example.com/v1/things');
  });

  it.each([
    undefined,
    null,
    'text',
    5,
    [],
    {},
    { metadata: null },
    { metadata: 'x' },
    { metadata: [] },
    { metadata: {} },
  ])('cannot be read from %j', (object) => {
    expect(caught(() => createIndexer().extractKeys(object))).toMatchObject({
      code: 'MISSING_INDEX_KEY',
      expression: 'metadata.name',
      gvr: undefined,
    });
  });

  it('report a NUL in namespace or name too', () => {
    const { extractKeys } = createIndexer();
    expect(caught(() => extractKeys({ metadata: { namespace: '\u0000', name: 'a' } }))).toMatchObject({
      code: 'INVALID_INDEX_KEY',
      expression: 'metadata.namespace',
    });
    expect(caught(() => extractKeys({ metadata: { name: 'a\u0000' } })).expression).toBe('metadata.name');
  });

  it('are own data: what a prototype has is missing', () => {
    for (const path of ['constructor', '__proto__', 'toString', 'constructor.name', 'metadata.__proto__.x'])
      expect(caught(() => createIndexer({ indexBy: [path] }).extractKeys({ metadata: {} })).code).toBe(
        'MISSING_INDEX_KEY',
      );
    const own = JSON.parse('{"__proto__":{"constructor":"mine"}}');
    expect(createIndexer({ indexBy: ['__proto__.constructor'] }).extractKeys(own)).toEqual(['mine']);
  });

  it('keep errors short, however long the names of a broken resource are', () => {
    const name = 'x'.repeat(100_000);
    const error = caught(() => createIndexer({ indexBy: ['spec.a'] }).extractKeys({ metadata: { name } }));
    expect(error.message.length).toBeLessThan(600);
    expect((error.resourceName as string).length).toBeLessThan(300);
  });
});

describe('secondary indexes', () => {
  const indexer = createIndexer({
    indexes: {
      byHost: ['spec.rules[*].host'],
      byPort: ['metadata.namespace', 'spec.rules[*].http.paths[*].port'],
      crossed: ['spec.rules[*].host', 'spec.rules[*].http.paths[*].path'],
      byKind: ['kind'],
      byRules: ['spec.rules'],
    },
  });
  const keys = (name: string, object: unknown) => indexer.indexes.get(name)?.(object);

  it('hold every element once', () => {
    expect([...indexer.indexes.keys()]).toEqual(['byHost', 'byPort', 'crossed', 'byKind', 'byRules']);
    expect(keys('byHost', ingress)).toEqual([['a.example'], ['b.example']]);
    expect(keys('byHost', { spec: { rules: [{ host: 'x' }, { host: 'y' }, { host: 'x' }] } })).toEqual([
      ['x'],
      ['y'],
    ]);
    expect(keys('byKind', ingress)).toEqual([['Ingress']]);
  });

  it('combine every value of one path with every value of the others', () => {
    expect(keys('byPort', ingress)).toEqual([
      ['shop', '80'],
      ['shop', '8080'],
    ]);
    expect(keys('crossed', ingress)).toEqual([
      ['a.example', '/'],
      ['a.example', '/x'],
      ['b.example', '/'],
      ['b.example', '/x'],
    ]);
  });

  it('leave out a resource that lacks a value, or has none that can be a key', () => {
    expect(keys('byHost', { spec: { rules: [] } })).toEqual([]);
    expect(keys('byHost', { spec: { rules: { host: 'x' } } })).toEqual([]);
    expect(keys('byHost', { spec: { rules: [{ host: null }, { host: {} }, { host: 'a\u0000' }] } })).toEqual(
      [],
    );
    expect(keys('crossed', { spec: { rules: [{ host: 'x' }] } })).toEqual([]);
    expect(keys('byRules', ingress)).toEqual([]);
    expect(keys('byKind', undefined)).toEqual([]);
  });

  it('take a missing or null namespace as empty', () => {
    const spec = { rules: [{ http: { paths: [{ port: 1 }] } }] };
    expect(keys('byPort', { metadata: { namespace: null }, spec })).toEqual([['', '1']]);
    expect(keys('byPort', { metadata: { namespace: {} }, spec })).toEqual([]);
    expect(keys('byPort', { spec: { rules: [{ http: { paths: [{ port: 1 }] } }] } })).toEqual([['', '1']]);
  });

  it('hand out frozen tuples', () => {
    expect(Object.isFrozen(keys('byHost', ingress))).toBe(true);
    expect(Object.isFrozen(keys('byHost', ingress)?.[0])).toBe(true);
  });

  it('refuse a resource whose combinations explode, but not one with many elements', () => {
    const many = (count: number) => ({
      metadata: { name: 'big' },
      spec: {
        rules: Array.from({ length: count }, (_, i) => ({
          host: `h${i}`,
          http: { paths: [{ path: `/${i}` }] },
        })),
      },
    });
    expect(keys('crossed', many(100))).toHaveLength(10_000);
    expect(caught(() => keys('crossed', many(101)))).toMatchObject({
      code: 'TOO_MANY_INDEX_KEYS',
      resourceName: 'big',
      expression: 'spec.rules[*].http.paths[*].path',
    });
    expect(keys('byHost', many(20_000))).toHaveLength(20_000);
  });

  it('property: equal the deduplicated cross product of what each path gives', () => {
    const two = createIndexer({ indexes: { both: ['a[*]', 'b[*].c'] } });
    const scalar = fc.oneof(
      fc.string({ maxLength: 2 }),
      fc.integer({ max: 3, min: 0 }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(scalar), fc.array(fc.record({ c: scalar }, { requiredKeys: [] })), (a, b) => {
        const texts = (values: unknown[]) => [
          ...new Set(
            values.flatMap((v) =>
              v === null || v === undefined || (typeof v === 'string' && v.includes('\0')) ? [] : [String(v)],
            ),
          ),
        ];
        const right = texts(b.map((element) => element.c));
        const expected = texts(a).flatMap((one) => right.map((other) => [one, other]));
        expect(two.indexes.get('both')?.({ a, b })).toEqual(expected);
      }),
    );
  });
});

describe('options of an indexer', () => {
  it.each<[string, unknown]>([
    ['options that are null', null],
    ['options that are an array', []],
    ['indexBy that is text', { indexBy: 'metadata.name' }],
    ['indexBy that is null', { indexBy: null }],
    ['an empty indexBy', { indexBy: [] }],
    ['a number in indexBy', { indexBy: [5] }],
    ['a hole in indexBy', { indexBy: new Array(1) }],
    ['[*] in indexBy', { indexBy: ['metadata.namespace', 'spec.rules[*].host'] }],
    ['ignoreFields that is text', { ignoreFields: 'status' }],
    ['null in ignoreFields', { ignoreFields: [null] }],
    ['indexes that is an array', { indexes: ['spec.host'] }],
    ['indexes that is null', { indexes: null }],
    ['an index that is text', { indexes: { byHost: 'spec.host' } }],
    ['an index without paths', { indexes: { byHost: [] } }],
    ['an index without a name', { indexes: { '': ['spec.host'] } }],
    ['a gvr that is a number', { gvr: 5 }],
    ['a gvr without a version', { gvr: { group: '', resource: 'pods' } }],
  ])('%s is a ConfigError', (_, options) => {
    const error = caught(() => createIndexer(options as Parameters<typeof createIndexer>[0]));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe('INVALID_INDEXER_OPTION');
  });

  it('name the option that contains a path which cannot be parsed', () => {
    const error = caught(() => createIndexer({ indexes: { byHost: ['spec.host', 'spec..tls'] } }));
    expect(error).toBeInstanceOf(FieldPathError);
    expect(error).toMatchObject({ expression: 'spec..tls', position: 4, code: 'INVALID_FIELD_PATH' });
    expect(error.message).toMatch(/^indexes\["byHost"\]\[1\]: /);
  });

  it('take undefined as left out', () => {
    const indexer = createIndexer({
      indexBy: undefined,
      ignoreFields: undefined,
      indexes: undefined,
      gvr: undefined,
    });
    expect(indexer.isDefaultKeys).toBe(true);
    expect(indexer.indexes.size).toBe(0);
  });

  it('take a resource type as text or parsed', () => {
    for (const gvr of ['v1/pods', { group: '', version: 'v1', resource: 'pods' }])
      expect(caught(() => createIndexer({ gvr }).extractKeys({})).gvr).toBe('v1/pods');
  });

  it.each([
    ['metadata', 'metadata.name'],
    ['metadata.name', 'metadata.name'],
    ['.metadata["namespace"]', 'metadata.namespace'],
    ['metadata.uid', 'metadata.uid'],
    ['metadata.uid.x', 'metadata.uid'],
    ['metadata.resourceVersion', 'metadata.resourceVersion'],
    ['kind', 'kind'],
    ['apiVersion', 'apiVersion'],
    ['spec', 'spec.list[1].key'],
    ['spec.list', 'spec.list[1].key'],
    ['spec.list[*]', 'spec.list[1].key'],
    ['spec.list[1]', 'spec.list[1].key'],
    ['spec.list[0]', 'spec.list[1].key'],
    ['spec.list[*].key', 'spec.list[1].key'],
    ['spec.list[1].key', 'spec.list[1].key'],
    ['spec.list[1].key.deeper', 'spec.list[1].key'],
    ['spec.tags[3].name', 'spec.tags[*].name'],
    ['spec.tags[0]', 'spec.tags[*].name'],
  ])('ignoring %s is a ConfigError because of %s', (ignored, needed) => {
    const error = caught(() =>
      createIndexer({
        indexBy: ['spec.list[1].key'],
        indexes: { byTag: ['spec.tags[*].name'] },
        ignoreFields: ['status', ignored],
      }),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe('NEEDED_FIELD_IGNORED');
    expect(error.message).toContain(JSON.stringify(ignored));
    expect(error.message).toContain(JSON.stringify(needed));
  });

  it.each([
    'metadata.labels',
    'metadata.names',
    'spec.list[0].key',
    'spec.list[2]',
    'spec.list[*].other',
    'spec.tags.name',
    'status',
  ])('ignoring %s beside them is fine', (ignored) => {
    const options = { indexBy: ['spec.list[1].key'], indexes: { byTag: ['spec.tags[*].name'] } };
    expect(createIndexer({ ...options, ignoreFields: [ignored] }).numKeys).toBe(1);
  });
});

describe('process', () => {
  it('gives the filtered resource and its keys, and leaves the object alone', () => {
    const before = structuredClone(ingress);
    const { resource, keys } = createIndexer({ ignoreFields: ['metadata.managedFields'] }).process(ingress);
    const { managedFields: _, ...metadata } = ingress.metadata;
    expect(resource).toEqual({ ...ingress, metadata });
    expect(resource.spec).toBe(ingress.spec);
    expect(keys).toEqual(['shop', 'front']);
    expect(ingress).toEqual(before);
  });

  it('gives the object itself where nothing is ignored', () => {
    expect(createIndexer().process(ingress).resource).toBe(ingress);
  });

  it('throws before it filters', () => {
    expect(caught(() => createIndexer().process({}))).toBeInstanceOf(IndexError);
  });
});
