/** Owns the behaviour of the question whether two paths meet. */
import { describe, expect, it } from 'vitest';
import { parseFieldPath } from './parse-field-path.ts';
import { pathsOverlap } from './paths-overlap.ts';

const overlap = (removed: string, needed: string): boolean =>
  pathsOverlap(parseFieldPath(removed), parseFieldPath(needed));

describe('a removed path and a needed one', () => {
  it('meet where one lies at, above or below the other', () => {
    expect(overlap('a.b', "['a']['b']")).toBe(true);
    expect(overlap('a', 'a.b')).toBe(true);
    expect(overlap('a.b.c', 'a.b')).toBe(true);
    expect(overlap('a[0].b', 'a[*].b')).toBe(true);
    expect(overlap('a[*].b', 'a[7].b')).toBe(true);
  });

  it('meet where an element in front of the needed one is removed', () => {
    expect(overlap('a[0]', 'a[1].b')).toBe(true);
    expect(overlap('a[2]', 'a[1].b')).toBe(false);
    expect(overlap('a[0].b', 'a[1].b')).toBe(false);
  });

  it('do not meet in different fields, or where one expects an array and the other an object', () => {
    expect(overlap('a.b', 'a.c')).toBe(false);
    expect(overlap("a['0']", 'a[0]')).toBe(false);
    expect(overlap('a[*]', 'a.b')).toBe(false);
  });
});
