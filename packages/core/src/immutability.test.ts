/** Owns the contract of what goes in and out: copied as JSON, deeply frozen, read late, shown as references only. */
import { inspect } from 'node:util';
import { current, freeze, isDraft, produce } from 'immer';
import { describe, expect, it, vi } from 'vitest';
import { diff } from './diff.ts';
import type { Entry } from './entry.ts';
import { StoreError } from './errors.ts';
import { copyAsJson, MAX_NESTING } from './json-copy.ts';
import { ParsedEntry } from './parsed-entry.ts';
import { reduce } from './reduce.ts';
import type { Resource } from './resource.ts';
import type { ResourceRef } from './resource-ref.ts';
import { emptySnapshot, type Snapshot } from './snapshot.ts';

interface Secret {
  metadata: { namespace: string; name: string; labels?: Record<string, string>; creationTimestamp?: Date };
  data?: unknown;
}

function secret(name: string, data?: unknown): Secret {
  return { metadata: { namespace: 'shop', name }, data };
}

function stored(object: unknown): Snapshot<Secret> {
  return reduce(emptySnapshot<Secret>({ numKeys: 2 }), { type: 'ADDED', object: object as Secret }).snapshot;
}

function only(snapshot: Snapshot<Secret>): Resource<Secret> {
  return snapshot.list()[0]!;
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    Object.isFrozen(value) && Reflect.ownKeys(value).every((key) => isDeeplyFrozen(Reflect.get(value, key)))
  );
}

/** An entry whose resource counts how often it is built. */
function late(name: string): { entry: Entry<Secret>; materialise: ReturnType<typeof vi.fn<() => Secret>> } {
  const materialise = vi.fn(() => secret(name, { token: 'hidden-content' }));
  const entry = new ParsedEntry<Secret>({
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    resourceVersion: '5',
    keys: Object.freeze(['shop', name]),
    secondary: undefined,
    source: { materialise },
  });
  return { entry, materialise };
}

function withEntry(snapshot: Snapshot<Secret>, entry: Entry<Secret>, keys?: string[]) {
  return reduce(snapshot, {
    type: 'ADDED',
    object: entry as Entry<Secret> & ResourceRef,
    ...(keys && { keys }),
  });
}

describe('what is handed out', () => {
  const snapshot = stored(secret('tls', { list: [{ deep: 1 }], empty: {} }));

  it('is deeply frozen: resources, result arrays, references and their keys', () => {
    expect(isDeeplyFrozen(snapshot.list())).toBe(true);
    expect(isDeeplyFrozen(snapshot.get('shop'))).toBe(true);
    expect(isDeeplyFrozen(snapshot.get('nothing'))).toBe(true);
    expect(isDeeplyFrozen(snapshot.refs())).toBe(true);
    expect(isDeeplyFrozen([...snapshot].map((resource) => Object.freeze(resource)))).toBe(false);
    for (const resource of snapshot) expect(isDeeplyFrozen(resource)).toBe(true);
  });

  it('throws when it is written to', () => {
    const resource = only(snapshot) as unknown as Secret & { data: { list: { deep: number }[] } };
    expect(() => {
      resource.metadata.name = 'other';
    }).toThrow(TypeError);
    expect(() => {
      (resource.data.list[0] as { deep: number }).deep = 2;
    }).toThrow(TypeError);
    expect(() => (snapshot.list() as unknown[]).push(1)).toThrow(TypeError);
    expect(() => (snapshot.refs()[0]!.keys as string[]).push('x')).toThrow(TypeError);
    expect(() => Object.assign(snapshot, { modCount: 9 })).toThrow(TypeError);
    expect(resource.metadata.name).toBe('tls');
  });

  it('includes changes and what reduce returns', () => {
    const reduction = reduce(snapshot, { type: 'DELETED', object: secret('tls') });
    expect(Object.isFrozen(reduction)).toBe(true);
    expect(Object.isFrozen(reduction.changes)).toBe(true);
    expect(reduction.changes).toBe(reduction.changes);
    expect(Object.isFrozen(reduction.errors)).toBe(true);
    expect(Object.isFrozen(reduction.changes[0])).toBe(true);
    expect(isDeeplyFrozen(reduction.changes[0]?.ref)).toBe(true);
  });

  it('is the same object on every read, in every snapshot that holds this version', () => {
    const next = reduce(snapshot, { type: 'ADDED', object: secret('other') }).snapshot;
    expect(only(snapshot)).toBe(only(snapshot));
    expect(next.find('shop', 'tls')).toBe(only(snapshot));
    expect(next.get('shop', 'tls')[0]).toBe(only(snapshot));
  });

  it("can be edited with Immer's produce, which leaves the stored object alone", () => {
    const resource = only(stored({ ...secret('tls', { list: [{ deep: 1 }] }) }));
    const edited = produce(resource, (draft) => {
      draft.metadata.labels = { app: 'web' };
      (draft.data as { list: { deep: number }[] }).list[0]!.deep = 2;
    });
    expect(edited).not.toBe(resource);
    expect(edited).toMatchObject({
      metadata: { name: 'tls', labels: { app: 'web' } },
      data: { list: [{ deep: 2 }] },
    });
    expect(resource).toEqual(secret('tls', { list: [{ deep: 1 }] }));
    expect(produce(resource, () => {})).toBe(resource);
  });
});

