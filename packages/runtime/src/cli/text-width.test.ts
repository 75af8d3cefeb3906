import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { padTo, textWidth, truncate } from './text-width.ts';

describe('textWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['商店', 4],
    ['ｆ', 2],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['🇨🇭', 2],
    ['…→', 2],
  ])('of %j is %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('truncate and padTo', () => {
  it('cut with an ellipsis, never through a wide character', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('商店商店', 4)).toBe('商…');
    expect(truncate('ab', 2)).toBe('ab');
    expect(truncate('ab', 0)).toBe('');
  });

  it('give exactly the width asked for, for any text', () => {
    const any = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(any, fc.nat(30), (text, width) => {
        expect(textWidth(padTo(text, width))).toBe(width);
      }),
    );
  });
});
