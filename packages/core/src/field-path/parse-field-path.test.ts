/** Owns the behaviour of the field path grammar. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldPathError } from '../errors.ts';
import { type FieldPathSegment, formatFieldPath } from './field-path.ts';
import { parseFieldPath, validateFieldPath } from './parse-field-path.ts';

const field = (name: string): FieldPathSegment => ({ kind: 'field', name });
const index = (at: number): FieldPathSegment => ({ kind: 'index', index: at });
const each: FieldPathSegment = { kind: 'each' };

function errorOf(expression: unknown): FieldPathError {
  try {
    validateFieldPath(expression as string);
  } catch (error) {
    if (error instanceof FieldPathError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a field path', () => {
  it.each<[string, readonly FieldPathSegment[]]>([
    ['kind', [field('kind')]],
    ['metadata.name', [field('metadata'), field('name')]],
    ['.metadata.name', [field('metadata'), field('name')]],
    [
      "metadata.labels['app.kubernetes.io/name']",
      [field('metadata'), field('labels'), field('app.kubernetes.io/name')],
    ],
    ['metadata.labels["a.b/c"]', [field('metadata'), field('labels'), field('a.b/c')]],
    ["['metadata']['name']", [field('metadata'), field('name')]],
    [".['metadata'].name", [field('metadata'), field('name')]],
    ['spec.rules[0].host', [field('spec'), field('rules'), index(0), field('host')]],
    ['spec.rules[*].host', [field('spec'), field('rules'), each, field('host')]],
    ['spec.rules[10][*][2]', [field('spec'), field('rules'), index(10), each, index(2)]],
    ["a['it\\'s']", [field('a'), field("it's")]],
    ['a["it\'s"]', [field('a'), field("it's")]],
    ['a["say \\"hi\\""]', [field('a'), field('say "hi"')]],
    ["a['back\\\\slash']", [field('a'), field('back\\slash')]],
    ["a['\\u0000\\u000A']", [field('a'), field('\u0000\n')]],
    ["a['']", [field('a'), field('')]],
    ["a[']']['[0]']", [field('a'), field(']'), field('[0]')]],
    ["a['0'][0]", [field('a'), field('0'), index(0)]],
    ["a[' spaced * key ']", [field('a'), field(' spaced * key ')]],
    ['spec.$ref', [field('spec'), field('$ref')]],
    ['$ref', [field('$ref')]],
    ['x-kubernetes-foo.snake_case.a1', [field('x-kubernetes-foo'), field('snake_case'), field('a1')]],
    ['größe.名前', [field('größe'), field('名前')]],
    ['__proto__.constructor', [field('__proto__'), field('constructor')]],
  ])('%s is parsed once into segments', (expression, segments) => {
    expect(parseFieldPath(expression)).toEqual({ expression, segments });
  });

  it('is frozen', () => {
    const path = parseFieldPath('a[0].b');
    expect([path, path.segments, ...path.segments].every(Object.isFrozen)).toBe(true);
  });

  it.each<[string, number, RegExp]>([
    ['', 0, /Name a field/],
    ['   ', 0, /Name a field/],
    ['.', 0, /Name every field/],
    ['..name', 0, /Name every field/],
    ['metadata..name', 8, /all levels/],
    ['metadata.name.', 13, /last dot/],
    ['metadata[0].', 11, /last dot/],
    ['metadata.[0]', 8, /Leave out the dot before the bracket/],
    ['spec.rules[', 10, /\['a\.b\/c'\]/],
    ['spec.rules[0', 10, /\['a\.b\/c'\]/],
    ['spec.rules[]', 11, /\[\*\]/],
    ['spec.rules0]', 11, /no \[ before it/],
    ['spec.rules[0]]', 13, /no \[ before it/],
    ["a['b", 2, /End the key with '\]/],
    ["a['b\\']", 2, /End the key with '\]/],
    ['a["b\']', 2, /End the key with "\]/],
    ["a['b'", 5, /Write \] here/],
    ["a['b'c']", 5, /written \\'/],
    ["a['b\\n']", 4, /four hexadecimal digits/],
    ["a['b\\u12']", 4, /four hexadecimal digits/],
    ["a['b']c", 6, /begins with a dot/],
    ['metadata.labels[app]', 16, /\['app'\]/],
    ['metadata.labels[app.kubernetes.io/name]', 16, /\['app\.kubernetes\.io\/name'\]/],
    ['spec.rules[-1]', 11, /counted from 0/],
    ['spec.rules[01]', 11, /leading zeros/],
    ['spec.rules[ 1 ]', 11, /\[1\] without white space/],
    ['spec.rules[1:2]', 11, /Slices/],
    ['spec.rules[0,1]', 11, /Slices/],
    ['spec.rules[?(@.host)]', 11, /Filters/],
    ['spec.rules[1234567890]', 11, /at most 9 digits/],
    ['spec.rules.0.host', 11, /Write \[0\]/],
    ['spec.*.host', 5, /\[\*\]/],
    ['metadata.labels.app.kubernetes.io/name', 33, /quoted brackets/],
    ['metadata.annotations.kubernetes\\.io', 31, /quoted brackets/],
    ['metadata.name ', 13, /white space/],
    [' metadata.name', 0, /white space/],
    ['$', 0, /leave out the \$/],
    ['$.metadata.name', 0, /JSONPath: metadata\.name$/],
    ["$['metadata']", 0, /JSONPath: \['metadata'\]$/],
    ['{.metadata.name}', 0, /JSONPath: metadata\.name$/],
    ['{$.metadata.name}', 0, /JSONPath: metadata\.name$/],
    ['metadata.name}', 13, /braces/],
    ['[0].a', 0, /begin with a field/],
    ['[*]', 0, /begin with a field/],
    ['a\nb', 1, /control|quoted key/],
    ["a['\u0000']", 3, /\\u0000/],
    ['a\u2028b', 1, /quoted key/],
    ['a\u007f', 1, /quoted key/],
    ['"metadata".name', 0, /quoted brackets/],
    ['a🙂', 1, /quoted brackets/],
    ['a'.repeat(1025), 1024, /at most 1024/],
  ])('that is %j is refused at position %i with a hint', (expression, position, hint) => {
    const error = errorOf(expression);
    expect(error).toMatchObject({ code: 'INVALID_FIELD_PATH', expression, position, retryable: false });
    expect(error.hint).toMatch(hint);
    expect(error.message).toContain(`at position ${position}`);
    expect(error.message).toContain(error.hint);
  });

  it.each([undefined, null, 5, {}, ['a']])('that is %j is refused too', (expression) => {
    expect(errorOf(expression).hint).toBe('Write the path as text.');
  });

  it('gives short messages for long text', () => {
    expect(errorOf('x'.repeat(1_000_000)).message.length).toBeLessThan(300);
  });

  it('may be as long as 1024 characters', () => {
    expect(parseFieldPath('a.'.repeat(511).concat('ab')).segments).toHaveLength(512);
  });

  it('property: is parsed to what it was formatted from, whatever the keys', () => {
    const key = fc.oneof(
      fc.string({ maxLength: 12, unit: 'binary' }),
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        '__proto__',
        "'",
        '"',
        '\\',
        ']',
        '[0]',
        '*',
        '$',
        '0',
        '',
        '\u0000',
        '\ud800',
        'a.b/c',
      ),
    );
    const segment = fc.oneof(
      key.map(field),
      fc.integer({ min: 0, max: 999_999_999 }).map(index),
      fc.constant(each),
    );
    fc.assert(
      fc.property(key, fc.array(segment, { maxLength: 6 }), fc.boolean(), (first, rest, dot) => {
        const segments = [field(first), ...rest];
        const text = formatFieldPath(segments);
        expect(parseFieldPath(dot ? `.${text}` : text).segments).toEqual(segments);
      }),
      { numRuns: 500 },
    );
  });

  it('property: any other text is parsed or refused with a position inside it, never anything else', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc
        .array(fc.constantFrom('a', '.', '[', ']', "'", '"', '\\', '*', '0', '$', '{', '}', '-', ' '), {
          maxLength: 10,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        try {
          const { segments } = parseFieldPath(expression);
          expect(parseFieldPath(formatFieldPath(segments)).segments).toEqual(segments);
        } catch (error) {
          expect(error).toBeInstanceOf(FieldPathError);
          const { position, hint } = error as FieldPathError;
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(expression.length);
          expect(hint).not.toBe('');
        }
      }),
      { numRuns: 2000 },
    );
  });
});