describe("the caller's object", () => {
  it('is never touched: not frozen, not kept', () => {
    const mine = secret('tls', { list: [1] });
    const keys = ['a', 'b'];
    const { snapshot } = reduce(emptySnapshot<Secret>({ numKeys: 2 }), { type: 'ADDED', object: mine, keys });
    expect(Object.isFrozen(mine)).toBe(false);
    expect(Object.isFrozen(mine.metadata)).toBe(false);
    (mine.data as { list: number[] }).list.push(2);
    mine.metadata.name = 'changed';
    keys[0] = 'changed';
    expect(only(snapshot)).toEqual(secret('tls', { list: [1] }));
    expect(snapshot.refs()[0]?.keys).toEqual(['a', 'b']);
  });

  it('may be a whole list of objects, of which none is touched', () => {
    const mine = [secret('a', { x: [1] }), secret('b')];
    const { snapshot } = reduce(emptySnapshot<Secret>({ numKeys: 2 }), {
      type: 'REPLACED',
      objects: mine,
      resourceVersion: '1',
    });
    (mine[0]!.data as { x: number[] }).x.push(2);
    expect(snapshot.find('shop', 'a')).toEqual(secret('a', { x: [1] }));
    expect(Object.isFrozen(mine[1])).toBe(false);
  });

  it('may be frozen, or an Immer draft', () => {
    const frozen = Object.freeze({
      metadata: Object.freeze({ namespace: 'shop', name: 'f' }),
      data: { a: [1] },
    });
    expect(isDeeplyFrozen(only(stored(frozen)))).toBe(true);
    expect(Object.isFrozen(frozen.data)).toBe(false);
    produce(secret('d', { n: 1 }), (draft) => {
      const resource = only(stored(draft));
      expect(isDraft(resource)).toBe(false);
      expect(resource).toEqual(current(draft));
    });
  });

  it('is copied as JSON would copy it', () => {
    class Meta {
      readonly namespace = 'shop';
      readonly name = 'tls';
      readonly creationTimestamp = new Date(0);
      hidden = undefined;
      method(): string {
        return this.name;
      }
    }
    class Thing {
      metadata = new Meta();
      data = { nan: Number.NaN, gap: [undefined], nothing: undefined, map: new Map([[1, 2]]), minus: -0 };
      #secret = 1;
      get secret(): number {
        return this.#secret;
      }
    }
    const resource = only(stored(new Thing()));
    expect(resource).toStrictEqual({
      metadata: { namespace: 'shop', name: 'tls', creationTimestamp: '1970-01-01T00:00:00.000Z' },
      data: { nan: null, gap: [null], map: {}, minus: 0 },
    });
    expect(Object.getPrototypeOf(resource)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(resource.metadata)).toBe(Object.prototype);
  });

  it('is filed by what its copy says, so that it is found again whatever its toJSON does', () => {
    const wrapper = { metadata: { namespace: 'x', name: 'x' }, toJSON: () => secret('real') };
    const snapshot = reduce(stored(secret('real', 1)), {
      type: 'MODIFIED',
      object: wrapper as never,
    }).snapshot;
    expect(snapshot.refs()).toEqual([{ namespace: 'shop', name: 'real', keys: ['shop', 'real'] }]);
    expect(stored({ toJSON: () => secret('only') }).find('shop', 'only')).toEqual(secret('only'));
    const listed = reduce(stored(secret('real', 1)), {
      type: 'REPLACED',
      objects: [secret('real'), wrapper as never],
      resourceVersion: '1',
    }).snapshot;
    expect(listed.size).toBe(1);
  });
});

