/** Owns how segments are written. */
import { expect, it } from 'vitest';
import { formatFieldPath } from './field-path.ts';

it('writes plain names with dots and everything else in brackets', () => {
  expect(
    formatFieldPath([
      { kind: 'field', name: 'spec' },
      { kind: 'field', name: 'rules' },
      { kind: 'index', index: 0 },
      { kind: 'field', name: 'host' },
      { kind: 'each' },
      { kind: 'field', name: 'a.b/c' },
      { kind: 'field', name: '0' },
      { kind: 'field', name: "it's \\" },
      { kind: 'field', name: '\u0000\u2028' },
    ]),
  ).toBe("spec.rules[0].host[*]['a.b/c']['0']['it\\'s \\\\']['\\u0000\\u2028']");
});
