import { describe, expect, it } from 'vitest';
import {
  contacted,
  DEFAULT_BACKOFF,
  delayAfter,
  failedOnce,
  longestDelay,
  NO_FAILURES,
  settled,
} from './backoff.ts';
import { resolveBackoff } from './reflector-config.ts';

describe('backoff', () => {
  it.each([
    [0, 0, 800],
    [1, 0, 1600],
    [2, 0, 3200],
    [5, 0, 25_600],
    [6, 0, 30_000],
    [5000, 0, 30_000],
    [0, 0.5, 1200],
    [6, 0.999, 59_970],
  ])(
    'rule 16: after %i failures and with the random number %f the delay is %i ms',
    (failures, random, ms) => {
      expect(delayAfter(failures, DEFAULT_BACKOFF, random)).toBeCloseTo(ms, 6);
    },
  );

  it('rule 16: no delay exceeds 60 s', () => {
    expect(longestDelay(DEFAULT_BACKOFF, 0.999_999)).toBeLessThanOrEqual(60_000);
  });

  it('rule 16: failures are forgotten after 2 min of health, not before', () => {
    const failed = contacted(failedOnce(failedOnce(NO_FAILURES)), 1000);
    expect(settled(failed, DEFAULT_BACKOFF, 120_999).failures).toBe(2);
    expect(settled(failed, DEFAULT_BACKOFF, 121_000).failures).toBe(0);
  });

  it('rule 16: health counts from the first contact after the last failure', () => {
    const first = contacted(failedOnce(NO_FAILURES), 1000);
    expect(contacted(first, 90_000)).toBe(first);
    const failedAgain = failedOnce(first);
    expect(settled(failedAgain, DEFAULT_BACKOFF, 10_000_000).failures).toBe(2);
    expect(settled(contacted(failedAgain, 100_000), DEFAULT_BACKOFF, 130_000).failures).toBe(2);
  });
});

describe('backoff options', () => {
  it('a default gives way where only the other limit is given', () => {
    expect(resolveBackoff({ cap: '500ms' })).toMatchObject({ initial: 500, cap: 500 });
    expect(resolveBackoff({ initial: '1m' })).toMatchObject({ initial: 60_000, cap: 60_000 });
    expect(resolveBackoff({ initial: 10, cap: 50 })).toMatchObject({ initial: 10, cap: 50 });
  });
});
