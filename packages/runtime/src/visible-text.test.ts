import { FirnError } from '@firn/core';
import { expect, it } from 'vitest';
import { visibleJson, visibleText } from './visible-text.ts';

it.each([
  ['plain äöü 🧊', 'plain äöü 🧊'],
  ['\u001b[31mred', '\\u001b[31mred'],
  ['a\nb\u007f\u0085', 'a\\u000ab\\u007f\\u0085'],
  ['\u202etxt.exe\u2066', '\\u202etxt.exe\\u2066'],
  ['line\u2028end', 'line\\u2028end'],
  ['\ud800 \udc00', '\\ud800 \\udc00'],
])('shows %j as %j', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

it('cuts long texts', () => {
  expect(visibleText('abcdef', 3)).toBe('abc…');
});

it('leaves nothing hidden in JSON, which reads back the same', () => {
  const value = { 'a\u009b31m': 'b\u202e\u2028\ufeff\u007f\ud800\n🧊', n: [1] };
  for (const indent of [0, 2]) {
    const text = visibleJson(value, indent);
    expect(
      [...text].filter((character) => character !== '\n' && visibleText(character) !== character),
    ).toEqual([]);
    expect(text.includes('\n')).toBe(indent > 0);
    expect(JSON.parse(text)).toEqual(value);
  }
});

it('shows each character as the message of an error does', () => {
  for (let code = 0; code < 0x10000; code++) {
    const character = String.fromCharCode(code);
    if (character === '\n' || character === '\t') continue;
    expect(new FirnError(character, { code: 'ANY' }).message).toBe(visibleText(character));
  }
});
