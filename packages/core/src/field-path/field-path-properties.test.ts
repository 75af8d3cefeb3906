/** Owns what must hold for every path and every object: reading, removing and indexing against naive models. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IndexError } from '../errors.ts';
import { createIndexer } from '../indexer.ts';
import { type FieldPath, type FieldPathSegment, formatFieldPath } from './field-path.ts';
import { parseFieldPath } from './parse-field-path.ts';
import { pathsOverlap } from './paths-overlap.ts';
import { readEach, readOne } from './read-field.ts';
import { compileFieldRemoval } from './remove-fields.ts';

/** Few keys, so that paths and objects meet. */
const key: fc.Arbitrary<string> = fc.constantFrom(
  'a',
  'b',
  'a.b/c',
  "it's",
  '__proto__',
  'constructor',
  '',
  '0',
  '"\\',
);

const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.constantFrom(null, 1, 'x', true),
    tie('object'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('object'), { maxLength: 4 }),
  ),
  // fromEntries defines own properties, `__proto__` among them
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries)),
})).object;

const segment: fc.Arbitrary<FieldPathSegment> = fc.oneof(
  { weight: 4, arbitrary: key.map((name): FieldPathSegment => ({ kind: 'field', name })) },
  { weight: 2, arbitrary: fc.nat({ max: 3 }).map((index): FieldPathSegment => ({ kind: 'index', index })) },
  { weight: 2, arbitrary: fc.constant<FieldPathSegment>({ kind: 'each' }) },
);

const path: fc.Arbitrary<FieldPath> = fc
  .tuple(key, fc.array(segment, { maxLength: 3 }))
  .map(([name, rest]) => parseFieldPath(formatFieldPath([{ kind: 'field', name }, ...rest])));

/** An object and some paths into it, or past it. */
const objectAndPaths = fc.record({ object: json, paths: fc.array(path, { minLength: 1, maxLength: 4 }) });

const hasEach = ({ segments }: FieldPath): boolean => segments.some(({ kind }) => kind === 'each');

/** What a path means, without any of the code under test. */
function naiveRead([head, ...rest]: readonly FieldPathSegment[], value: unknown): unknown[] {
  if (head === undefined) return [value];
  if (Array.isArray(value)) {
    if (head.kind === 'field') return [];
    return value.flatMap((v, at) => (head.kind === 'each' || head.index === at ? naiveRead(rest, v) : []));
  }
  if (typeof value !== 'object' || value === null || head.kind !== 'field') return [];
  return Object.entries(value).flatMap(([name, v]) => (name === head.name ? naiveRead(rest, v) : []));
}

const GONE = Symbol('removed');

/** Marks what is to go; it is swept away later, so that all paths mean the object as it was. */
function mark(value: unknown, [head, ...rest]: readonly FieldPathSegment[]): unknown {
  if (head === undefined) return GONE;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value) !== (head.kind !== 'field')) return value;
  for (const [name, below] of Object.entries(value)) {
    const matches = head.kind === 'each' || (head.kind === 'index' ? String(head.index) : head.name) === name;
    if (matches) Object.defineProperty(value, name, { value: mark(below, rest) });
  }
  return value;
}

function sweep(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => element !== GONE).map(sweep);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, v]) => v !== GONE);
  return Object.fromEntries(kept.map(([name, v]) => [name, sweep(v)]));
}

describe('for every object and every path', () => {
  it('property: reading equals a naive walk', () => {
    fc.assert(
      fc.property(objectAndPaths, ({ object, paths }) => {
        for (const one of paths) {
          const expected = naiveRead(one.segments, object);
          expect(readEach(one, object)).toEqual(expected);
          if (!hasEach(one)) expect(readOne(one, object)).toEqual(expected[0]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('property: removing equals cloning and deleting one by one, and never touches the object', () => {
    fc.assert(
      fc.property(objectAndPaths, ({ object, paths }) => {
        const before = JSON.stringify(object);
        const clone: unknown = JSON.parse(before);
        for (const { segments } of paths) mark(clone, segments);
        const expected = JSON.stringify(sweep(clone));
        const result = compileFieldRemoval(paths)(object);
        expect(JSON.stringify(result)).toBe(expected);
        expect(JSON.stringify(object)).toBe(before);
        if (expected === before) expect(result).toBe(object);
      }),
      { numRuns: 1000 },
    );
  });

  it('property: if two paths do not meet, removing one leaves what the other reads', () => {
    fc.assert(
      fc.property(objectAndPaths, path, ({ object, paths }, removed) => {
        const rest = compileFieldRemoval([removed])(object);
        for (const needed of paths)
          if (!pathsOverlap(removed, needed))
            expect(JSON.stringify(readEach(needed, rest))).toBe(JSON.stringify(readEach(needed, object)));
      }),
      { numRuns: 1000 },
    );
  });

  it('property: index keys equal a naive look-up', () => {
    fc.assert(
      fc.property(objectAndPaths, ({ object, paths }) => {
        const single = paths.filter((one) => !hasEach(one));
        fc.pre(single.length > 0);
        const indexer = createIndexer({ indexBy: single.map((one) => one.expression) });
        const values = single.map((one) => naiveRead(one.segments, object)[0]);
        const missing = values.findIndex((value) => value === undefined || typeof value === 'object');
        if (missing === -1) expect(indexer.extractKeys(object)).toEqual(values.map(String));
        else {
          const expression = single[missing]?.expression;
          expect(() => indexer.extractKeys(object)).toThrow(
            expect.objectContaining({ constructor: IndexError, expression }),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
