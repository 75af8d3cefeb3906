/** Owns the behaviour of reading a snapshot: by keys, by identity, by secondary index, as a whole. */
import { describe, expect, it } from 'vitest';
import { ConfigError, StoreError } from './errors.ts';
import { createIndexer } from './indexer.ts';
import { reduce } from './reduce.ts';
import type { Resource } from './resource.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';
import type { SnapshotOptions } from './snapshot-state.ts';

interface Pod {
  metadata: { namespace?: string; name: string; labels?: Record<string, string> };
  spec?: { hosts?: string[]; rules?: { host?: string; paths?: string[] }[] };
}

function pod(namespace: string, name: string, more: Partial<Pod> = {}): Pod {
  return { ...more, metadata: { namespace, name, ...more.metadata } };
}

/** A snapshot of resources, each filed under the keys given with it. */
function filed(
  options: SnapshotOptions,
  entries: readonly (readonly [Pod, (readonly string[])?])[],
): Snapshot<Pod> {
  return entries.reduce(
    (snapshot, [object, keys]) => reduce(snapshot, { type: 'ADDED', object, ...(keys && { keys }) }).snapshot,
    emptySnapshot<Pod>(options),
  );
}

function names(resources: Iterable<{ readonly metadata: Pod['metadata'] }>): string[] {
  return Array.from(resources, ({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

function caught(run: () => unknown): StoreError {
  try {
    run();
  } catch (error) {
    return error as StoreError;
  }
  throw new Error('nothing was thrown');
}

describe('get', () => {
  const shop = filed({ numKeys: 2 }, [
    [pod('shop', 'b')],
    [pod('shop', 'a')],
    [pod('Shop', 'z')],
    [pod('shop2', 'a')],
    [{ metadata: { name: 'node' } }],
  ]);

  it('finds one resource under all of its keys', () => {
    expect(names(shop.get('shop', 'a'))).toEqual(['shop/a']);
    expect(shop.get('shop', 'c')).toEqual([]);
  });

  it('finds everything that begins with the keys, by namespace and name', () => {
    expect(names(shop.get('shop'))).toEqual(['shop/a', 'shop/b']);
    expect(names(shop.get('shop2'))).toEqual(['shop2/a']);
    expect(shop.get('sho')).toEqual([]);
  });

  it("takes '' as a key: cluster-scoped resources are filed under it", () => {
    expect(shop.get('').map(({ metadata }) => metadata.name)).toEqual(['node']);
    expect(shop.get('', 'node')).toEqual([{ metadata: { name: 'node' } }]);
    expect(shop.get('', '')).toEqual([]);
    const keyed = filed({ numKeys: 2 }, [[pod('a', 'x'), ['', '']]]);
    expect(names(keyed.get('', ''))).toEqual(['a/x']);
    expect(names(keyed.get(''))).toEqual(['a/x']);
  });

  it('gives everything that shares non-unique keys, by namespace and name', () => {
    const shared = filed({ numKeys: 2 }, [
      [pod('b', '1'), ['tls', 'shared']],
      [pod('a', '2'), ['tls', 'shared']],
      [pod('a', '1'), ['tls', 'shared']],
      [pod('a', '3'), ['tls', 'other']],
    ]);
    expect(names(shared.get('tls', 'shared'))).toEqual(['a/1', 'a/2', 'b/1']);
    expect(names(shared.get('tls'))).toEqual(['a/1', 'a/2', 'a/3', 'b/1']);
  });

  it('orders a prefix match by namespace and name, not by the keys that were left out', () => {
    const keyed = filed({ numKeys: 3 }, [
      [pod('c', '1'), ['x', '1', '1']],
      [pod('a', '1'), ['x', '2', '9']],
      [pod('b', '1'), ['x', '2', '0']],
    ]);
    expect(names(keyed.get('x'))).toEqual(['a/1', 'b/1', 'c/1']);
    expect(names(keyed.get('x', '2'))).toEqual(['a/1', 'b/1']);
    expect(names(keyed.get('x', '2', '9'))).toEqual(['a/1']);
  });

  it('treats keys as tuples, not as joined text', () => {
    const tuples = filed({ numKeys: 2 }, [
      [pod('n', '1'), ['a/b', 'c']],
      [pod('n', '2'), ['a', 'b/c']],
      [pod('n', '3'), ['ab', 'c']],
      [pod('n', '4'), ['a', 'bc']],
    ]);
    expect(names(tuples.get('a/b', 'c'))).toEqual(['n/1']);
    expect(names(tuples.get('a', 'b/c'))).toEqual(['n/2']);
    expect(names(tuples.get('a'))).toEqual(['n/2', 'n/4']);
  });

  it('compares by UTF-16 code units, as JavaScript does', () => {
    // As code points, or as a language sorts them, the order would be another.
    const ascending = ['B', 'a', 'ä', '\u{1F600}', '\uFF5E'];
    const byName = filed(
      { numKeys: 2 },
      ascending.toReversed().map((name) => [pod('n', name)] as const),
    );
    expect(byName.get('n').map(({ metadata }) => metadata.name)).toEqual(ascending);
    const byNamespace = filed(
      { numKeys: 2 },
      ascending.toReversed().map((namespace) => [pod(namespace, 'x')] as const),
    );
    expect(byNamespace.list().map(({ metadata }) => metadata.namespace)).toEqual(ascending);
  });

  it('works with any number of keys, also when the first resources were filed by their identity', () => {
    const one = filed({ numKeys: 1 }, [
      [pod('a', '1'), ['x']],
      [pod('b', '1'), ['x']],
    ]);
    expect(names(one.get('x'))).toEqual(['a/1', 'b/1']);
    const mixed = filed({ numKeys: 2 }, [[pod('a', '1')], [pod('a', '2')], [pod('b', '9'), ['a', '1']]]);
    expect(names(mixed.get('a', '1'))).toEqual(['a/1', 'b/9']);
    expect(names(mixed.get('a'))).toEqual(['a/1', 'a/2', 'b/9']);
    expect(mixed.get('b')).toEqual([]);
  });
});

describe('keys that cannot be', () => {
  const two = filed({ numKeys: 2 }, [[pod('a', '1')]]);

  it.each<[string, string[], string]>([
    ['none', [], 'no keys'],
    ['too many', ['a', '1', '2'], 'too many'],
    ['a NUL', ['a\0', '1'], 'NUL'],
    ['a NUL in a prefix', ['\0'], 'NUL'],
    ['undefined', [undefined as never], 'undefined'],
    ['null', ['a', null as never], 'null'],
    ['a number', ['a', 1 as never], 'number'],
    ['a bigint', ['a', 1n as never], 'bigint'],
    ['a symbol', ['a', Symbol('s') as never], 'symbol'],
  ])('%s: get is a StoreError that says so', (_, keys, why) => {
    const error = caught(() => two.get(...keys));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'INVALID_KEYS', operation: 'get', retryable: false });
    expect(error.message).toContain(why);
    expect(error.keys).toEqual(keys.map(String));
  });

  it('are refused by refs and by secondary indexes too', () => {
    expect(caught(() => two.refs('a', 'b', 'c')).code).toBe('INVALID_KEYS');
    expect(caught(() => two.refs('\0')).code).toBe('INVALID_KEYS');
    const indexed = filed({ indexer: createIndexer({ indexes: { host: ['spec.hosts[*]'] } }) }, []);
    expect(caught(() => indexed.index('host').get())).toMatchObject({
      code: 'INVALID_KEYS',
      operation: 'get',
    });
    expect(caught(() => indexed.index('host').get('a', 'b')).code).toBe('INVALID_KEYS');
    expect(caught(() => indexed.index('host').get('a\0')).code).toBe('INVALID_KEYS');
  });
});

describe('a snapshot as a whole', () => {
  const all = filed({ numKeys: 2 }, [[pod('b', '1')], [pod('a', '2')], [pod('a', '1'), ['z', 'z']]]);

  it('lists and iterates by namespace and name, whatever the keys', async () => {
    expect(names(all.list())).toEqual(['a/1', 'a/2', 'b/1']);
    expect(names(all)).toEqual(['a/1', 'a/2', 'b/1']);
    const iterated: Resource<Pod>[] = [];
    for await (const resource of all.iterate()) iterated.push(resource);
    expect(iterated).toEqual(all.list());
    expect(all.size).toBe(3);
  });

  it('lets the event loop take its turn while it is iterated', async () => {
    const many = reduce(emptySnapshot<Pod>({ numKeys: 2 }), {
      type: 'REPLACED',
      objects: Array.from({ length: 1000 }, (_, i) => pod('n', String(i))),
      resourceVersion: '1',
    }).snapshot;
    let turns = 0;
    let running = true;
    const tick = (): void => {
      turns++;
      if (running) setImmediate(tick);
    };
    setImmediate(tick);
    let count = 0;
    for await (const resource of many.iterate()) count += resource.metadata.name === '' ? 0 : 1;
    running = false;
    expect(count).toBe(1000);
    expect(turns).toBeGreaterThan(3);
  });

  it('finds one resource by identity, whatever its keys', () => {
    expect(all.find('a', '1')).toBe(all.get('z', 'z')[0]);
    expect(all.find('z', 'z')).toBeUndefined();
  });

  it('gives references: of the resources under keys, or of all without keys', () => {
    const snapshot = reduce(all, {
      type: 'ADDED',
      object: { metadata: { namespace: 'c', name: '1', uid: 'u', resourceVersion: '7' } } as Pod,
    }).snapshot;
    expect(snapshot.refs()).toEqual([
      { namespace: 'a', name: '1', keys: ['z', 'z'] },
      { namespace: 'a', name: '2', keys: ['a', '2'] },
      { namespace: 'b', name: '1', keys: ['b', '1'] },
      { namespace: 'c', name: '1', uid: 'u', resourceVersion: '7', keys: ['c', '1'] },
    ]);
    expect(snapshot.refs('z').map(({ name }) => name)).toEqual(['1']);
    expect(Object.keys(snapshot.refs('a', '2')[0] ?? {})).toEqual(['namespace', 'name', 'keys']);
  });
});

describe('a secondary index', () => {
  const indexer = createIndexer({
    indexes: { host: ['spec.rules[*].host'], route: ['spec.rules[*].host', 'spec.rules[*].paths[*]'] },
  });
  const snapshot = filed({ indexer }, [
    [
      pod('b', 'both', {
        spec: { rules: [{ host: 'x', paths: ['/', '/p'] }, { host: 'y' }, { host: 'x' }] },
      }),
    ],
    [pod('a', 'x', { spec: { rules: [{ host: 'x', paths: ['/p'] }] } })],
    [pod('a', 'none')],
  ]);

  it('finds resources by each value of a multi-valued path, by namespace and name', () => {
    expect(names(snapshot.index('host').get('x'))).toEqual(['a/x', 'b/both']);
    expect(names(snapshot.index('host').get('y'))).toEqual(['b/both']);
    expect(snapshot.index('host').get('z')).toEqual([]);
  });

  it('gives each resource once for a prefix, however many tuples of it match', () => {
    expect(names(snapshot.index('route').get('x'))).toEqual(['a/x', 'b/both']);
    expect(names(snapshot.index('route').get('x', '/p'))).toEqual(['a/x', 'b/both']);
    expect(names(snapshot.index('route').get('y', '/'))).toEqual(['b/both']);
  });

  it('follows what is modified and deleted, and is filled beside explicit keys', () => {
    const moved = reduce(snapshot, {
      type: 'MODIFIED',
      object: pod('a', 'x', { spec: { rules: [{ host: 'y' }] } }),
      keys: ['own', 'keys'],
    }).snapshot;
    expect(names(moved.index('host').get('x'))).toEqual(['b/both']);
    expect(names(moved.index('host').get('y'))).toEqual(['a/x', 'b/both']);
    const gone = reduce(moved, { type: 'DELETED', object: pod('b', 'both') }).snapshot;
    expect(gone.index('host').get('x')).toEqual([]);
    expect(names(gone.index('host').get('y'))).toEqual(['a/x']);
    expect(names(snapshot.index('host').get('x'))).toEqual(['a/x', 'b/both']);
    expect(reduce(gone, { type: 'CLEARED' }).snapshot.index('host').get('y')).toEqual([]);
  });

  it('that does not exist is a ConfigError with the names there are', () => {
    const unknown = (): unknown => snapshot.index('hots');
    expect(unknown).toThrow(ConfigError);
    expect(unknown).toThrow(/"hots".*host, route/);
    expect(() => snapshot.index('__proto__')).toThrow(ConfigError);
    expect(() => emptySnapshot({ numKeys: 1 }).index('x')).toThrow(/none/);
    expect(caught(unknown).code).toBe('UNKNOWN_INDEX');
  });
});

describe('emptySnapshot', () => {
  it('has nothing, at modCount 0, without a resource version', () => {
    const empty = emptySnapshot<Pod>({ numKeys: 3 });
    expect(empty).toMatchObject({ modCount: 0, size: 0, numKeys: 3 });
    expect(empty.resourceVersion).toBeUndefined();
    expect(empty.list()).toEqual([]);
    expect(empty.refs()).toEqual([]);
    expect(empty.get('a', 'b', 'c')).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['no options at all', undefined],
    ['zero', { numKeys: 0 }],
    ['a fraction', { numKeys: 1.5 }],
    ['NaN', { numKeys: Number.NaN }],
    ['text', { numKeys: '2' }],
    ['an indexer that disagrees', { numKeys: 1, indexer: createIndexer() }],
  ])('refuses %s', (_, options) => {
    const error = caught(() => emptySnapshot(options as SnapshotOptions));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe('INVALID_NUM_KEYS');
  });

  it('takes the number of keys, an indexer, or both if they agree', () => {
    expect(emptySnapshot({ numKeys: 2, indexer: createIndexer() }).numKeys).toBe(2);
    expect(emptySnapshot({ indexer: createIndexer({ indexBy: ['metadata.name'] }) }).numKeys).toBe(1);
  });
});
