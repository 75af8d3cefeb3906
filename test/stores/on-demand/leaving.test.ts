/** Owns the second half of the table of interleavings: who waits leaves, what is kept is forgotten, the store is closed. */
import { config } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { cached, known, Outcome, Scene, secret } from './scene.ts';

describe('what is under way when everything is to be forgotten', () => {
  it('clear(): the answer is neither shown nor kept', async () => {
    const scene = await cached();
    scene.watch(['ADDED', secret('b', '10')]);
    const got = scene.get('shop', 'b');
    await scene.settle();
    scene.store.clear();
    expect(scene.store.cacheSize).toBe(0);
    await scene.answer(secret('b', '10'));
    expect([got.shown, scene.store.cacheSize]).toEqual(['nothing', 0]);
  });

  it('clearCache(): whoever waited gets the answer, whoever asks later a new one', async () => {
    const scene = known();
    const before = scene.get('shop', 'a');
    await scene.settle();
    scene.store.clearCache();
    const after = scene.get('shop', 'a');
    await scene.settle();
    const [first, second] = scene.open;
    first?.answer(secret('a', '10'));
    await scene.settle();
    expect([before.shown, after.shown, scene.store.cacheSize]).toEqual(['a@10', 'waits', 0]);
    second?.answer(secret('a', '10'));
    await scene.settle();
    expect([after.shown, scene.store.cacheSize, scene.requests.length]).toEqual(['a@10', 1, 2]);
  });

  it('the time of the cached one is over while another is fetched: it is fetched anew', async () => {
    const scene = await cached();
    scene.watch(['ADDED', secret('b', '10')]);
    const both = scene.get('shop');
    await scene.settle();
    await scene.clock.advance(9_000);
    scene.only().answer(secret('b', '10'));
    await scene.settle();
    expect(both.shown).toBe('a@10 b@10');
    await scene.clock.advance(130_000 - 9_000);
    expect(scene.store.cacheSize).toBe(1);
    const later = scene.get('shop');
    await scene.answer(secret('a', '10'));
    expect([later.shown, scene.requests.length]).toEqual(['a@10 b@10', 3]);
  });
});

describe('who waits and leaves', () => {
  it('one of two leaves: the request goes on for the other', async () => {
    const scene = known();
    const leaving = scene.store.fetch$('shop', 'a').subscribe();
    const staying = scene.get('shop', 'a');
    await scene.settle();
    leaving.unsubscribe();
    await scene.answer(secret('a', '10'));
    expect([staying.shown, scene.requests.length, scene.store.cacheStats.shared]).toEqual(['a@10', 1, 1]);
    expect(scene.requests[0]?.isAborted).toBe(false);
  });

  it('both leave: the request is called off, and the next one asks anew', async () => {
    const scene = known();
    const two = [1, 2].map(() => scene.store.fetch$('shop', 'a').subscribe());
    await scene.settle();
    for (const one of two) one.unsubscribe();
    expect([scene.requests[0]?.isAborted, scene.clock.pending]).toEqual([true, 0]);
    const next = scene.get('shop', 'a');
    await scene.answer(secret('a', '10'));
    expect([next.shown, scene.requests.length]).toEqual(['a@10', 2]);
    expect(scene.store.cacheStats).toMatchObject({ misses: 2, shared: 1 });
  });

  it('all leave while it waits for its turn: it is never sent', async () => {
    const scene = new Scene({ concurrency: 1 });
    scene.watch(['ADDED', secret('a', '10')], ['ADDED', secret('b', '10')]);
    scene.get('shop', 'a');
    const waiting = scene.store.fetch$('shop', 'b').subscribe();
    waiting.unsubscribe();
    await scene.answer(secret('a', '10'));
    expect(scene.requests.map(({ name }) => name)).toEqual(['a']);
  });

  it('all leave between two attempts: there is no further one, and no timer', async () => {
    const scene = known();
    const leaving = scene.store.fetch$('shop', 'a').subscribe();
    await scene.refuse({ code: 503 });
    leaving.unsubscribe();
    await scene.settle();
    expect(scene.clock.pending).toBe(0);
    await scene.clock.advance('1m');
    expect(scene.requests).toHaveLength(1);
  });

  it('one who asks when the answer has been judged, but not told, is not given it if the watch went on', async () => {
    const scene = known();
    const outcomes: Outcome[] = [];
    const answer = secret('a', '10');
    // Read when the answer is copied, which is just before it is judged.
    Object.assign(answer, {
      toJSON() {
        queueMicrotask(() => {
          scene.watch(['MODIFIED', secret('a', '11')]);
          outcomes.push(scene.get('shop', 'a'));
        });
        return secret('a', '10');
      },
    });
    outcomes.push(scene.get('shop', 'a'));
    await scene.answer(answer);
    expect(outcomes.map((one) => one.shown)).toEqual(['a@10', 'waits']);
    await scene.answer(secret('a', '11'));
    expect(outcomes[1]?.shown).toBe('a@11');
  });

  it('one who left before the answer came leaves nothing behind, even if the client answers nevertheless', async () => {
    const { promise, resolve } = Promise.withResolvers<never>();
    const scene = known({ client: { get: () => promise } });
    scene.store.fetch$('shop', 'a').subscribe().unsubscribe();
    resolve(secret('a', '10') as never);
    await scene.settle();
    expect([scene.store.cacheSize, scene.clock.pending]).toEqual([0, 0]);
  });
});

