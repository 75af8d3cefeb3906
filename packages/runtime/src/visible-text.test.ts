import { expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

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