describe('unusual data', () => {
  it('called __proto__, constructor or toString is data', () => {
    const json =
      '{"metadata":{"namespace":"shop","name":"odd"},"__proto__":{"polluted":1},"constructor":null,"toString":"x","data":{"__proto__":[1],"hasOwnProperty":0}}';
    const resource = only(stored(JSON.parse(json)));
    expect(JSON.stringify(resource)).toBe(json);
    expect(Object.getPrototypeOf(resource)).toBe(Object.prototype);
    expect(isDeeplyFrozen(resource)).toBe(true);
    expect('polluted' in {}).toBe(false);
    const edited = produce(resource, (draft) => {
      draft.metadata.name = 'edited';
    });
    expect(JSON.stringify(edited)).toBe(json.replace('"odd"', '"edited"'));
  });

  it('called __proto__ may be identity and key', () => {
    const { snapshot } = reduce(emptySnapshot<Secret>({ numKeys: 2 }), {
      type: 'ADDED',
      object: { metadata: { namespace: '__proto__', name: 'constructor' } },
    });
    expect(snapshot.get('__proto__')).toHaveLength(1);
    expect(snapshot.get('constructor')).toEqual([]);
  });

  function nested(levels: number): unknown {
    let value: unknown = {};
    for (let i = 1; i < levels; i++) value = i % 2 === 0 ? { value } : [value];
    return value;
  }

  it(`may be nested ${MAX_NESTING} levels deep and no deeper`, () => {
    // The resource is the first level.
    expect(isDeeplyFrozen(only(stored(secret('deep', nested(MAX_NESTING - 1)))))).toBe(true);
    for (const levels of [MAX_NESTING, 100_000]) {
      const deeper = (): unknown => stored(secret('deeper', nested(levels)));
      expect(deeper).toThrow(StoreError);
      expect(deeper).toThrow(expect.objectContaining({ code: 'INVALID_OBJECT', operation: 'apply' }));
    }
    expect(() => copyAsJson('[{"'.repeat(1000))).not.toThrow();
    expect(copyAsJson({ '{[': '"]}\\' })).toEqual({ '{[': '"]}\\' });
  });

  it('with lone surrogates stays as it is', () => {
    const resource = only(stored(secret('s', { '\ud800': 'a\udc00b' })));
    expect(resource.data).toEqual({ '\ud800': 'a\udc00b' });
  });

  it('with integers beyond 2^53 reads as the nearest double', () => {
    const parsed = JSON.parse('{"metadata":{"namespace":"shop","name":"big"},"data":9007199254740993}');
    expect(only(stored(parsed)).data).toBe(9007199254740992);
  });

  it.each<[string, () => unknown]>([
    ['a bigint', () => ({ a: 1n })],
    ['a cycle', () => Object.assign({}, { self: [] as unknown[] })],
  ])('with %s cannot be stored', (name, data) => {
    const value = data() as { self?: unknown[] };
    if (name === 'a cycle') value.self?.push(value);
    expect(() => stored(secret('bad', value))).toThrow(
      expect.objectContaining({ code: 'INVALID_OBJECT', operation: 'apply' }),
    );
  });
});

