/** Owns what becomes of fetches that fail: which are repeated and when, and what their errors say. */
import { inspect } from 'node:util';
import { StoreError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { known, Outcome, Scene, type SceneOptions, secret } from './scene.ts';

/** Waits until just before a moment, then until it is there, and says how many requests there were at each. */
async function requestsAround(scene: Scene, ms: number): Promise<[number, number]> {
  await scene.clock.advance(ms - 1);
  const before = scene.requests.length;
  await scene.clock.advance(1);
  return [before, scene.requests.length];
}

/** A store that knows `a`, `b`, ... of one namespace. */
function several(names: string, options: SceneOptions = {}): Scene {
  const scene = new Scene(options);
  scene.watch(...[...names].map((name) => ['ADDED', secret(name, '10')] as const));
  return scene;
}

describe('a failure that may pass', () => {
  it.each([
    ['429', { code: 429 }, 'TOO_MANY_REQUESTS'],
    ['500', { code: 500 }, 'REFUSED'],
    ['503', { code: 503 }, 'REFUSED'],
    ['a reset', { code: 'ECONNRESET' }, 'UNREACHABLE'],
    ['undici', { code: 'UND_ERR_SOCKET' }, 'UNREACHABLE'],
    [
      'fetch',
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) }),
      'UNREACHABLE',
    ],
  ])('is tried five times, after 200, 400, 800 and 1600 ms: %s', async (_what, reason, code) => {
    const scene = known();
    const got = scene.get('shop', 'a');
    for (const [i, wait] of [200, 400, 800, 1600].entries()) {
      await scene.refuse(reason);
      expect(await requestsAround(scene, wait)).toEqual([i + 1, i + 2]);
    }
    await scene.refuse(reason);
    expect([got.shown, got.error?.retryable, got.error?.cause]).toEqual([
      code,
      true,
      reason instanceof Error ? reason : expect.any(Error),
    ]);
    expect([scene.requests.length, scene.clock.pending]).toEqual([5, 0]);
  });

  it('is tried after up to twice as long, by chance', async () => {
    const scene = known({ random: () => 0.5 });
    scene.get('shop', 'a');
    await scene.refuse({ code: 503 });
    expect(await requestsAround(scene, 300)).toEqual([1, 2]);
    await scene.refuse({ code: 503 });
    expect(await requestsAround(scene, 600)).toEqual([2, 3]);
  });

  it('is tried when the server wants it to be', async () => {
    const scene = known({ random: () => 0.5 });
    const got = scene.get('shop', 'a');
    await scene.refuse({ code: 429, retryAfterSeconds: 3 });
    expect(await requestsAround(scene, 3000)).toEqual([1, 2]);
    await scene.answer(secret('a', '10'));
    expect(got.shown).toBe('a@10');
  });

  it.each([Number.NaN, -1, 'soon'])('is tried as usual after a Retry-After of %s', async (seconds) => {
    const scene = known();
    scene.get('shop', 'a');
    await scene.refuse({ code: 429, retryAfterSeconds: seconds as number });
    expect(await requestsAround(scene, 200)).toEqual([1, 2]);
  });

  it('is not waited for beyond the deadline', async () => {
    const scene = known({ fetchTimeout: '5s' });
    const got = scene.get('shop', 'a');
    await scene.refuse({ code: 429, retryAfterSeconds: 5 });
    expect([got.shown, scene.clock.pending]).toEqual(['TOO_MANY_REQUESTS', 0]);
  });

  it('has one deadline for all attempts', async () => {
    const scene = known({ fetchTimeout: '1s' });
    const got = scene.get('shop', 'a');
    await scene.clock.advance(500);
    await scene.refuse({ code: 503 });
    await scene.clock.advance(499);
    expect(got.shown).toBe('waits');
    await scene.clock.advance(1);
    expect([got.shown, got.error?.retryable]).toEqual(['FETCH_TIMEOUT', true]);
    expect(got.error?.message).toBe(
      'get v1/secrets "shop/a": no answer within 1000 ms. Try again later, or raise fetchTimeout.',
    );
    expect([scene.requests.length, scene.open.length, scene.clock.pending]).toEqual([2, 0, 0]);
  });

  it('begins to count when it is sent, not while it waits for its turn', async () => {
    const scene = several('ab', { concurrency: 1, fetchTimeout: '1s' });
    const [first, second] = [scene.get('shop', 'a'), scene.get('shop', 'b')];
    await scene.clock.advance(1000);
    expect([first.shown, second.shown]).toEqual(['FETCH_TIMEOUT', 'waits']);
    await scene.answer(secret('b', '10'));
    expect(second.shown).toBe('b@10');
  });

  it('of an answer that stays behind ends as such when the deadline is near', async () => {
    const scene = known({ fetchTimeout: '300ms' });
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '9'));
    await scene.clock.advance(200);
    await scene.answer(secret('a', '9'));
    expect([got.shown, scene.clock.pending]).toEqual(['OUTDATED_RESPONSE', 0]);
    expect(got.error?.message).toContain('2 times');
  });
});

