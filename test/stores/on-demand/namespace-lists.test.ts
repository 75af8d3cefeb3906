/** Owns what an on-demand store does where many of a namespace are missing: one list, and what a list may not say. */
import { describe, expect, it } from 'vitest';
import { Scene, type SceneOptions, type Secret, secret } from './scene.ts';

const COUNT = 60;

function names(count = COUNT): string[] {
  return Array.from({ length: count }, (_, i) => `s${String(i).padStart(3, '0')}`);
}

/** A store that knows so many at version 10. */
function many(options: SceneOptions = {}, count = COUNT): Scene {
  const scene = new Scene({ lists: true, ...options });
  scene.watch(...names(count).map((name) => ['ADDED', secret(name, '10')] as const));
  return scene;
}

function page(items: readonly Secret[], resourceVersion = '20', token?: string) {
  return { items, resourceVersion, ...(token === undefined ? undefined : { continue: token }) };
}

const all = (): Secret[] => names().map((name) => secret(name, '10'));

/** How many each verb was asked. */
function asked(scene: Scene): Record<string, number> {
  const verbs = Object.groupBy(scene.requests, ({ verb }) => verb);
  return { get: verbs.get?.length ?? 0, list: verbs.list?.length ?? 0 };
}

describe('a look-up that misses many of one namespace', () => {
  it('sends one list, shows and keeps what it brings', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.answer(page(all()));
    expect(got.shown.split(' ')).toHaveLength(COUNT);
    expect([asked(scene), scene.store.cacheSize]).toEqual([{ get: 0, list: 1 }, COUNT]);
    expect(scene.store.cacheStats).toMatchObject({ hits: 0, misses: COUNT, shared: 0 });
    const again = scene.get('shop', 's001');
    await scene.settle();
    expect(again.value).toEqual([secret('s001', '10')]);
    expect(scene.requests).toHaveLength(1);
  });

  it('reads all pages, as long as there are any', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.answer(page(all().slice(0, 30), '20', 'more'));
    expect(scene.only().token).toBe('more');
    // Some clients give no token as an empty one.
    await scene.answer(page(all().slice(30), '21', ''));
    expect(got.shown.split(' ')).toHaveLength(COUNT);
  });

  it('gives up a list that is much longer than what is known, and takes what it has brought', async () => {
    const scene = many();
    const got = scene.get('shop');
    const strangers = Array.from({ length: 740 }, (_, i) => secret(`x${i}`, '10'));
    await scene.answer(page([...all().slice(1), ...strangers], '20', 'more'));
    expect([scene.only().verb, scene.only().name]).toEqual(['get', 's000']);
    await scene.answer(secret('s000', '10'));
    expect(got.shown.split(' ')).toHaveLength(COUNT);
  });

  it('two of them share the list, and count so', async () => {
    const scene = many();
    const two = [scene.get('shop'), scene.get('shop')];
    await scene.answer(page(all()));
    expect(two.map((one) => one.shown.split(' ').length)).toEqual([COUNT, COUNT]);
    expect(scene.requests).toHaveLength(1);
    expect(scene.store.cacheStats).toMatchObject({ misses: COUNT, shared: COUNT });
  });

  it.each([
    ['few are missing', 15, true],
    ['the client cannot list', COUNT, false],
  ])('sends gets if %s', async (_why, count, lists) => {
    const scene = many({ lists }, count);
    scene.get('shop');
    await scene.settle();
    expect(asked(scene)).toEqual({ get: 8, list: 0 });
  });

  it('sends gets if they are a small part of the namespace', async () => {
    const scene = many({ maxCacheSize: 1000 }, 300);
    scene.get('shop');
    await scene.answer(page(names(300).map((name) => secret(name, '10'))));
    scene.watch(...names(60).map((name) => ['MODIFIED', secret(name, '11')] as const));
    scene.get('shop');
    await scene.settle();
    expect(asked(scene)).toEqual({ get: 8, list: 1 });
  });
});

