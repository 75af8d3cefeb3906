import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { visibleText } from '../visible-text.ts';
import { yamlText } from './yaml-text.ts';

it('writes control characters as escapes, and reads back the same', () => {
  const value = {
    'key\u009b': 'a\u009b31m',
    bidi: 'a\u202etxt',
    lines: 'one\n\ttwo\u001b[2J\n',
    long: `${'word '.repeat(30)}\u2028 end`,
    list: ['\u007f', '\ufeff', '\ud800'],
  };
  const text = yamlText(value);
  const hidden = [...text].filter((character) => visibleText(character) !== character);
  expect(hidden.filter((character) => character !== '\n')).toEqual([]);
  expect(text).toContain('"a\\u009b31m"');
  expect(parse(text)).toEqual(value);
});

it('writes other text as people would, and repeats what stands twice', () => {
  const twice = { a: 'b c' };
  expect(yamlText({ x: twice, y: twice, text: 'one\ntwo\n', tab: 'a\tb' })).toBe(
    'x:\n  a: b c\n"y":\n  a: b c\ntext: |\n  one\n  two\ntab: a\tb\n',
  );
});
