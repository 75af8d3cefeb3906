/** Owns the behaviour of the order of resource versions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareResourceVersions } from './resource-version.ts';

describe('rule 21: resource versions', () => {
  it.each([
    ['1', '1', 0],
    ['999', '1000', -1],
    ['1000', '999', 1],
    ['10', '9', 1],
    ['9007199254740992', '9007199254740993', -1],
    ['340282366920938463463374607431768211455', '340282366920938463463374607431768211454', 1],
  ] as const)('%s against %s is %d', (a, b, expected) => {
    expect(compareResourceVersions(a, b)).toBe(expected);
  });

  it.each([
    '',
    '0',
    '00',
    '01',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '1\n',
    '\n1',
    'abc',
    '0x10',
    '١',
    '１',
    'NaN',
  ])('that are malformed (%j) have no order, not even with themselves', (text) => {
    expect(compareResourceVersions(text, '5')).toBeUndefined();
    expect(compareResourceVersions('5', text)).toBeUndefined();
    expect(compareResourceVersions(text, text)).toBeUndefined();
  });

  it('that are not text have no order', () => {
    for (const value of [5, null, undefined, 5n, ['5']])
      expect(compareResourceVersions(value as unknown as string, '5')).toBeUndefined();
  });

  it('property: are ordered as whole numbers are, at any size', () => {
    const number = fc.bigInt({ min: 1n, max: 2n ** 160n });
    fc.assert(
      fc.property(number, fc.oneof(number, fc.constant(0n)), (a, other) => {
        const b = other === 0n ? a : other;
        const expected = a === b ? 0 : a < b ? -1 : 1;
        expect(compareResourceVersions(String(a), String(b))).toBe(expected);
      }),
    );
  });
});