describe('a list is not taken at its word', () => {
  it('an item older than the watch has said is fetched by itself', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.settle();
    scene.watch(['MODIFIED', secret('s007', '30')]);
    await scene.answer(page(all()));
    expect([scene.only().verb, scene.only().name]).toEqual(['get', 's007']);
    await scene.answer(secret('s007', '30'));
    expect(got.shown).toContain('s007@30');
    expect(asked(scene)).toEqual({ get: 1, list: 1 });
  });

  it('what the watch says after its page was read counts all the same', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.answer(page(all().slice(0, 30), '20', 'more'));
    scene.watch(['MODIFIED', secret('s001', '30')], ['DELETED', secret('s002', '31')]);
    await scene.answer(page(all().slice(30)));
    expect(scene.only().name).toBe('s001');
    await scene.answer(secret('s001', '30'));
    expect(got.shown).toContain('s001@30');
    expect(got.shown).not.toContain('s002');
    expect(scene.store.cacheSize).toBe(COUNT - 1);
  });

  it('what it lacks is gone, if it is new enough to know', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.answer(page(all().slice(1)));
    expect(got.shown.split(' ')).toHaveLength(COUNT - 1);
    expect(asked(scene)).toEqual({ get: 0, list: 1 });
  });

  it('what it lacks is fetched by itself, if the watch has told of it since', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.settle();
    scene.watch(['MODIFIED', secret('s000', '30')]);
    await scene.answer(page(all().slice(1)));
    await scene.answer(secret('s000', '30'));
    expect(got.shown).toMatch(/^s000@30 s001@10 /);
  });

  it('what it lacks is fetched by itself, if the reference has no version', async () => {
    const scene = many();
    scene.store.add(undefined, ['shop', 'by-hand']);
    const got = scene.get('shop');
    await scene.answer(page(all()));
    await scene.answer(secret('by-hand', '15'));
    expect(got.shown).toMatch(/^by-hand@15 s000@10 /);
  });

  it('what the watch tells of only after its page was read is fetched by itself', async () => {
    const scene = many();
    const first = scene.get('shop');
    await scene.answer(page([secret('new', '15'), ...all().slice(0, 5)], '20', 'more'));
    scene.watch(['ADDED', secret('new', '15')]);
    const second = scene.get('shop');
    await scene.answer(page(all().slice(5)));
    await scene.answer(secret('new', '15'));
    expect(first.shown).not.toContain('new');
    expect(second.shown).toMatch(/^new@15 s000@10 /);
    expect(asked(scene)).toEqual({ get: 1, list: 2 });
  });

  it('an item of another uid is fetched by itself', async () => {
    const scene = many();
    const got = scene.get('shop');
    await scene.settle();
    scene.watch(['DELETED', secret('s000', '30')], ['ADDED', secret('s000', '31', 'u2')]);
    await scene.answer(page(all()));
    await scene.answer(secret('s000', '31', 'u2'));
    expect(got.shown).toMatch(/^s000@31 s001@10 /);
  });

  it('an item of another namespace is no answer for its name', async () => {
    const scene = many();
    scene.store.add(undefined, ['shop', 'x']);
    const stranger = { metadata: { namespace: 'bank', name: 'x' }, data: { pin: '1' } };
    scene.store.add(undefined, ['bank', 'x']);
    const got = scene.get('shop');
    await scene.answer(page([...all(), stranger]));
    expect(scene.store.cacheSize).toBe(COUNT);
    await scene.answer(undefined);
    expect(got.shown).not.toContain('x@');
  });

  it('items may leave out the namespace that was asked for', async () => {
    const scene = many();
    const items = all().map(({ metadata: { namespace: _, ...metadata }, ...rest }) => ({
      ...rest,
      metadata,
    }));
    const got = scene.get('shop');
    await scene.answer(page(items));
    expect([got.shown.split(' ').length, asked(scene).get]).toEqual([COUNT, 0]);
    scene.get('shop');
    await scene.settle();
    expect(scene.store.cacheStats.hits).toBe(COUNT);
  });

  it('an older item does not take the place of a newer one that a get brought meanwhile', async () => {
    const scene = many();
    const list = scene.get('shop');
    const single = scene.get('shop', 's000');
    await scene.settle();
    const [listing, get] = scene.open;
    get?.answer(secret('s000', '25'));
    await scene.settle();
    listing?.answer(page(all()));
    await scene.settle();
    const later = scene.get('shop', 's000');
    await scene.settle();
    expect([single.shown, later.shown]).toEqual(['s000@25', 's000@25']);
    expect(list.shown).toMatch(/^s000@25 s001@10 /);
  });
});

describe('a list that fails', () => {
  it.each([403, 404, 405])('is replaced by gets, now and from then on: %i', async (code) => {
    const scene = many({ concurrency: 100 });
    const got = scene.get('shop');
    await scene.refuse({ code });
    expect(asked(scene)).toEqual({ get: COUNT, list: 1 });
    for (const request of scene.open) request.answer(secret(request.name, '10'));
    await scene.settle();
    expect(got.shown.split(' ')).toHaveLength(COUNT);
    scene.store.clearCache();
    scene.get('shop');
    await scene.settle();
    expect(asked(scene)).toEqual({ get: 2 * COUNT, list: 1 });
  });

  it('is replaced by gets this time if its next page has expired', async () => {
    const scene = many({ concurrency: 100 });
    scene.get('shop');
    await scene.answer(page(all().slice(0, 30), '20', 'more'));
    await scene.refuse({ code: 410 });
    expect(asked(scene)).toEqual({ get: 30, list: 2 });
    scene.store.clearCache();
    scene.get('shop');
    await scene.settle();
    expect(asked(scene).list).toBe(3);
  });

  it('as everything would fail is not followed by gets', async () => {
    const scene = many();
    const got = scene.get('shop');
    for (const wait of [200, 400, 800, 1600, 0]) {
      await scene.refuse({ code: 'ECONNREFUSED' });
      await scene.clock.advance(wait);
    }
    expect([got.shown, asked(scene)]).toEqual(['UNREACHABLE', { get: 0, list: 5 }]);
    expect(got.error?.message).toMatch(/^get: 1 of 60 .* 59 were not tried/);
    expect(got.error?.retryable).toBe(true);
  });

  it('after tries in vain is followed by gets', async () => {
    const scene = many();
    scene.get('shop');
    for (const wait of [200, 400, 800, 1600, 0]) {
      await scene.refuse({ code: 503 });
      await scene.clock.advance(wait);
    }
    expect(asked(scene)).toEqual({ get: 8, list: 5 });
  });

  it('as the answer is not a list, is followed by gets', async () => {
    const scene = many();
    scene.get('shop');
    await scene.answer({ items: [null], resourceVersion: '1' } as never);
    expect(asked(scene)).toEqual({ get: 8, list: 1 });
  });

  it('is called off when nobody waits any more', async () => {
    const scene = many();
    const leaving = scene.store.fetch$('shop').subscribe();
    await scene.settle();
    leaving.unsubscribe();
    expect([scene.requests[0]?.isAborted, scene.clock.pending]).toEqual([true, 0]);
  });
});
