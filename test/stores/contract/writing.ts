/** Owns the part of the store contract about writing: what replaces what, and what counts. */
import { createIndexer, type FirnError } from '@firn/core';
import { expect } from 'vitest';
import { type Contract, pod, type Subject, told } from './subject.ts';

const shared = (create: (options: { numKeys: number }) => Subject): Subject => {
  const subject = create({ numKeys: 1 });
  for (const name of ['c', 'a', 'b']) subject.add(pod(`shop/${name}`), 'front');
  subject.add(pod('shop/d'), 'back');
  return subject;
};

export function describeWriting(contract: Contract): void {
  contract('keeps resources apart that share keys, in order', async (create) => {
    expect(await shared(create).paths('front')).toEqual(['shop/a', 'shop/b', 'shop/c']);
  });

  contract(
    'replaces the resource of the same identity, by add as by update, and no other',
    async (create) => {
      const subject = shared(create);
      subject.update(pod('shop/b', {}, 'one'), 'front');
      expect(await subject.store.get('front')).toEqual([
        pod('shop/a'),
        pod('shop/b', {}, 'one'),
        pod('shop/c'),
      ]);
      subject.add(pod('shop/b', {}, 'two'), 'front');
      expect(await subject.store.get('front')).toEqual([
        pod('shop/a'),
        pod('shop/b', {}, 'two'),
        pod('shop/c'),
      ]);
      expect(subject.store.size).toBe(4);
    },
  );

  contract('adds what an update does not find', async (create) => {
    const subject = create();
    subject.update(pod('shop/a'), 'shop', 'a');
    expect(await subject.paths('shop', 'a')).toEqual(['shop/a']);
  });

  contract('moves a resource whose keys change: nothing stays behind', async (create) => {
    const subject = shared(create);
    subject.update(pod('shop/b'), 'back');
    expect(await subject.paths('front')).toEqual(['shop/a', 'shop/c']);
    expect(await subject.paths('back')).toEqual(['shop/b', 'shop/d']);
    expect(subject.store.size).toBe(4);
  });

  contract('deletes everything stored under the keys, and nothing else', async (create) => {
    const subject = shared(create);
    subject.store.delete('front');
    expect(await subject.paths()).toEqual(['shop/d']);
  });

  contract('deletes one resource where its namespace and name are the keys', async (create) => {
    const subject = create();
    for (const path of ['shop/a', 'shop/b', 'other/a']) subject.add(pod(path));
    subject.store.delete('shop', 'a');
    expect(await subject.paths()).toEqual(['other/a', 'shop/b']);
  });

  contract('removes exactly one resource by identity', async (create) => {
    const subject = shared(create);
    subject.store.remove({ namespace: 'shop', name: 'b' });
    expect(await subject.paths('front')).toEqual(['shop/a', 'shop/c']);
    subject.add(pod('/node'), 'front');
    subject.store.remove({ namespace: '', name: 'node' });
    expect(await subject.paths('front')).toEqual(['shop/a', 'shop/c']);
  });

  contract(
    'removes by a DELETED event its resource alone, from the keys it was stored under',
    async (create) => {
      const subject = shared(create);
      subject.apply({ type: 'DELETED', object: pod('shop/b'), keys: ['back'], origin: 'watch' });
      expect(await subject.paths('front')).toEqual(['shop/a', 'shop/c']);
      expect(await subject.paths('back')).toEqual(['shop/d']);
      subject.apply({ type: 'DELETED', object: { namespace: 'shop', name: 'd', keys: [] } });
      expect(await subject.paths('back')).toEqual([]);
    },
  );

  contract('deletes and removes nothing where nothing is, and does not count it', async (create) => {
    const subject = shared(create);
    const before = await subject.state();
    subject.store.delete('missing');
    subject.store.remove({ namespace: 'front', name: 'b' });
    subject.apply({ type: 'DELETED', object: pod('shop/missing') });
    expect(await subject.state()).toEqual(before);
  });

  contract('clears everything', async (create) => {
    const subject = shared(create);
    subject.store.clear();
    expect(await subject.paths()).toEqual([]);
    expect(await subject.paths('front')).toEqual([]);
    expect(await subject.store.find('shop', 'a')).toBeUndefined();
    subject.add(pod('shop/a'), 'front');
    expect(await subject.paths('front')).toEqual(['shop/a']);
  });

  contract('knows its size', async (create) => {
    const subject = shared(create);
    expect(subject.store.size).toBe(4);
    subject.store.delete('front');
    expect(subject.store.size).toBe(1);
    subject.store.clear();
    expect(subject.store.size).toBe(0);
  });

  contract('counts each event that changed contents once, and no other', async (create) => {
    const subject = create();
    const counts: number[] = [];
    const count = (write: () => void): void => {
      const before = subject.store.modCount;
      write();
      counts.push(subject.store.modCount - before);
    };
    count(() => subject.add(pod('shop/a')));
    count(() => subject.add(pod('shop/a')));
    count(() => subject.update(pod('shop/a')));
    count(() => subject.store.delete('shop', 'missing'));
    count(() => subject.apply({ type: 'BOOKMARK', resourceVersion: '9' }));
    count(() =>
      subject.apply({ type: 'REPLACED', objects: [pod('shop/b'), pod('shop/c')], resourceVersion: '10' }),
    );
    count(() => subject.store.delete('shop', 'b'));
    count(() => subject.store.clear());
    count(() => subject.store.clear());
    expect(counts).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 0]);
  });

  contract('applies an array as one batch, in order', async (create) => {
    const subject = create();
    subject.apply(
      { type: 'ADDED', object: pod('shop/a') },
      { type: 'ADDED', object: pod('shop/b') },
      { type: 'MODIFIED', object: pod('shop/a', {}, 'new') },
      { type: 'DELETED', object: pod('shop/b') },
    );
    expect(await subject.store.list()).toEqual([pod('shop/a', {}, 'new')]);
    expect(subject.store.modCount).toBe(4);
    subject.store.apply([]);
    expect(subject.store.modCount).toBe(4);
  });

  contract('rule 19: a list takes the place of everything', async (create) => {
    const subject = create();
    for (const name of ['a', 'b', 'c']) subject.add(pod(`shop/${name}`, { uid: name, resourceVersion: '1' }));
    const seen: string[] = [];
    subject.store.changes$.subscribe((change) =>
      seen.push(`${told(change)} ${change.cause} ${change.modCount}`),
    );
    subject.apply({
      type: 'REPLACED',
      objects: [
        pod('shop/z', { uid: 'z', resourceVersion: '5' }),
        pod('shop/b', { uid: 'b', resourceVersion: '1' }),
        pod('shop/c', { uid: 'c', resourceVersion: '2' }),
      ],
      resourceVersion: '9',
    });
    expect(await subject.paths()).toEqual(['shop/b', 'shop/c', 'shop/z']);
    expect(seen).toEqual(['deleted shop/a initial 4', 'modified shop/c initial 4', 'added shop/z initial 4']);
  });

  contract('rule 20: a new uid under an old name is a delete and an add, counted once', async (create) => {
    const subject = create();
    subject.add(pod('shop/a', { uid: 'old' }));
    const seen: string[] = [];
    subject.store.changes$.subscribe((change) =>
      seen.push(`${told(change)} ${change.ref.uid} ${change.modCount}`),
    );
    subject.add(pod('shop/a', { uid: 'new' }));
    expect(seen).toEqual(['deleted shop/a old 2', 'added shop/a new 2']);
  });

  contract('rule 21: a watch event older than what is stored is ignored, a call never', async (create) => {
    const subject = create();
    const version = (resourceVersion: string) => pod('shop/a', { resourceVersion }, resourceVersion);
    subject.apply({ type: 'ADDED', object: version('10'), origin: 'watch' });
    subject.apply({ type: 'MODIFIED', object: version('9'), origin: 'watch' });
    expect(subject.store.refs('shop', 'a')[0]?.resourceVersion).toBe('10');
    subject.update(version('9'));
    expect(subject.store.refs('shop', 'a')[0]?.resourceVersion).toBe('9');
  });

  contract('copies what it is given: the caller may go on editing', async (create) => {
    const subject = create();
    const given = pod('shop/b', { labels: { app: 'x' } });
    subject.store.add(given, ['shop', 'b']);
    given.metadata.name = 'edited';
    (given.metadata.labels as Record<string, string>).app = 'edited';
    expect(Object.isFrozen(given)).toBe(false);
    expect(subject.store.refs('shop')).toMatchObject([{ name: 'b' }]);
    const lists: [number, string][] = [];
    subject.store.events$.subscribe((shown) => {
      if (shown.type === 'REPLACED') lists.push([[...shown.objects].length, shown.resourceVersion]);
    });
    const objects = [pod('shop/b')];
    const event = { type: 'REPLACED' as const, objects, resourceVersion: '5' };
    subject.apply(event);
    objects.push(pod('shop/c'));
    event.resourceVersion = '6';
    expect(subject.store.size).toBe(1);
    expect(lists).toEqual([[1, '5']]);
  });

  contract(
    'leaves out a resource without index keys, reports it, and drops its older version',
    async (create) => {
      const subject = create({ indexer: createIndexer({ indexBy: ['metadata.labels.app'] }) });
      const errors: FirnError[] = [];
      subject.store.errors$.subscribe((error) => errors.push(error));
      subject.apply({ type: 'ADDED', object: pod('shop/a', { labels: { app: 'x' } }), origin: 'watch' });
      subject.apply({ type: 'MODIFIED', object: pod('shop/a', { labels: {} }), origin: 'watch' });
      expect(await subject.paths()).toEqual([]);
      expect(errors).toMatchObject([{ resourceName: 'a', expression: 'metadata.labels.app' }]);
    },
  );
}
