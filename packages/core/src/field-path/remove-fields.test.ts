/** Owns the behaviour of cutting fields out of objects. */
import { freeze } from 'immer';
import { describe, expect, it } from 'vitest';
import { parseFieldPath } from './parse-field-path.ts';
import { compileFieldRemoval } from './remove-fields.ts';

const strip = <O>(object: O, ...paths: string[]): O => compileFieldRemoval(paths.map(parseFieldPath))(object);

describe('removing fields', () => {
  it('removes plain and quoted fields and keeps the order of the others', () => {
    const object = {
      z: 1,
      metadata: { b: 1, managedFields: [1], annotations: { 'a/b.c': 'x', keep: 'y' }, a: 2 },
      m: 3,
    };
    const result = strip(object, 'metadata.managedFields', "metadata.annotations['a/b.c']");
    expect(JSON.stringify(result)).toBe('{"z":1,"metadata":{"b":1,"annotations":{"keep":"y"},"a":2},"m":3}');
  });

  it('removes below every element and below a numbered one', () => {
    const object = { l: [{ x: 1, y: 1 }, { x: 2, y: 2 }, 'text', null, [{ x: 3 }]] };
    expect(strip(object, 'l[*].x')).toEqual({ l: [{ y: 1 }, { y: 2 }, 'text', null, [{ x: 3 }]] });
    expect(strip(object, 'l[1].x')).toEqual({ l: [{ x: 1, y: 1 }, { y: 2 }, 'text', null, [{ x: 3 }]] });
    expect(strip(object, 'l[*].x', 'l[0].y')).toEqual({ l: [{}, { y: 2 }, 'text', null, [{ x: 3 }]] });
    expect(strip(object, 'l[*][*].x')).toEqual({ l: [{ x: 1, y: 1 }, { x: 2, y: 2 }, 'text', null, [{}]] });
  });

  it('applies what is said of every element to the numbered ones too, on every level', () => {
    const row = () => [
      { x: 1, y: 1 },
      { x: 2, y: 2 },
    ];
    expect(strip({ l: [row(), row()] }, 'l[*][*].x', 'l[*][0].y')).toEqual({
      l: [
        [{}, { y: 2 }],
        [{}, { y: 2 }],
      ],
    });
  });

  it('removes elements, all paths meaning the object as it was', () => {
    const object = { l: [{ n: 0 }, { n: 1 }, { n: 2 }] };
    expect(strip(object, 'l[*]')).toEqual({ l: [] });
    expect(strip(object, 'l[0]')).toEqual({ l: [{ n: 1 }, { n: 2 }] });
    expect(strip(object, 'l[0]', 'l[1].n')).toEqual({ l: [{}, { n: 2 }] });
    expect(strip(object, 'l[0]', 'l[0]', 'l[2]')).toEqual({ l: [{ n: 1 }] });
  });

  it('leaves empty parents', () => {
    expect(strip({ a: { b: { c: 1 } } }, 'a.b.c')).toEqual({ a: { b: {} } });
  });

  it('gives the object itself where there is nothing to remove', () => {
    const object = { a: { b: 1, n: Number.NaN }, l: [{ x: 1 }, Number.NaN], t: 'text', none: null };
    for (const path of [
      'b',
      'a.c',
      'a.b.c',
      'a[0]',
      'a[*]',
      'l[9]',
      'l[*].y',
      'l.x',
      't.length',
      'none.a',
      'a.n.x',
      'toString',
    ])
      expect(strip(object, path)).toBe(object);
    expect(strip(object)).toBe(object);
  });

  it('shares what did not change', () => {
    const object = { a: { gone: 1, kept: {} }, l: [{ gone: 1, kept: {} }, { kept: {} }], other: {} };
    const result = strip(object, 'a.gone', 'l[*].gone');
    expect(result).toEqual({ a: { kept: {} }, l: [{ kept: {} }, { kept: {} }], other: {} });
    expect(result.a.kept).toBe(object.a.kept);
    expect(result.l[0]?.kept).toBe(object.l[0]?.kept);
    expect(result.l[1]).toBe(object.l[1]);
    expect(result.other).toBe(object.other);
  });

  it('works on frozen objects', () => {
    const frozen = freeze({ a: { x: 1, y: { z: 1 } }, l: [{ x: 1 }] }, true);
    expect(strip(frozen, 'a.x', 'l[*].x')).toEqual({ a: { y: { z: 1 } }, l: [{}] });
  });

  it('takes __proto__ for data', () => {
    const object = JSON.parse('{"__proto__":{"x":1,"y":2},"b":{"__proto__":1,"c":2},"d":3}');
    expect(JSON.stringify(strip(object, '__proto__.x', 'd'))).toBe(
      '{"__proto__":{"y":2},"b":{"__proto__":1,"c":2}}',
    );
    expect(JSON.stringify(strip(object, 'b.c'))).toBe(
      '{"__proto__":{"x":1,"y":2},"b":{"__proto__":1},"d":3}',
    );
    expect(JSON.stringify(strip(object, 'b.__proto__', '__proto__'))).toBe('{"b":{"c":2},"d":3}');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('passes over what is no object', () => {
    for (const value of [undefined, null, 'text', 5]) expect(strip(value, 'a.b')).toBe(value);
  });
});
