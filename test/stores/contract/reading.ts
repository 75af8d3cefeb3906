/** Owns the part of the store contract about reading: by keys, by identity, everything. */
import { createIndexer } from '@firn/core';
import { produce } from 'immer';
import { expect } from 'vitest';
import { type Contract, isDeeplyFrozen, type Pod, pod } from './subject.ts';

export function describeReading(contract: Contract): void {
  contract('gives what was added under all of its keys', async (create) => {
    const subject = create();
    subject.add(pod('shop/a', {}, 'nginx'), 'shop', 'a');
    expect(await subject.store.get('shop', 'a')).toEqual([pod('shop/a', {}, 'nginx')]);
    expect(await subject.store.find('shop', 'a')).toEqual(pod('shop/a', {}, 'nginx'));
  });

  contract('gives everything under the first keys, never under a part of a key', async (create) => {
    const subject = create({ numKeys: 3 });
    subject.add(pod('shop/a'), 'x', 'one', '1');
    subject.add(pod('shop/b'), 'x', 'one', '2');
    subject.add(pod('shop/c'), 'x', 'two', '1');
    subject.add(pod('shop/d'), 'xy', 'one', '1');
    expect(await subject.paths('x')).toEqual(['shop/a', 'shop/b', 'shop/c']);
    expect(await subject.paths('x', 'one')).toEqual(['shop/a', 'shop/b']);
    expect(await subject.paths('x', 'one', '2')).toEqual(['shop/b']);
    expect(await subject.paths('x', 'on')).toEqual([]);
  });

  contract('gives an empty result where nothing is, not an error', async (create) => {
    const subject = create();
    subject.add(pod('shop/a'));
    expect(await subject.store.get('shop', 'missing')).toEqual([]);
    expect(await subject.store.get('missing')).toEqual([]);
    expect(await subject.store.find('shop', 'missing')).toBeUndefined();
    expect(subject.store.refs('missing')).toEqual([]);
  });

  contract('orders every result by namespace, then name, by UTF-16 code units', async (create) => {
    const subject = create({ numKeys: 2 });
    // '-' sorts before '/', lower case after upper case, U+FF5E after the surrogates of U+1F600.
    const paths = ['b/a', 'a/z', 'a-b/a', 'a/Z', 'a/\u{ff5e}', 'a/\u{1f600}', 'a/10', 'a/9', '/node'];
    const sorted = ['/node', 'a/10', 'a/9', 'a/Z', 'a/z', 'a/\u{1f600}', 'a/\u{ff5e}', 'a-b/a', 'b/a'];
    for (const [i, path] of paths.entries()) subject.add(pod(path), 'all', i % 2 === 0 ? 'even' : 'odd');
    expect(await subject.paths()).toEqual(sorted);
    expect(await subject.paths('all')).toEqual(sorted);
    expect(await subject.paths('all', 'even')).toEqual(
      sorted.filter((path) => paths.indexOf(path) % 2 === 0),
    );
    expect(subject.store.refs().map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(sorted);
  });

  contract('tells tuples apart that read alike when joined', async (create) => {
    const subject = create();
    subject.add(pod('shop/one'), 'a/b', 'c');
    subject.add(pod('shop/two'), 'a', 'b/c');
    expect(await subject.paths('a/b', 'c')).toEqual(['shop/one']);
    expect(await subject.paths('a', 'b/c')).toEqual(['shop/two']);
    expect(await subject.paths('a')).toEqual(['shop/two']);
    subject.store.delete('a', 'b/c');
    expect(await subject.paths()).toEqual(['shop/one']);
  });

  contract(
    'takes the empty string for a key: cluster-scoped resources have that namespace',
    async (create) => {
      const subject = create();
      subject.add(pod('/node'));
      subject.add(pod('shop/node'));
      expect(await subject.paths('')).toEqual(['/node']);
      expect(await subject.paths('', 'node')).toEqual(['/node']);
      expect(await subject.store.find('', 'node')).toEqual(pod('/node'));
    },
  );

  contract('lists everything', async (create) => {
    const subject = create();
    expect(await subject.store.list()).toEqual([]);
    subject.add(pod('b/1'));
    subject.add(pod('a/1'));
    expect(await subject.store.list()).toEqual([pod('a/1'), pod('b/1')]);
  });

  contract('finds by identity, whatever the keys', async (create) => {
    const subject = create({ numKeys: 1 });
    subject.add(pod('shop/a'), 'front');
    expect(await subject.store.find('shop', 'a')).toEqual(pod('shop/a'));
    expect(await subject.store.find('front', 'a')).toBeUndefined();
  });

  contract('gives references: identity, uid, version and keys, without the resource', async (create) => {
    const subject = create({ numKeys: 1 });
    subject.add(pod('shop/a', { uid: 'u1', resourceVersion: '7' }, 'nginx'), 'front');
    subject.add(pod('/b'), 'back');
    const ref = { namespace: 'shop', name: 'a', uid: 'u1', resourceVersion: '7', keys: ['front'] };
    expect(subject.store.refs('front')).toEqual([ref]);
    expect(subject.store.refs()).toEqual([{ namespace: '', name: 'b', keys: ['back'] }, ref]);
    expect(isDeeplyFrozen(subject.store.refs())).toBe(true);
  });

  contract('hands out what is frozen all the way down', async (create) => {
    const subject = create();
    subject.add({ ...pod('shop/a', { labels: { app: 'x' } }), spec: { ports: [80] } });
    const [found] = await subject.store.get('shop', 'a');
    expect(isDeeplyFrozen(found)).toBe(true);
    expect(() => (found as Pod).spec?.ports?.push(81)).toThrow(TypeError);
    for (const result of [subject.store.get('shop', 'a'), subject.store.get('shop'), subject.store.list()]) {
      expect(Object.isFrozen(await result)).toBe(true);
    }
    expect(isDeeplyFrozen(await subject.store.find('shop', 'a'))).toBe(true);
  });

  contract("can be edited with Immer's produce, which leaves the store alone", async (create) => {
    const subject = create();
    subject.add({ ...pod('shop/a', { labels: { app: 'x' } }), spec: { ports: [80] } });
    const [found] = await subject.store.get('shop', 'a');
    if (found === undefined) throw new Error('nothing was found');
    const edited = produce(found, (draft) => {
      draft.metadata.labels = { app: 'y' };
      draft.spec?.ports?.push(81);
    });
    expect(edited).toEqual({ ...pod('shop/a', { labels: { app: 'y' } }), spec: { ports: [80, 81] } });
    expect(await subject.store.get('shop', 'a')).toEqual([found]);
    subject.update(edited as Pod);
    expect(await subject.store.get('shop', 'a')).toEqual([edited]);
  });

  contract('takes odd text for names, keys and data like any other', async (create) => {
    const odd = [
      '__proto__',
      'constructor',
      '\u2028',
      '\u2029\n',
      '\ud800',
      '\udc00',
      '\ud800\ud800',
      "a'b",
      ' ',
    ];
    const subject = create();
    for (const text of odd) {
      const labels = JSON.parse(`{${JSON.stringify(text)}:${JSON.stringify(text)}}`);
      subject.add(pod(`${text}/${text}`, { labels }), text, text);
    }
    expect(subject.store.size).toBe(odd.length);
    for (const text of odd) {
      const [found, ...others] = await subject.store.get(text, text);
      expect(others).toEqual([]);
      expect(found?.metadata).toMatchObject({ namespace: text, name: text });
      expect(Object.entries(found?.metadata.labels ?? {})).toEqual([[text, text]]);
      expect(await subject.store.find(text, text)).toEqual(found);
      expect(subject.store.refs(text)).toMatchObject([{ namespace: text, name: text, keys: [text, text] }]);
    }
    for (const text of odd) subject.store.remove({ namespace: text, name: text });
    expect(subject.store.size).toBe(0);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  contract('leaves earlier results as they were', async (create) => {
    const subject = create();
    subject.add(pod('shop/a', { resourceVersion: '1' }, 'old'));
    const before = [await subject.store.get('shop', 'a'), await subject.store.get('shop')];
    const all = await subject.store.list();
    subject.update(pod('shop/a', { resourceVersion: '2' }, 'new'));
    subject.add(pod('shop/b'));
    const old = [pod('shop/a', { resourceVersion: '1' }, 'old')];
    expect(before).toEqual([old, old]);
    expect(all).toEqual(old);
    expect(await subject.paths()).toEqual(['shop/a', 'shop/b']);
  });

  contract('takes keys from its indexer and leaves ignored fields out', async (create) => {
    const indexer = createIndexer({
      indexBy: ['metadata.namespace', 'metadata.labels.app'],
      ignoreFields: ['metadata.managedFields'],
    });
    const subject = create({ indexer });
    expect(subject.store.numKeys).toBe(2);
    subject.add(pod('shop/a', { labels: { app: 'front' }, managedFields: [1] }));
    expect(await subject.store.get('shop', 'front')).toEqual([pod('shop/a', { labels: { app: 'front' } })]);
  });

  contract('stores under given keys even beside an indexer', async (create) => {
    const subject = create({ indexer: createIndexer({ indexBy: ['metadata.labels.app'] }) });
    subject.add(pod('shop/a', { labels: { app: 'front' } }), 'back');
    expect(await subject.paths('back')).toEqual(['shop/a']);
    expect(await subject.paths('front')).toEqual([]);
  });
}
