/** Owns the behaviour of references that are added by their keys: which key is the namespace, which the name. */
import { createIndexer, StoreError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { refused } from '../pod.fixture.ts';
import { createKeyNames } from './key-names.ts';

const LABEL = "metadata.labels['app']";

describe('the keys of a reference', () => {
  it.each<[string, number, string[] | undefined, string | undefined, string[], string]>([
    ['the first two, without an indexer', 2, undefined, undefined, ['shop', 'a'], 'shop/a'],
    ['the first two of more', 3, undefined, undefined, ['shop', 'a', 'x'], 'shop/a'],
    ['an empty namespace, of what has none', 2, undefined, undefined, ['', 'node'], '/node'],
    ['one, if the namespace is given', 1, undefined, 'shop', ['a'], 'shop/a'],
    ['the namespace of the keys before the one that is given', 2, undefined, 'shop', ['bank', 'a'], 'bank/a'],
    ['those of the field paths', 2, ['metadata.name', 'metadata.namespace'], undefined, ['a', 'b'], 'b/a'],
    [
      'those of field paths written in another way',
      2,
      ["metadata['name']", "metadata['namespace']"],
      'x',
      ['a', 'b'],
      'b/a',
    ],
    ['the name alone, if the namespace is given', 2, [LABEL, 'metadata.name'], 'shop', ['x', 'a'], 'shop/a'],
  ])('tell namespace and name: %s', (_what, numKeys, indexBy, namespace, keys, expected) => {
    const indexer = indexBy && createIndexer({ indexBy });
    const read = createKeyNames(numKeys, indexer, namespace).read(keys, 'add');
    expect(`${read.namespace}/${read.name}`).toBe(expected);
  });

  it.each<[string, number, string[] | undefined, string | undefined, string[], RegExp]>([
    ['one key', 1, undefined, undefined, ['a'], /do not tell the name/],
    ['one key and an empty namespace', 1, undefined, '', ['a'], /do not tell the name/],
    ['an empty name', 2, undefined, undefined, ['shop', ''], /do not tell the name/],
    [
      'no field path of the name',
      2,
      ['metadata.namespace', LABEL],
      undefined,
      ['shop', 'x'],
      /tell the name/,
    ],
    [
      'none of the namespace',
      2,
      [LABEL, 'metadata.name'],
      undefined,
      ['x', 'a'],
      /tell the namespace .*option/,
    ],
  ])('are refused where they do not: %s', (_what, numKeys, indexBy, namespace, keys, message) => {
    const indexer = indexBy && createIndexer({ indexBy });
    const error = refused(() => createKeyNames(numKeys, indexer, namespace).read(keys, 'update'));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'NO_IDENTITY', operation: 'update', keys });
    expect(error.message).toMatch(message);
  });
});
