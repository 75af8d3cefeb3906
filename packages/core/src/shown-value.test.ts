/** Owns the promise that no value, however odd or long, spoils the message that names it. */
import { expect, it } from 'vitest';
import { shownValue } from './shown-value.ts';

it.each<[unknown, string]>([
  ['shop', '"shop"'],
  ['', '""'],
  ['a\n"b"', '"a\\n\\"b\\""'],
  ['a\u2028b\u2029c\u0085d\u007f\u0000', '"a\\u2028b\\u2029c\\u0085d\\u007f\\u0000"'],
  ['\ud800', '"\\ud800"'],
  ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
  [7, '7'],
  [Number.NaN, 'NaN'],
  [true, 'true'],
  [null, 'null'],
  [undefined, 'undefined'],
  [7n, 'a bigint'],
  [Symbol('secret'), 'a symbol'],
  [() => 'secret', 'a function'],
  [['secret'], 'an array'],
  [{ toString: () => 'secret' }, 'an object'],
  [Object.create(null), 'an object'],
])('names a value of any kind (%#)', (value, shown) => {
  expect(shownValue(value)).toBe(shown);
});
