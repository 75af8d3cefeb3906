/** Owns what index keys may be, and that an error about them is of use, whatever they are. */
import { describe, expect, it } from 'vitest';
import { checkKeys } from './check-keys.ts';
import { StoreError } from './errors.ts';

function refusal(keys: unknown, numKeys = 2, prefix?: 'prefix'): StoreError {
  try {
    checkKeys(keys as string[], numKeys, 'get', prefix);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('index keys', () => {
  it.each([[['a', 'b']], [['', '']], [['__proto__', '\ud800']], [['a/b', '\u2028']]])('may be %j', (keys) => {
    expect(() => checkKeys(keys, 2, 'add')).not.toThrow();
  });

  it('may be fewer where a prefix will do', () => {
    expect(() => checkKeys(['a'], 2, 'get', 'prefix')).not.toThrow();
    expect(refusal(['a']).message).toMatch(/1 key\(s\) are too few\. Give 2,/);
    expect(refusal([], 2, 'prefix').message).toMatch(/list\(\) gives everything\. Give 1 to 2,/);
    expect(refusal(['a', 'b'], 1, 'prefix').message).toMatch(/too many\. Give 1,/);
  });

  it.each<[unknown, readonly string[]]>([
    ['ab', []],
    [{ length: 2, 0: 'a', 1: 'b' }, []],
    [
      ['a', 7],
      ['a', '7'],
    ],
    [
      ['a', null],
      ['a', 'null'],
    ],
    [new Array(2), ['undefined', 'undefined']],
    [
      ['a', Symbol('b')],
      ['a', 'Symbol(b)'],
    ],
    [
      ['a', Object.create(null)],
      ['a', 'an object'],
    ],
    [
      ['a', 'b\0'],
      ['a', 'b\0'],
    ],
  ])('that are unfit are named in the error (%#)', (keys, named) => {
    expect(refusal(keys)).toMatchObject({ code: 'INVALID_KEYS', operation: 'get', keys: named });
  });

  it('make a message of one short line, however long or many they are', () => {
    const long = 'x'.repeat(1_000_000);
    expect(refusal([long, `${long}\u2028`, 'c']).message.length).toBeLessThan(300);
    expect(refusal([long, 'b', 'c']).keys).toEqual([long, 'b', 'c']);
    expect(refusal(new Array(100_000).fill('a')).message.length).toBeLessThan(200);
    expect(refusal(['a\nb\u2028c', 'd', 'e']).message).not.toMatch(/[\n\u2028]/);
  });
});
