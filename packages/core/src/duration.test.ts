/** Owns the behaviour of lengths of time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';
import { ConfigError } from './errors.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['2m10s', 130_000],
    ['1.5s', 1500],
    ['0s', 0],
    ['0.5ms', 0.5],
    ['1h1m1s1ms', 3_661_001],
    ['1.1s', 1100],
    ['0.07s', 70],
    ['4.35s', 4350],
    ['1.1h', 3_960_000],
    [0, 0],
    [250, 250],
    [1.5, 1.5],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('of %j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('of minus zero is zero', () => {
    expect(Object.is(parseDuration(-0), 0)).toBe(true);
  });

  it.each([
    -1,
    -0.001,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    '',
    ' ',
    '5',
    '5x',
    '5 s',
    ' 5s',
    '5s ',
    '5s\n',
    '-5s',
    '+5s',
    's',
    '.5s',
    '5.s',
    '1e3s',
    '5S',
    '5sec',
    '1d',
    '1,5s',
    '5µs',
    'NaNs',
    'Infinitys',
    '٥s',
    `${'1s'.repeat(40)}`,
    '9'.repeat(1000),
    null,
    undefined,
    true,
    5n,
    {},
    ['5s'],
    Symbol('5s'),
    () => 5,
    {
      toString: () => {
        throw new Error('hostile');
      },
    },
    Object.create(null),
  ])('that is wrong is a ConfigError (%#)', (value) => {
    let error: unknown;
    try {
      parseDuration(value as string);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'INVALID_DURATION', retryable: false });
    expect((error as Error).message).toMatch(/'500ms'/);
    expect((error as Error).message.length).toBeLessThan(400);
  });

  it('property: is the sum of its parts', () => {
    const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
    const part = fc.tuple(fc.nat({ max: 999 }), fc.constantFrom<keyof typeof units>('h', 'm', 's', 'ms'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.map(([amount, unit]) => `${amount}${unit}`).join('');
        expect(parseDuration(text)).toBe(
          parts.reduce((sum, [amount, unit]) => sum + amount * units[unit], 0),
        );
      }),
    );
  });
});
