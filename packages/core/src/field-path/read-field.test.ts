/** Owns the behaviour of reading by field path. */
import { describe, expect, it } from 'vitest';
import { parseFieldPath } from './parse-field-path.ts';
import { readEach, readOne } from './read-field.ts';

const object = {
  a: { 'b.c/d': 1, "it's": null, list: [{ x: 1, deep: [1, 2] }, { x: 2, deep: [3] }, {}, 'text', null] },
  length: 5,
};
const one = (path: string, from: unknown = object): unknown => readOne(parseFieldPath(path), from);
const all = (path: string, from: unknown = object): unknown[] => readEach(parseFieldPath(path), from);

describe('reading one value', () => {
  it('finds fields, quoted keys and elements', () => {
    expect(one("a['b.c/d']")).toBe(1);
    expect(one("a['it\\'s']")).toBe(null);
    expect(one('a.list[1].x')).toBe(2);
    expect(one('length')).toBe(5);
  });

  it('gives undefined for what is not there, or of another shape', () => {
    for (const path of [
      'b',
      'a.b',
      'a.list[9]',
      'a.list[2].x',
      'a.list[3].x',
      'a.list[4].x',
      'a.list.x',
      'a[0]',
      "a['it\\'s'].b",
    ])
      expect(one(path)).toBeUndefined();
    for (const from of [undefined, null, 'length', 5, []])
      expect(readOne(parseFieldPath('length'), from)).toBeUndefined();
  });

  it('does not take the properties of arrays and text for fields', () => {
    expect(one('a.list.length')).toBeUndefined();
    expect(one("a.list['0']")).toBeUndefined();
    expect(one('a.list[3].length')).toBeUndefined();
    expect(one('a.list[3][0]')).toBeUndefined();
  });

  it('sees own data only', () => {
    expect(one('constructor')).toBeUndefined();
    expect(one('__proto__')).toBeUndefined();
    expect(one('a.hasOwnProperty')).toBeUndefined();
    expect(one('__proto__.constructor', JSON.parse('{"__proto__":{"constructor":1}}'))).toBe(1);
    expect(one('name', Object.create({ name: 'inherited' }))).toBeUndefined();
  });
});

describe('reading every value', () => {
  it('passes over elements without the field', () => {
    expect(all('a.list[*].x')).toEqual([1, 2]);
    expect(all('a.list[*].deep[*]')).toEqual([1, 2, 3]);
    expect(all('a.list[*].deep[0]')).toEqual([1, 3]);
    expect(all('a.list[*]')).toEqual(object.a.list);
    expect(all('a[*]')).toEqual([]);
    expect(all('nothing[*].x')).toEqual([]);
  });

  it('is a list of one where the path has no [*]', () => {
    expect(all('length')).toEqual([5]);
    expect(all('a.b')).toEqual([]);
  });
});
