/** Owns the behaviour of the queue in which batches reach subscribers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { steppingClock } from './pod.fixture.ts';
import { type Publication, PublicationQueue } from './publication.ts';

/** A publication of steps, each a call. */
function* steps(...calls: (() => void)[]): Publication {
  for (const call of calls) {
    call();
    yield;
  }
}

const still = steppingClock(0);

describe('a queue of publications', () => {
  it('publishes at once, and what is added meanwhile afterwards', () => {
    const queue = new PublicationQueue(still);
    const seen: string[] = [];
    const say = (word: string) => () => void seen.push(word);
    queue.add(
      steps(
        () => queue.add(steps(say('second'), say('second again'))),
        say('first'),
        () => queue.add(steps(say('third'))),
      ),
    );
    expect(seen).toEqual(['first', 'second', 'second again', 'third']);
    expect(queue.busy).toBe(false);
  });

  it('does not recurse, however long the chain', () => {
    const queue = new PublicationQueue(still);
    let length = 0;
    const link = (): void => {
      if (++length < 10_000) queue.add(steps(link));
    };
    queue.add(steps(link));
    expect(length).toBe(10_000);
  });

  it('gives the event loop its turn every 10 ms of a long publication', async () => {
    const queue = new PublicationQueue(steppingClock(4));
    const seen: number[] = [];
    queue.add(steps(...Array.from({ length: 7 }, (_, i) => () => void seen.push(i))));
    // Looks at 4 (the start), 8, 12, 16: the third step is the last one of the slice.
    expect(seen).toEqual([0, 1, 2]);
    expect(queue.busy).toBe(true);
    await nextTurn();
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    await queue.whenIdle();
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(queue.busy).toBe(false);
  });

  it('keeps what is added between slices waiting', async () => {
    const queue = new PublicationQueue(steppingClock(20));
    const seen: string[] = [];
    const say = (word: string) => () => void seen.push(word);
    queue.add(steps(say('a1'), say('a2'), say('a3')));
    queue.add(steps(say('b')));
    await nextTurn();
    queue.add(steps(say('c')));
    expect(seen).toEqual(['a1', 'a2']);
    await queue.whenIdle();
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b', 'c']);
  });

  it('is idle at once when nothing is on its way, and tells all who wait', async () => {
    const queue = new PublicationQueue(steppingClock(20));
    await queue.whenIdle();
    queue.add(steps(() => undefined));
    await Promise.all([queue.whenIdle(), queue.whenIdle()]);
    expect(queue.busy).toBe(false);
  });

  it('drops what is on its way when it is stopped, and takes nothing more', async () => {
    const queue = new PublicationQueue(steppingClock(20));
    const seen: string[] = [];
    queue.add(
      steps(
        () => void seen.push('a1'),
        () => void seen.push('a2'),
      ),
    );
    queue.add(steps(() => void seen.push('b')));
    const idle = queue.whenIdle();
    queue.stop();
    await idle;
    queue.add(steps(() => void seen.push('c')));
    await nextTurn();
    expect(seen).toEqual(['a1']);
    expect(queue.busy).toBe(false);
  });

  it('can be stopped from inside a step', () => {
    const queue = new PublicationQueue(still);
    const seen: string[] = [];
    queue.add(
      steps(
        () => queue.add(steps(() => void seen.push('b'))),
        () => queue.stop(),
        () => void seen.push('a3'),
      ),
    );
    expect(seen).toEqual([]);
    expect(queue.busy).toBe(false);
  });
});