describe('a resource that is read late', () => {
  it('is built when it is first read, once, and frozen', () => {
    const { entry, materialise } = late('tls');
    const { snapshot, changes } = withEntry(emptySnapshot({ numKeys: 2 }), entry);
    expect(materialise).not.toHaveBeenCalled();
    const resource = only(snapshot);
    expect(isDeeplyFrozen(resource)).toBe(true);
    expect(only(snapshot)).toBe(resource);
    expect(changes[0]?.object).toBe(resource);
    expect(materialise).toHaveBeenCalledTimes(1);
  });

  it('is not built by sizes, references, diffs, events around it, or by looking at anything', () => {
    const { entry, materialise } = late('tls');
    const first = withEntry(emptySnapshot<Secret>({ numKeys: 2 }), entry);
    const next = reduce(first.snapshot, { type: 'ADDED', object: secret('other') }).snapshot;
    const deletion = reduce(next, { type: 'DELETED', object: { ...entry.ref }, origin: 'watch' });
    const seen = [
      entry,
      first.snapshot,
      first.changes,
      first,
      deletion.changes[0],
      [...diff(next, deletion.snapshot)],
    ];
    const shown = seen.map((value) =>
      [
        JSON.stringify(value),
        inspect(value, { depth: 20, showHidden: true, getters: true }),
        inspect(value, { depth: 20, showHidden: true, customInspect: false }),
        String(value),
      ].join(),
    );
    const kept = produce({ seen: [] as unknown[] }, (draft) => void draft.seen.push(...seen));
    expect(kept.seen.every((value, at) => value === seen[at])).toBe(true);
    freeze({ seen: [...seen] }, true);
    expect(first.snapshot.refs('shop')).toHaveLength(1);
    expect(first.snapshot.size + deletion.snapshot.size).toBe(2);
    expect(entry.hasResource).toBe(true);
    expect([entry, first.snapshot, first.changes[0]].every(Object.isFrozen)).toBe(true);
    expect(shown.join()).not.toContain('hidden-content');
    expect(shown[0]).toContain('uid-tls');
    expect(materialise).not.toHaveBeenCalled();
  });

  it('keeps its object when it moves to other keys', () => {
    const { entry, materialise } = late('tls');
    const first = withEntry(emptySnapshot({ numKeys: 2 }), entry).snapshot;
    const moved = withEntry(first, entry, ['other', 'keys']).snapshot;
    expect(moved.get('shop')).toEqual([]);
    expect(moved.get('other', 'keys')[0]).toBe(only(first));
    expect(materialise).toHaveBeenCalledTimes(1);
  });

  it('shows references only: an entry, a change, a snapshot', () => {
    const { entry } = late('tls');
    const { snapshot, changes } = withEntry(emptySnapshot({ numKeys: 2 }), entry);
    const ref = {
      namespace: 'shop',
      name: 'tls',
      uid: 'uid-tls',
      resourceVersion: '5',
      keys: ['shop', 'tls'],
    };
    expect(JSON.parse(JSON.stringify(entry))).toEqual(ref);
    expect(JSON.parse(JSON.stringify(changes))).toEqual([
      { type: 'added', ref, cause: 'call', modCount: 1, resourceVersion: '5' },
    ]);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual({ modCount: 1, size: 1, numKeys: 2 });
    expect(inspect(snapshot)).toBe('{ modCount: 1, resourceVersion: undefined, size: 1, numKeys: 2 }');
  });
});

describe('a mere reference', () => {
  it('can be stored and listed, but reading its resource is a StoreError that says what to do', () => {
    const ref = { namespace: 'shop', name: 'tls', keys: ['its own', 'keys'] };
    const { snapshot, changes } = reduce(emptySnapshot<Secret>({ numKeys: 2 }), {
      type: 'ADDED',
      object: ref,
    });
    expect(snapshot.refs()).toEqual([ref]);
    for (const read of [
      () => snapshot.list(),
      () => changes[0]?.object,
      () => snapshot.find('shop', 'tls'),
    ]) {
      expect(read).toThrow(
        expect.objectContaining({ code: 'NO_RESOURCE', operation: 'get', keys: ref.keys }),
      );
    }
    expect(JSON.parse(JSON.stringify(changes[0]))).toMatchObject({ type: 'added', ref });
  });
});
