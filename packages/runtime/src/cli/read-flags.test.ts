import { describe, expect, it } from 'vitest';
import { flagCount, flagNumber } from './read-flags.ts';
import { UsageError } from './usage-error.ts';

const rule = { command: 'demo', least: 1, most: 100, fallback: 7 };

describe('flagNumber and flagCount', () => {
  it('read what is given, and fall back where nothing is', () => {
    expect(flagNumber(new Map([['rate', '2.5']]), 'rate', rule)).toBe(2.5);
    expect(flagCount(new Map([['objects', '25']]), 'objects', rule)).toBe(25);
    expect(flagCount(new Map(), 'objects', rule)).toBe(7);
  });

  it.each(['0', '101', '-5', '1e2', 'x', ''])('refuse %j', (text) => {
    const flags = new Map([['n', text]]);
    expect(() => flagNumber(flags, 'n', rule)).toThrow(UsageError);
    expect(() => flagCount(flags, 'n', rule)).toThrow(
      `--n must be a whole number from 1 to 100, but is ${JSON.stringify(text)}.`,
    );
  });

  it('does not round what is counted', () => {
    expect(() => flagCount(new Map([['n', '2.5']]), 'n', rule)).toThrow('must be a whole number');
  });
});
