/** Owns how an on-demand store is read: from its cache, by shared requests, so many at once; and how it is made. */
import { ConfigError, createIndexer } from '@firn/core';
import { createFakeClient, createManualClock } from '@firn/runtime/testing';
import { CachedStore, type CachedStoreOptions } from '@firn/stores';
import { describe, expect, it } from 'vitest';
import { cached, known, Outcome, Scene, type SceneOptions, secret } from './scene.ts';

/** A store of which so many are cached. */
async function filled(names: string, options: SceneOptions = {}): Promise<Scene> {
  const scene = new Scene(options);
  for (const name of names) scene.store.add(secret(name, '10'));
  await scene.settle();
  return scene;
}

/** Which of them are read without a request. */
function isCached(scene: Scene, names: string): string {
  return [...names]
    .filter((name) => {
      const { hits } = scene.store.cacheStats;
      scene.store.fetch$('shop', name).subscribe().unsubscribe();
      return scene.store.cacheStats.hits > hits;
    })
    .join('');
}

it('fetches once, then reads from its cache until the time is over', async () => {
  const clock = createManualClock();
  const client = createFakeClient([
    { metadata: { namespace: 'default', name: 'my-secret', resourceVersion: '5' } },
  ]);
  const store = new CachedStore({ numKeys: 2, client, gvr: 'v1/secrets', clock });
  store.add(undefined, ['default', 'my-secret']);
  const [one] = await store.get('default', 'my-secret');
  const [[two], [three]] = await Promise.all([store.get('default'), store.get('default', 'my-secret')]);
  expect(two).toBe(one);
  expect(three).toBe(one);
  expect(client.calls).toHaveLength(1);
  await clock.advance(130_000);
  expect(store.cacheSize).toBe(0);
  await store.get('default', 'my-secret');
  expect(client.calls).toHaveLength(2);
  expect(store.cacheStats).toEqual({ hits: 2, misses: 2, shared: 0, evictions: 0, expirations: 1 });
});

describe('requests', () => {
  it('of the same resource are one, however many wait for it and in whichever way', async () => {
    const scene = known();
    const { store } = scene;
    const all = Array.from({ length: 1000 }, () => scene.get('shop', 'a'));
    all.push(scene.get('shop'), new Outcome(store.find('shop', 'a')), new Outcome(store.list()));
    await scene.answer(secret('a', '10'));
    expect(new Set(all.map((one) => one.shown))).toEqual(new Set(['a@10']));
    expect(scene.requests).toHaveLength(1);
    expect(store.cacheStats).toMatchObject({ hits: 0, misses: 1, shared: 1002 });
  });

  it('are so many at once, those that came first being sent first', async () => {
    const scene = new Scene({ concurrency: 2 });
    scene.watch(...[...'abcdef'].map((name) => ['ADDED', secret(name, '10')] as const));
    const prefix = scene.get('shop');
    const single = scene.get('shop', 'f');
    await scene.settle();
    const sent: string[] = [];
    while (scene.open.length > 0) {
      expect(scene.open.length).toBeLessThanOrEqual(2);
      const [first] = scene.open;
      sent.push(first?.name ?? '');
      first?.answer(secret(first.name, '10'));
      await scene.settle();
    }
    expect(sent).toEqual(['a', 'b', 'f', 'c', 'd', 'e']);
    expect([prefix.shown, single.shown]).toEqual(['a@10 b@10 c@10 d@10 e@10 f@10', 'f@10']);
  });

  it('are not sent where nothing is', async () => {
    const scene = known();
    const all = [scene.get('bank'), scene.get('shop', 'x'), new Outcome(scene.store.find('bank', 'a'))];
    await scene.settle();
    expect(all.map((one) => one.shown)).toEqual(['nothing', 'nothing', 'nothing']);
    expect(scene.requests).toEqual([]);
  });

  it('of fetch$ begin with a subscriber, anew for each one who comes when it is answered', async () => {
    const scene = known();
    const fetch = scene.store.fetch$('shop', 'a');
    await scene.settle();
    expect(scene.requests).toEqual([]);
    const seen: unknown[] = [];
    fetch.subscribe({ next: (found) => seen.push(found), complete: () => seen.push('complete') });
    await scene.answer(secret('a', '10'));
    expect(seen).toEqual([[secret('a', '10')], 'complete']);
    scene.watch(['MODIFIED', secret('a', '11')]);
    fetch.subscribe((found) => seen.push(found));
    await scene.answer(secret('a', '11'));
    expect(seen.slice(2)).toEqual([[secret('a', '11')]]);
  });

  it('reach fetch$ as errors where the keys are wrong or the store is closed', () => {
    const scene = known();
    const codes: string[] = [];
    const note = { error: ({ code }: { code: string }) => codes.push(code) };
    scene.store.fetch$().subscribe(note);
    scene.store.fetch$('a', 'b', 'c').subscribe(note);
    const later = scene.store.fetch$('shop', 'a');
    scene.store.close();
    later.subscribe(note);
    expect(codes).toEqual(['INVALID_KEYS', 'INVALID_KEYS', 'CLOSED']);
  });
});

