/** Owns the table of what an on-demand store does when the watch, the server and readers get in each other's way. */
import { describe, expect, it } from 'vitest';
import { cached, known, Scene, secret } from './scene.ts';

describe('MODIFIED while a fetch is under way', () => {
  it('an answer older than the event is not shown: it is fetched again', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '12')]);
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['waits', 0]);
    await scene.clock.advance(200);
    await scene.answer(secret('a', '12'));
    expect([got.shown, scene.store.cacheSize, scene.requests.length]).toEqual(['a@12', 1, 2]);
  });

  it('an answer of the version of the event is shown and kept', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '12')]);
    await scene.answer(secret('a', '12'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@12', 1]);
  });

  it('an answer newer than the event is shown and kept', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '12')]);
    await scene.answer(secret('a', '13'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@13', 1]);
  });

  it('answers that stay behind end in an error that may be tried again, never in an old state', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '12')]);
    for (const wait of [200, 400, 800]) {
      await scene.answer(secret('a', '10'));
      await scene.clock.advance(wait);
    }
    await scene.answer(secret('a', '10'));
    expect([got.shown, got.error?.retryable]).toEqual(['OUTDATED_RESPONSE', true]);
    expect([scene.requests.length, scene.store.cacheSize, scene.clock.pending]).toEqual([4, 0, 0]);
  });

  it('old news of the watch change nothing', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '9')]);
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@10', 1]);
  });

  it('an answer between two MODIFIED is fetched again, whoever asked when', async () => {
    const scene = known();
    const first = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '12')]);
    const second = scene.get('shop', 'a');
    scene.watch(['MODIFIED', secret('a', '14')]);
    await scene.answer(secret('a', '12'));
    await scene.clock.advance(200);
    await scene.answer(secret('a', '14'));
    expect([first.shown, second.shown, scene.requests.length]).toEqual(['a@14', 'a@14', 2]);
  });
});

describe('DELETED while a fetch is under way', () => {
  it('a late answer is neither shown nor kept', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.watch(['DELETED', secret('a', '11')]);
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize, scene.store.size]).toEqual(['nothing', 0, 0]);
  });

  it('is not asked for any more if it was waiting for its turn', async () => {
    const scene = new Scene({ concurrency: 1 });
    scene.watch(['ADDED', secret('a', '10')], ['ADDED', secret('b', '10')]);
    const [one, two] = [scene.get('shop', 'a'), scene.get('shop', 'b')];
    await scene.settle();
    scene.watch(['DELETED', secret('b', '11')]);
    await scene.answer(secret('a', '10'));
    expect([one.shown, two.shown, scene.requests.length]).toEqual(['a@10', 'nothing', 1]);
  });

  it('is not asked for again between two attempts', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.refuse({ code: 503 });
    scene.watch(['DELETED', secret('a', '11')]);
    await scene.clock.advance(200);
    expect([got.shown, scene.requests.length, scene.clock.pending]).toEqual(['nothing', 1, 0]);
  });

  it('recreated with a new uid, the answer of the old one is fetched again', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.watch(['DELETED', secret('a', '11')], ['ADDED', secret('a', '12', 'u2')]);
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['waits', 0]);
    await scene.clock.advance(200);
    await scene.answer(secret('a', '12', 'u2'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@12', 1]);
  });

  it('recreated with a new uid, the answer of the new one is shown and kept', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.watch(['DELETED', secret('a', '11')], ['ADDED', secret('a', '12', 'u2')]);
    await scene.answer(secret('a', '12', 'u2'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@12', 1]);
  });

  it('recreated, a 404 from the time between is not taken for the present', async () => {
    const scene = known();
    const before = scene.get('shop', 'a');
    await scene.settle();
    scene.watch(['DELETED', secret('a', '11')], ['ADDED', secret('a', '12', 'u2')]);
    const after = scene.get('shop', 'a');
    await scene.refuse({ code: 404 });
    await scene.clock.advance(200);
    await scene.answer(secret('a', '12', 'u2'));
    expect([before.shown, after.shown, scene.requests.length]).toEqual(['a@12', 'a@12', 2]);
  });
});

