import { RequestLife } from '@firn/stores/engine';
import { expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';

it('ends with the caller, for its reason, once', () => {
  const caller = new AbortController();
  let over = 0;
  const life = new RequestLife(caller.signal, createManualClock(), () => over++);
  caller.abort('mine');
  expect(life.signal.reason).toBe('mine');
  life.end('later');
  expect(life.signal.reason).toBe('mine');
});

it('ends at its deadline, unless that is called off', async () => {
  const clock = createManualClock();
  const late = new RequestLife(undefined, clock, () => undefined);
  late.setDeadline(100, () => new Error('late'));
  const early = new RequestLife(undefined, clock, () => undefined);
  early.setDeadline(100, () => new Error('late'));
  early.clearDeadline();
  await clock.advance(100);
  expect(late.signal.reason).toEqual(new Error('late'));
  expect(early.signal.aborted).toBe(false);
});

it('rejects what waits, and lets go of the caller when it is over', async () => {
  const caller = new AbortController();
  const clock = createManualClock();
  const life = new RequestLife(caller.signal, clock, () => undefined);
  life.setDeadline(100, () => new Error('late'));
  const waiting = life.unlessEnded(new Promise(() => undefined));
  life.end('closed');
  await expect(waiting).rejects.toBe('closed');

  const done = new RequestLife(caller.signal, clock, () => undefined);
  expect(await done.unlessEnded(Promise.resolve(1))).toBe(1);
  done.over();
  caller.abort();
  expect(done.signal.aborted).toBe(false);
  expect(clock.pending).toBe(0);
});
