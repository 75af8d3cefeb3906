import { createHash } from 'node:crypto';
import { diff, type KubernetesObject, type Resource } from '@firn/core';
import { startApiServer } from '@firn/runtime/testing';
import { describe, expect, it } from 'vitest';
import { bookmarkText, configMapText, frameText, openFrames } from './scripted-server.ts';
import { WatchedScript } from './watched-script.ts';

/** Legal JSON that careless programs change: each is the text of a ConfigMap's data. */
const DATA: readonly (readonly [name: string, data: string, other: string])[] = [
  ['a lone high surrogate', '{"x":"a\\ud800z"}', '{"x":"a\\ud801z"}'],
  ['a lone low surrogate', '{"x":"\\udfff"}', '{"x":"\\udffe"}'],
  ['lone surrogates as keys', '{"\\ud800":"1","\\ud801":"2"}', '{"\\ud800":"2","\\ud801":"1"}'],
  ['surrogates in the wrong order', '{"x":"\\udc00\\ud800"}', '{"x":"\\ud800\\udc00"}'],
  ['U+2028 and U+2029 as they are', '{"x":"a\u2028b\u2029c","\u2028":"y"}', '{"x":"a\u2029b\u2028c"}'],
  ['a NUL, a BOM and other controls', '{"x":"\\u0000\\u001b[31m\ufeff\u0085\u007f"}', '{"x":"\\u001b[31m"}'],
  ['escapes that need none', '{"\\u0078":"\\u0041\\/\\u00e4\\ud83d\\ude00"}', '{"x":"A/ä😀!"}'],
  ['line breaks in strings', '{"x":"a\\nb\\r\\nc"}', '{"x":"a\\nb\\nc"}'],
  ['the empty key', '{"":"nothing","x":""}', '{"":"","x":"nothing"}'],
  [
    '__proto__ as a key',
    '{"__proto__":{"polluted":true},"x":"1"}',
    '{"__proto__":{"polluted":false},"x":"1"}',
  ],
  ['__proto__ as text and as null', '{"__proto__":"a","y":{"__proto__":null}}', '{"y":{"__proto__":null}}'],
  ['constructor and prototype', '{"constructor":{"prototype":{"polluted":1}}}', '{"constructor":{}}'],
  ['names of methods', '{"toString":"1","hasOwnProperty":"2","toJSON":"3"}', '{"toString":"1"}'],
  ['keys that look like numbers', '{"1":"a","0":"b","-1":"c","01":"d"}', '{"1":"b","0":"a"}'],
  ['integers beyond 2^53', '{"x":9007199254740993,"y":123456789012345678901234567890}', '{"x":1}'],
  ['numbers at the ends', '{"x":[1e308,5e-324,1e-400,-0,-1.5E+3,0.1]}', '{"x":[1e308]}'],
  ['a member twice', '{"x":"first","x":"last"}', '{"x":"first"}'],
  ['as many levels as may be', `{"x":${'['.repeat(510)}${']'.repeat(510)}}`, '{"x":[]}'],
  ['a string of a megabyte', `{"x":"${'\u2028'.repeat(350_000)}"}`, '{"x":""}'],
];

const END = bookmarkText(20, true);