describe('a failure that stays', () => {
  it.each([
    [400, 'REFUSED'],
    [401, 'UNAUTHORIZED'],
    [403, 'FORBIDDEN'],
    [501, 'REFUSED'],
    ['ERR_CLIENT', 'FETCH_FAILED'],
    ['CERT_HAS_EXPIRED', 'FETCH_FAILED'],
  ])('is not tried again: %s', async (code, expected) => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.refuse({ code });
    expect([got.shown, got.error?.retryable, scene.requests.length]).toEqual([expected, false, 1]);
    expect(got.error).toBeInstanceOf(StoreError);
    expect(got.error).toMatchObject({ operation: 'fetch', keys: ['shop', 'a'], cause: { code } });
    expect(scene.clock.pending).toBe(0);
  });

  it('names verb and resource where it is forbidden', async () => {
    const scene = known({ gvr: 'networking.k8s.io/v1/ingresses' });
    const got = scene.get('shop', 'a');
    await scene.refuse(Object.assign(new Error('ingresses "a" is forbidden\nmore'), { code: 403 }));
    expect(got.error?.message).toBe(
      'get networking.k8s.io/v1/ingresses "shop/a": the API server forbids it (403). Grant the verb get on ingresses to this user. It said: ingresses "a" is forbidden',
    );
  });

  it('is forgotten: the next one asks anew', async () => {
    const scene = known();
    scene.get('shop', 'a');
    await scene.refuse({ code: 403 });
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '10'));
    expect(got.shown).toBe('a@10');
  });

  it('is told to all who wait', async () => {
    const scene = known();
    const all = [scene.get('shop', 'a'), scene.get('shop'), new Outcome(scene.store.find('shop', 'a'))];
    await scene.refuse({ code: 403 });
    expect(all.map((one) => one.shown)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    expect(all[0]?.error).toBe(all[2]?.error);
  });

  it('is an answer about another resource, of which the error shows nothing', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.answer({
      metadata: { name: 'stranger', namespace: 'shop' },
      data: { said: 'hunter2' },
    } as never);
    expect(got.error).toMatchObject({ code: 'WRONG_RESPONSE', keys: ['shop', 'a'] });
    expect(scene.store.cacheSize).toBe(0);
    expect(inspect(got.error, { depth: 20, showHidden: true })).not.toMatch(/hunter2|stranger/);
  });

  it.each([7, 'text', [], {}, null, { metadata: { name: 7 }, data: 'hunter2' }])(
    'is an answer that is no resource: %j',
    async (answer) => {
      const scene = known();
      const got = scene.get('shop', 'a');
      await scene.answer(answer as never);
      expect(got.error).toBeInstanceOf(StoreError);
      expect(got.error).toMatchObject({ operation: 'fetch', keys: ['shop', 'a'] });
      expect(got.error?.message).not.toContain('hunter2');
      expect([scene.requests.length, scene.store.cacheSize, scene.clock.pending]).toEqual([1, 0, 0]);
    },
  );

  it('is a client that throws instead of rejecting', async () => {
    const get = (): never => {
      throw new TypeError('hunter2');
    };
    const scene = known({ client: { get } });
    const got = scene.get('shop', 'a');
    await scene.settle();
    expect(got.shown).toBe('FETCH_FAILED');
    expect(got.error?.message).not.toContain('hunter2');
  });
});

describe('failures of several', () => {
  it('fail the look-up with all of their causes, after all the others were tried', async () => {
    const scene = several('abc');
    const got = scene.get('shop');
    await scene.settle();
    const [a, b, c] = scene.open;
    a?.refuse({ code: 403 });
    b?.answer(secret('b', '10'));
    c?.refuse({ code: 400 });
    await scene.settle();
    expect(got.error).toMatchObject({
      code: 'FORBIDDEN',
      operation: 'get',
      keys: ['shop'],
      retryable: false,
    });
    expect(got.error?.message).toMatch(
      /^get: 2 of 3 resources could not be fetched\. The first: get v1\/secrets/,
    );
    expect(got.error?.cause).toBeInstanceOf(AggregateError);
    const cause = got.error?.cause as AggregateError | undefined;
    expect(cause?.errors.map((error: StoreError) => [error.code, error.keys])).toEqual([
      ['FORBIDDEN', ['shop', 'a']],
      ['REFUSED', ['shop', 'c']],
    ]);
    expect(scene.store.cacheSize).toBe(1);
  });

  it('may be tried again if each of them may', async () => {
    const scene = several('ab', { fetchTimeout: 100 });
    const got = scene.get('shop');
    await scene.settle();
    for (const request of scene.open) request.refuse({ code: 503 });
    await scene.settle();
    expect([got.shown, got.error?.retryable]).toEqual(['REFUSED', true]);
  });

  it.each([
    [{ code: 'ECONNREFUSED' }, 'UNREACHABLE'],
    [{ code: 401 }, 'UNAUTHORIZED'],
  ])('that all the others would share leave the others untried: %j', async (reason, code) => {
    const scene = several('abcde', { concurrency: 2, fetchTimeout: 100 });
    const got = scene.get('shop');
    await scene.settle();
    scene.open[0]?.refuse(reason);
    await scene.settle();
    expect(scene.requests).toHaveLength(2);
    await scene.answer(secret('b', '10'));
    expect([got.shown, scene.requests.length]).toEqual([code, 2]);
    expect(got.error?.message).toMatch(/^get: 1 of 5 resources could not be fetched, and 3 were not tried\./);
  });

  it('of list() name that operation', async () => {
    const scene = several('ab');
    const got = new Outcome(scene.store.list());
    await scene.settle();
    for (const request of scene.open) request.refuse({ code: 403 });
    await scene.settle();
    expect(got.error).toMatchObject({ operation: 'list', keys: [], code: 'FORBIDDEN' });
  });
});