describe('what is shown', () => {
  it('is frozen, the same object while it is cached, and less the ignored fields', async () => {
    const indexer = createIndexer({ ignoreFields: ['metadata.managedFields', 'data.said'] });
    const scene = known({ indexer });
    const got = scene.get('shop', 'a');
    const { metadata, data } = secret('a', '10');
    const answered = { metadata: { ...metadata, managedFields: [{}] }, data: { ...data, more: '1' } };
    await scene.answer(answered);
    expect(got.value).toEqual([{ metadata, data: { more: '1' } }]);
    expect(Object.isFrozen(got.value)).toBe(true);
    const [first] = got.value as { metadata: object; data: object }[];
    expect([first, first?.metadata, first?.data].every(Object.isFrozen)).toBe(true);
    expect(await scene.store.find('shop', 'a')).toBe(first);
    expect((await scene.store.list())[0]).toBe(first);
    // The client may keep what it gave.
    expect([answered.metadata.managedFields, Object.isFrozen(answered)]).toEqual([[{}], false]);
  });

  it('of a client of classes is plain JSON, dates as text', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    const at = new Date(0);
    await scene.answer({ metadata: { ...secret('a', '10').metadata, creationTimestamp: at } } as never);
    expect(got.value).toMatchObject([{ metadata: { creationTimestamp: '1970-01-01T00:00:00.000Z' } }]);
  });

  it('by list() is everything, with one warning of how much that is', async () => {
    const warnings: unknown[] = [];
    const logger = { warn: (...words: unknown[]) => warnings.push(words) };
    const scene = await filled('ba', { logger });
    const [one, two] = await Promise.all([scene.store.list(), scene.store.list()]);
    expect(one.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(two).toEqual(one);
    expect(warnings).toEqual([
      [{ gvr: 'v1/secrets', count: 2 }, expect.stringMatching(/fetches all 2 resources/)],
    ]);
  });
});

