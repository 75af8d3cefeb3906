import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

describe('parseLabelSelector', () => {
  it('gives nothing to check for an empty selector', () => {
    expect([parseLabelSelector(undefined), parseLabelSelector(''), parseLabelSelector(' ')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, Record<string, string> | undefined, boolean]>([
    ['a=b', { a: 'b' }, true],
    ['a=b', undefined, false],
    ['a!=b', undefined, true],
    ['a == b', { a: 'b' }, true],
    ['a in (b, c),!d', { a: 'c' }, true],
    ['a in (b,c),!d', { a: 'c', d: '' }, false],
    ['a notin (b)', { a: 'c' }, true],
    ['example.com/x_y.z', { 'example.com/x_y.z': '' }, true],
    ['n>5', { n: '5' }, false],
    ['n<5', { n: '-3' }, true],
    ['n<5', { n: 'four' }, false],
    ['toString', {}, false],
  ])('%s of %j is %s', (text, labels, expected) => {
    expect(parseLabelSelector(text)?.(labels)).toBe(expected);
  });

  it.each(['a b', 'a in b', '=b', 'a,,b', 'a=b=c', '(a)', '__proto__'])('refuses %s with 400', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });
});
