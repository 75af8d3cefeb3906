/** Owns how near the measured size of a resource comes to that of its JSON text. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonSize } from './json-size.ts';

it.each([null, 1, true, 'x'.repeat(100), { a: { b: [1, 'zwei', null] } }])(
  'is about the length of the text: %j',
  (value) => {
    expect(Math.abs(jsonSize(value) - JSON.stringify(value).length)).toBeLessThanOrEqual(4);
  },
);

it('is at most a few characters for each value and name away from the text, escapes not counted', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ü') });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const json = JSON.stringify(value);
      const parts = json.split(/[:,[\]{}]/).length;
      expect(Math.abs(jsonSize(value) - json.length)).toBeLessThanOrEqual(parts * 2);
      expect(jsonSize(value)).toBeGreaterThan(0);
    }),
  );
});
