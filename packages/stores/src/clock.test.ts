/** Owns the behaviour of the machine's clock. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the clock of the machine', () => {
  it('tells the wall clock and a clock that never goes back', () => {
    vi.spyOn(Date, 'now').mockReturnValue(5);
    expect(systemClock.now()).toBe(5);
    expect(systemClock.monotonic()).toBeLessThanOrEqual(systemClock.monotonic());
  });

  it('waits for delays beyond 2^31-1 ms, which Node.js would fire at once', () => {
    const timer = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(undefined as never);
    for (const delay of [0, 250, 2 ** 31 - 1, 2 ** 31, 365 * 86_400_000, Number.POSITIVE_INFINITY]) {
      systemClock.setTimeout(() => undefined, delay);
    }
    const longest = 2 ** 31 - 1;
    expect(timer.mock.calls.map(([, delay]) => delay)).toEqual([0, 250, longest, longest, longest, longest]);
  });

  it('calls once when it is time, and not when it was cleared', () => {
    vi.useFakeTimers();
    const called: string[] = [];
    systemClock.setTimeout(() => called.push('kept'), 10);
    systemClock.clearTimeout(systemClock.setTimeout(() => called.push('cleared'), 10));
    vi.advanceTimersByTime(9);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(called).toEqual(['kept']);
  });
});