describe('the cache', () => {
  it('lets go of what was not used for longest when there are too many', async () => {
    const scene = await filled('abc', { maxCacheSize: 3 });
    await scene.store.get('shop', 'a');
    scene.store.add(secret('d', '10'));
    expect(isCached(scene, 'abcd')).toBe('acd');
    expect(scene.store.cacheStats).toMatchObject({ evictions: 1, expirations: 0 });
    expect(scene.store.cacheSize).toBe(3);
  });

  it('lets go of them when they are too large together, and never takes what is too large alone', async () => {
    const sized = (name: string, length: number) => ({
      ...secret(name, '10'),
      data: { x: 'x'.repeat(length) },
    });
    const scene = new Scene({ maxCacheBytes: 1000 });
    for (const name of 'abc') scene.store.add(sized(name, 300));
    expect(isCached(scene, 'abc')).toBe('bc');
    expect(scene.store.cacheStats.evictions).toBe(1);
    scene.store.add(sized('b', 2000));
    expect(isCached(scene, 'abc')).toBe('c');
    scene.store.add(sized('d', 2000));
    expect(isCached(scene, 'abcd')).toBe('c');
    scene.store.remove({ namespace: 'shop', name: 'c' });
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([0, 0]);
    expect(scene.store.cacheStats).toMatchObject({ expirations: 0 });
  });

  it('counts from the fetch, however often it is read', async () => {
    const scene = await filled('a', { cacheTtl: '10s' });
    await scene.clock.advance('9s');
    expect(isCached(scene, 'a')).toBe('a');
    await scene.clock.advance('1s');
    expect([scene.store.cacheSize, scene.store.cacheStats.expirations]).toEqual([0, 1]);
  });

  it('counts from the last reading if it is told to', async () => {
    const scene = await filled('ab', { cacheTtl: '10s', updateAgeOnGet: true });
    await scene.clock.advance('9s');
    expect(isCached(scene, 'a')).toBe('a');
    await scene.clock.advance('9s');
    expect(scene.store.cacheSize).toBe(1);
    await scene.clock.advance('1s');
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([0, 0]);
  });

  it('has one timer, however many there are, and none when it is empty', async () => {
    const scene = new Scene({ cacheTtl: '10s' });
    expect(scene.clock.pending).toBe(0);
    for (const name of 'abcdefgh') {
      scene.store.add(secret(name, '10'));
      await scene.clock.advance('1s');
      expect(scene.clock.pending).toBe(1);
    }
    await scene.clock.advance('2s');
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([7, 1]);
    scene.store.clearCache();
    expect([scene.store.cacheSize, scene.clock.pending, scene.store.size]).toEqual([0, 0, 8]);
  });

  it('says how many it drops when it is asked to drop what is over', async () => {
    let now = 0;
    const clock = {
      ...{ now: () => now, monotonic: () => now },
      setTimeout: () => 1,
      clearTimeout: () => undefined,
    };
    const scene = new Scene({ clock, cacheTtl: 10 });
    scene.store.add(secret('a', '10'));
    scene.store.add(secret('b', '10'));
    now = 5;
    scene.store.add(secret('c', '10'));
    now = 10;
    expect([scene.store.evictExpired(), scene.store.cacheSize, scene.store.evictExpired()]).toEqual([
      2, 1, 0,
    ]);
    expect(scene.store.cacheStats.expirations).toBe(2);
  });

  it('shows nothing that is over, though its timer has not fired', () => {
    let now = 0;
    const clock = {
      ...{ now: () => now, monotonic: () => now },
      setTimeout: () => 1,
      clearTimeout: () => undefined,
    };
    const scene = new Scene({ clock, cacheTtl: 10 });
    scene.store.add(secret('a', '10'));
    now = 10;
    expect(isCached(scene, 'a')).toBe('');
    expect(scene.store.cacheStats).toMatchObject({ hits: 0, expirations: 1 });
  });

  it('refuses to be cleared once the store is closed', async () => {
    const scene = await cached();
    scene.store.close();
    expect(() => scene.store.clearCache()).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    expect([scene.store.cacheSize, scene.store.evictExpired(), scene.clock.pending]).toEqual([0, 0, 0]);
  });
});

describe('options', () => {
  const good = { numKeys: 2, client: createFakeClient(), gvr: 'v1/secrets' };

  it.each<[Partial<Record<keyof CachedStoreOptions, unknown>>, string]>([
    [{ cacheTtl: 0 }, 'INVALID_VALUE'],
    [{ cacheTtl: '0s' }, 'INVALID_VALUE'],
    [{ cacheTtl: -1 }, 'INVALID_DURATION'],
    [{ cacheTtl: 'soon' }, 'INVALID_DURATION'],
    [{ fetchTimeout: 0 }, 'INVALID_VALUE'],
    [{ maxCacheSize: 0 }, 'INVALID_VALUE'],
    [{ maxCacheSize: 1.5 }, 'INVALID_VALUE'],
    [{ maxCacheBytes: 0 }, 'INVALID_VALUE'],
    [{ concurrency: 0 }, 'INVALID_VALUE'],
    [{ concurrency: Number.POSITIVE_INFINITY }, 'INVALID_VALUE'],
    [{ client: undefined }, 'NO_CLIENT'],
    [{ client: {} }, 'NO_CLIENT'],
    [{ gvr: 'secrets' }, 'INVALID_GVR'],
    [{ gvr: undefined }, 'INVALID_GVR'],
    [{ numKeys: 0 }, 'INVALID_NUM_KEYS'],
    [{ numKeys: 3, indexer: createIndexer() }, 'INVALID_NUM_KEYS'],
  ])('that make no sense are refused: %j', (wrong, code) => {
    const make = (): unknown => new CachedStore({ ...good, ...wrong } as CachedStoreOptions);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  it('may name the resource type in either form, and the keys by an indexer', () => {
    const gvr = { group: 'apps', version: 'v1', resource: 'deployments' };
    const { client } = good;
    const store = new CachedStore({ client, gvr, indexer: createIndexer({ indexBy: ['metadata.name'] }) });
    expect(store.numKeys).toBe(1);
    store.close();
    store.close();
  });
});