describe('an answer newer than the reference', () => {
  it('is shown, and does not move the reference', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '15'));
    expect(got.shown).toBe('a@15');
    expect(scene.store.refs('shop', 'a')).toMatchObject([{ resourceVersion: '10', uid: 'u1' }]);
    expect(scene.store.modCount).toBe(1);
  });

  it('is dropped when the watch says something newer', async () => {
    const scene = known();
    scene.get('shop', 'a');
    await scene.answer(secret('a', '15'));
    scene.watch(['MODIFIED', secret('a', '16')]);
    expect(scene.store.cacheSize).toBe(0);
  });

  it('is kept while the watch catches up, and when it has', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '15'));
    scene.watch(['MODIFIED', secret('a', '13')]);
    scene.watch(['MODIFIED', secret('a', '15')]);
    const again = scene.get('shop', 'a');
    await scene.settle();
    expect((again.value as unknown[])[0]).toBe((got.value as unknown[])[0]);
    expect(scene.requests).toHaveLength(1);
  });

  it('of another uid is not shown before the watch has told of it', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '12', 'u2'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['waits', 0]);
    scene.watch(['DELETED', secret('a', '11')], ['ADDED', secret('a', '12', 'u2')]);
    await scene.clock.advance(200);
    await scene.answer(secret('a', '12', 'u2'));
    expect(got.shown).toBe('a@12');
  });
});

describe('404 while the reference stands', () => {
  it('means gone: left out, not kept, asked for again by the next', async () => {
    const scene = known();
    const first = scene.get('shop', 'a');
    await scene.refuse({ code: 404 });
    const second = scene.get('shop', 'a');
    await scene.answer(undefined);
    expect([first.shown, second.shown, scene.requests.length]).toEqual(['nothing', 'nothing', 2]);
    expect([scene.store.size, scene.store.cacheSize]).toEqual([1, 0]);
  });
});

describe('a relist', () => {
  it('with the same version keeps what is cached', async () => {
    const scene = await cached();
    scene.relist(secret('a', '10'));
    expect(scene.store.cacheSize).toBe(1);
  });

  it.each([
    ['a newer version', [secret('a', '11')]],
    ['another uid', [secret('a', '10', 'u2')]],
    ['nothing of it', [secret('b', '10')]],
  ])('with %s drops what is cached', async (_what, objects) => {
    const scene = await cached();
    scene.relist(...objects);
    expect(scene.store.cacheSize).toBe(0);
  });

  it('with an older version, as after a restore of the server, drops what is cached', async () => {
    const scene = await cached();
    scene.relist(secret('a', '8'));
    expect(scene.store.cacheSize).toBe(0);
    const got = scene.get('shop', 'a');
    await scene.answer(secret('a', '8'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@8', 1]);
  });

  it('with an older version while a fetch is under way: the answer from before is fetched again', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.relist(secret('a', '8'));
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['waits', 0]);
    await scene.clock.advance(200);
    await scene.answer(secret('a', '8'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@8', 1]);
  });

  it('drops what is newer than it says: that may be of before a restore too', async () => {
    const scene = known();
    scene.get('shop', 'a');
    await scene.answer(secret('a', '15'));
    scene.relist(secret('a', '10'));
    expect(scene.store.cacheSize).toBe(0);
  });

  it('with the same version while a fetch is under way changes nothing', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.relist(secret('a', '10'));
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['a@10', 1]);
  });

  it.each([
    ['a newer version', secret('a', '11')],
    ['another uid', secret('a', '11', 'u2')],
  ])('with %s while a fetch is under way makes it be fetched again', async (_what, now) => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.relist(now);
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['waits', 0]);
    await scene.clock.advance(200);
    await scene.answer(now);
    expect(got.shown).toBe('a@11');
  });

  it('without it while a fetch is under way: the answer is neither shown nor kept', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.relist();
    await scene.answer(secret('a', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['nothing', 0]);
  });
});
