import { describe, expect, it } from 'vitest';
import { VersionCounter } from './version-counter.ts';

describe('VersionCounter', () => {
  it('rises by one, and reads what it writes', () => {
    const versions = new VersionCounter(0n, 1);
    expect([versions.next(), versions.next(), versions.current]).toEqual([2, 3, 3]);
    expect(versions.parse(versions.text(3))).toBe(3);
    expect([versions.parse('0'), versions.parse('000')]).toEqual([0, 0]);
  });

  it('adds a base of any size, below which everything is long past', () => {
    const versions = new VersionCounter(2n ** 120n, 5);
    expect(versions.text(5)).toBe(String(2n ** 120n + 5n));
    expect(versions.parse(versions.text(5))).toBe(5);
    expect([versions.parse('0'), versions.parse('17')]).toEqual([0, 1]);
  });

  it.each(['abc', '-1', '1.5', '', ' 1', '9'.repeat(40)])('refuses %j', (text) => {
    expect(() => new VersionCounter(0n, 1).parse(text)).toThrow(
      expect.objectContaining({ code: 'BadRequest' }),
    );
  });
});
