/** Owns the behaviour of work that nobody waits for: later, in small slices, and never in the way. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BackgroundWork } from './background-work.ts';
import { steppingClock } from './pod.fixture.ts';

function* job(name: string, steps: number, log: string[]): Generator<undefined, undefined> {
  for (let step = 1; step <= steps; step++) {
    log.push(`${name}${step}`);
    yield;
  }
}

describe('background work', () => {
  it('is done one job after the other, in a later turn', async () => {
    const log: string[] = [];
    const work = new BackgroundWork(steppingClock(0), () => false);
    work.add(job('a', 2, log));
    work.add(job('b', 1, log));
    expect(log).toEqual([]);
    await nextTurn();
    expect(log).toEqual(['a1', 'a2', 'b1']);
    work.add(job('c', 1, log));
    await nextTurn();
    expect(log).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  it('takes 2 ms of a turn', async () => {
    const log: string[] = [];
    const work = new BackgroundWork(steppingClock(1), () => false);
    work.add(job('a', 5, log));
    const counts: number[] = [];
    while (log.length < 5) {
      await nextTurn();
      counts.push(log.length);
    }
    expect(counts).toEqual([2, 4, 5]);
  });

  it('waits while others are busy', async () => {
    const log: string[] = [];
    let busy = true;
    const work = new BackgroundWork(steppingClock(0), () => busy);
    work.add(job('a', 1, log));
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(log).toEqual([]);
    busy = false;
    await nextTurn();
    expect(log).toEqual(['a1']);
  });

  it('is dropped when it is stopped', async () => {
    const log: string[] = [];
    const work = new BackgroundWork(steppingClock(1), () => false);
    work.add(job('a', 5, log));
    await nextTurn();
    work.stop();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(log).toEqual(['a1', 'a2']);
  });
});
