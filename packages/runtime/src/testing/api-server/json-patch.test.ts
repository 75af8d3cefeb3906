import { describe, expect, it } from 'vitest';
import { jsonPatch } from './json-patch.ts';

describe('jsonPatch', () => {
  it.each<[string, unknown, object[], unknown]>([
    ['adds to an object', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds into an array', [1, 3], [{ op: 'add', path: '/1', value: 2 }], [1, 2, 3]],
    ['adds at the end', [1], [{ op: 'add', path: '/-', value: 2 }], [1, 2]],
    ['removes', { a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
    ['replaces', { a: 1 }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
    ['moves', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    ['copies', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }],
    ['tests', { a: [1] }, [{ op: 'test', path: '/a', value: [1] }], { a: [1] }],
    [
      'reads escapes',
      { 'x/y': 1, 'p~q': 2 },
      [
        { op: 'remove', path: '/x~1y' },
        { op: 'remove', path: '/p~0q' },
      ],
      {},
    ],
  ])('%s', (_, target, patch, expected) => {
    const before = structuredClone(target);
    expect(jsonPatch(target, patch)).toEqual(expected);
    expect(target).toEqual(before);
  });

  it('takes __proto__ for data', () => {
    const patched = jsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(Object.hasOwn(patched as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['no array', { op: 'add' }, 'BadRequest'],
    ['no path', [{ op: 'add' }], 'Invalid'],
    ['an unknown operation', [{ op: 'frobnicate', path: '/a' }], 'Invalid'],
    ['a path that is not there', [{ op: 'remove', path: '/b' }], 'Invalid'],
    ['an index beyond the end', [{ op: 'replace', path: '/list/9', value: 1 }], 'Invalid'],
    ['a test that fails', [{ op: 'test', path: '/a', value: 2 }], 'Invalid'],
    ['the whole document', [{ op: 'replace', path: '', value: 2 }], 'Invalid'],
  ])('refuses %s', (_, patch, code) => {
    expect(() => jsonPatch({ a: 1, list: [] }, patch)).toThrow(expect.objectContaining({ code }));
  });
});