describe('who waits and throws', () => {
  it('rule 28: harms nobody else', async () => {
    const thrown: unknown[] = [];
    const { onUnhandledError } = config;
    config.onUnhandledError = (error) => thrown.push(error);
    const scene = known({ concurrency: 1 });
    scene.store.fetch$('shop', 'a').subscribe(() => {
      throw new Error('of a subscriber');
    });
    const other = scene.get('shop', 'a');
    await scene.answer(secret('a', '10'));
    scene.watch(['MODIFIED', secret('a', '11')]);
    const next = scene.get('shop', 'a');
    await scene.answer(secret('a', '11'));
    await vi.waitFor(() => expect(thrown).toHaveLength(1));
    config.onUnhandledError = onUnhandledError;
    expect([other.shown, next.shown]).toEqual(['a@10', 'a@11']);
  });
});

describe('close() while something is under way', () => {
  it('rejects who waits, calls requests off, and leaves no timer', async () => {
    const scene = await cached();
    scene.watch(['MODIFIED', secret('a', '11')], ['ADDED', secret('b', '10')]);
    const all = [scene.get('shop', 'a'), scene.get('shop'), new Outcome(scene.store.list())];
    await scene.settle();
    scene.store.close();
    await scene.settle();
    expect(all.map((one) => one.shown)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
    expect([scene.open.length, scene.clock.pending, scene.store.cacheSize]).toEqual([0, 0, 0]);
  });

  it('sends nothing more of what waits for its turn', async () => {
    const scene = new Scene({ concurrency: 1 });
    scene.watch(...['a', 'b', 'c'].map((name) => ['ADDED', secret(name, '10')] as const));
    const all = ['a', 'b', 'c'].map((name) => scene.get('shop', name));
    await scene.settle();
    scene.store.close();
    await scene.settle();
    expect(all.map((one) => one.shown)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
    expect([scene.requests.length, scene.clock.pending]).toEqual([1, 0]);
  });

  it('keeps nothing of an answer that came in the same turn', async () => {
    const scene = known();
    const got = scene.get('shop', 'a');
    await scene.settle();
    scene.only().answer(secret('a', '10'));
    scene.store.close();
    await scene.settle();
    expect([got.shown, scene.store.cacheSize, scene.clock.pending]).toEqual(['CLOSED', 0, 0]);
  });
});
