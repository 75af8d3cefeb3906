/** Owns arbitrary JSON texts, written in all the ways the grammar allows, and damaged ones. */
import fc from 'fast-check';

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');

function hex(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A string as JSON, some characters of which are escaped though they need not be. */
export function stringText(value: string, escapeEvery: number): string {
  let text = '';
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i);
    const isAlone = !char.isWellFormed() && !(value.codePointAt(i) !== value.charCodeAt(i));
    const mustEscape = char < ' ' || char === '"' || char === '\\' || isAlone;
    const pairBefore = i > 0 && (value.codePointAt(i - 1) ?? 0) > 0xffff;
    if (pairBefore && !mustEscape)
      text += text.endsWith(value.charAt(i - 1)) ? char : hex(char.charCodeAt(0));
    else if (mustEscape || (escapeEvery > 0 && i % escapeEvery === 0)) text += hex(value.charCodeAt(i));
    else text += char;
  }
  return `"${text}"`;
}

const someString = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', '\ud800', '\u2028', '__proto__', 'a\u0000b', 'x"y\\z', 'üñ', '😀'),
);
const stringJson = fc
  .tuple(someString, fc.constantFrom(0, 0, 0, 1, 2))
  .map(([value, every]) => stringText(value, every));
const numberJson = fc.oneof(
  fc.constantFrom('0', '-0', '1e3', '1E400', '-1.5e-7', '0.10', '123456789012345678901', '1E+2', '-0.0'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);
/** Any scalar. */
export const scalarJson: fc.Arbitrary<string> = fc.oneof(
  stringJson,
  stringJson,
  numberJson,
  fc.constantFrom('true', 'false', 'null'),
);

/** Joins members or elements, white space between them. */
export function joined(open: string, parts: fc.Arbitrary<string>[], close: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.tuple(...parts), fc.array(space, { minLength: 1, maxLength: 4 }))
    .map(([texts, spaces]) => {
      let at = 0;
      const next = (): string => spaces[at++ % spaces.length] ?? '';
      return `${open}${next()}${texts.map((text) => text + next()).join(`,${next()}`)}${close}`;
    });
}

/** Any value; nested up to `depth`. */
export function valueJson(depth: number): fc.Arbitrary<string> {
  if (depth === 0) return scalarJson;
  const below = fc.oneof(scalarJson, valueJson(depth - 1));
  const list = (part: fc.Arbitrary<string>, open: string, close: string): fc.Arbitrary<string> =>
    fc.integer({ min: 0, max: 3 }).chain((n) =>
      joined(
        open,
        Array.from({ length: n }, () => part),
        close,
      ),
    );
  const member = fc
    .tuple(stringJson, space, space, below)
    .map(([key, a, b, value]) => `${key}${a}:${b}${value}`);
  return fc.oneof(list(below, '[', ']'), list(member, '{', '}'), scalarJson);
}

/** What is done to bytes: nothing, or one byte changed, dropped, doubled, or the end cut off. */
export const damage: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
  fc.constant((bytes: Buffer) => bytes),
  fc
    .tuple(fc.nat(), fc.constantFrom(...Buffer.from('{}[]",:\\ \n\u0000tfn019.-+eE\u00ffu')))
    .map(([at, byte]) => (bytes: Buffer) => {
      const copy = Buffer.from(bytes);
      copy[at % copy.length] = byte;
      return copy;
    }),
  fc.nat().map((at) => (bytes: Buffer) => {
    const i = at % bytes.length;
    return Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + 1)]);
  }),
  fc.nat().map((at) => (bytes: Buffer) => {
    const i = at % bytes.length;
    return Buffer.concat([bytes.subarray(0, i + 1), bytes.subarray(i)]);
  }),
  fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % bytes.length)),
);