/** RFC 8785, as somebody else would write it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

function digestOf(texts: readonly string[]): string {
  const sum = texts.reduce((total, text) => {
    const object = JSON.parse(text) as KubernetesObject;
    const keys = [object.metadata?.namespace, object.metadata?.name];
    const hash = createHash('sha256')
      .update(canonical([keys, object]))
      .digest('hex');
    return (total + BigInt(`0x${hash}`)) % 2n ** 256n;
  }, 0n);
  return sum.toString(16).padStart(64, '0');
}

function dataOf(object: Resource<KubernetesObject> | undefined): string {
  return JSON.stringify((object as { data?: unknown } | undefined)?.data);
}

describe.each(DATA)('data with %s', (_, data, other) => {
  const texts = [configMapText('a', 11), configMapText('odd', 12, data)];

  it.each(['list', 'watch-list'] as const)(
    'is handed out exactly, by %s and by a watch',
    async (initialList) => {
      await using shop = await WatchedScript.start({ initialList, names: ['a'] });
      shop.server.keep('odd', texts[1]);
      await shop.synced();
      await shop.connected();
      await shop.agrees();
      expect(shop.store.snapshot.digest()).toBe(digestOf(shop.server.items));
      expect(await shop.store.snapshot.digestAsync()).toBe(digestOf(texts));
      const older = shop.store.snapshot;
      shop.server.write('odd', configMapText('odd', 13, other));
      shop.server.write('odder', configMapText('odder', 14, data));
      await shop.agrees();
      const newer = shop.store.snapshot;
      expect(newer.digest()).toBe(digestOf(shop.server.items));
      expect(newer.digest()).not.toBe(older.digest());
      const changes = [...diff(older, newer)];
      expect(changes.map(({ type, ref }) => [type, ref.name])).toEqual([
        ['modified', 'odd'],
        ['added', 'odder'],
      ]);
      expect(dataOf(changes[0]?.previous)).toBe(JSON.stringify(JSON.parse(data)));
      expect(dataOf(changes[0]?.object)).toBe(JSON.stringify(JSON.parse(other)));
      expect(shop.store.get('shop', 'odder')).toEqual([shop.store.find('shop', 'odder')]);
      expect(Object.isFrozen(shop.store.find('shop', 'odder'))).toBe(true);
      expect({}).not.toHaveProperty('polluted');
      expect(shop.errors).toEqual([]);
      expect(shop.server.asked()).toHaveLength(initialList === 'list' ? 2 : 1);
    },
  );

  it('is the same through a store by calls, and through the embedded server', async () => {
    const object = JSON.parse(configMapText('odd', 0, data)) as KubernetesObject;
    await using server = await startApiServer({ objects: [object] });
    await using shop = await WatchedScript.start({ kubeConfig: () => server.kubeConfig });
    await shop.synced();
    expect(dataOf(shop.store.find('shop', 'odd'))).toBe(JSON.stringify(JSON.parse(data)));
    const own = JSON.parse(configMapText('own', 1, data)) as KubernetesObject;
    shop.store.add(own);
    expect(JSON.stringify(shop.store.find('shop', 'own'))).toBe(JSON.stringify(own));
    expect(Object.isFrozen(own)).toBe(false);
  });
});

describe('numbers beyond every double', () => {
  it('read as JavaScript reads them, and cost neither digest, nor difference, nor JSON', async () => {
    await using shop = await WatchedScript.start({ names: [] });
    shop.server.keep('odd', configMapText('odd', 11, '{"x":1e400,"y":-1e400}'));
    await shop.synced();
    await shop.connected();
    const older = shop.store.snapshot;
    expect(dataOf(shop.store.find('shop', 'odd'))).toBe('{"x":null,"y":null}');
    expect(older.digest()).toBe(digestOf(shop.server.items));
    shop.server.write('odd', configMapText('odd', 12, '{"x":1}'));
    await shop.agrees();
    expect([...diff(older, shop.store.snapshot)].map(({ type }) => type)).toEqual(['modified']);
    expect(shop.store.snapshot.digest()).toBe(digestOf(shop.server.items));
  });
});

describe('odd metadata', () => {
  it('a label named __proto__ or constructor is an index key like any other', async () => {
    const labels = (name: string, version: number, text: string): string =>
      configMapText(name, version).replace('"uid"', `"labels":${text},"uid"`);
    await using shop = await WatchedScript.start({
      names: [],
      indexBy: ["metadata.labels['__proto__']", 'metadata.name'],
      indexes: { made: ['metadata.labels.constructor'] },
    });
    const texts = [
      labels('a', 11, '{"__proto__":"p","constructor":"c"}'),
      labels('b', 12, '{"__proto__":"\\ud800"}'),
    ];
    shop.server.answer('watch-list', openFrames(...texts.map((text) => frameText('ADDED', text)), END), 1);
    await shop.synced();
    expect(shop.store.get('p')).toHaveLength(1);
    expect(shop.store.get('\ud800', 'b')).toHaveLength(1);
    expect(shop.store.get('\ud801')).toEqual([]);
    expect(shop.store.index('made').get('c')).toHaveLength(1);
    expect(shop.holds(texts)).toBe(true);
  });

  it('an index path that only a prototype could satisfy leaves the resource out, and says so', async () => {
    await using shop = await WatchedScript.start({ indexBy: ['metadata.labels.toString'] });
    await shop.synced();
    expect(shop.store.size).toBe(0);
    expect(new Set(shop.codes)).toEqual(new Set(['MISSING_INDEX_KEY']));
  });

  it('names that differ in a lone surrogate only are two resources, in the order of code units', async () => {
    await using shop = await WatchedScript.start({ names: [] });
    const texts = ['\\ud801', '\\ud800', 'a', '\\uffff'].map((name, at) => configMapText(name, 11 + at));
    const frames = texts.map((text) => frameText('ADDED', text));
    shop.server.answer('watch-list', openFrames(...frames, END), 1);
    await shop.synced();
    expect(shop.names).toEqual(['a', '\ud800', '\ud801', '\uffff']);
    expect(shop.holds(texts)).toBe(true);
    expect(shop.store.snapshot.digest()).toBe(digestOf(texts));
  });

  it('a resource version of 128 bits is compared without loss', async () => {
    await using shop = await WatchedScript.start({ names: [] });
    const big = '340282366920938463463374607431768211455';
    await shop.synced();
    await shop.connected();
    const text = (version: string, data: string): string =>
      frameText('MODIFIED', configMapText('a', 0, data).replace('"0"', `"${version}"`));
    const older = `${big.slice(0, -1)}4`;
    shop.server.send(text(big, '{"x":"new"}'), text(older, '{"x":"old"}'), text('99', '{"x":"older"}'));
    await shop.watcher.reached(big);
    expect(dataOf(shop.store.find('shop', 'a'))).toBe('{"x":"new"}');
    expect(shop.store.snapshot.resourceVersion).toBe(big);
  });
});
