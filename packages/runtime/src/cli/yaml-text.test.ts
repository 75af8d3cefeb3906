import { expect, it } from 'vitest';
import { parse } from 'yaml';
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
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2028\ufeff]/);
  expect(text).toContain('"a\\u009b31m"');
  expect(parse(text)).toEqual(value);
});

it('writes other text as people would, and repeats what stands twice', () => {
  const twice = { a: 'b c' };
  expect(yamlText({ x: twice, y: twice, text: 'one\ntwo\n', tab: 'a\tb' })).toBe(
    'x:\n  a: b c\n"y":\n  a: b c\ntext: |\n  one\n  two\ntab: a\tb\n',
  );
});
