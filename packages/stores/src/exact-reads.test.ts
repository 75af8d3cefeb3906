/** Owns the behaviour of remembered look-ups. */
import { describe, expect, it } from 'vitest';
import { ExactReads } from './exact-reads.ts';
import { type Pod, pods } from './pod.fixture.ts';

describe('remembered look-ups', () => {
  it('give back the same array for the same keys, and nothing for others', () => {
    const reads = new ExactReads<Pod>();
    const [one, two] = [pods('shop/a'), pods('shop/b')];
    reads.remember(['a/b', 'c'], one);
    reads.remember(['a', 'b/c'], two);
    expect(reads.find(['a/b', 'c'])).toBe(one);
    expect(reads.find(['a', 'b/c'])).toBe(two);
    expect(reads.find(['a', 'c'])).toBeUndefined();
    expect(reads.find(['x', 'c'])).toBeUndefined();
  });

  it('are forgotten by their keys alone', () => {
    const reads = new ExactReads<Pod>();
    for (const key of ['a', 'b']) reads.remember(['x', 'y', key], pods('shop/a'));
    reads.forget(['x', 'y', 'a']);
    reads.forget(['x', 'z', 'b']);
    reads.forget(['q', 'y', 'b']);
    expect(reads.find(['x', 'y', 'a'])).toBeUndefined();
    expect(reads.find(['x', 'y', 'b'])).toHaveLength(1);
  });

  it('are forgotten all at once', () => {
    const reads = new ExactReads<Pod>();
    reads.remember(['a'], pods('shop/a'));
    reads.forgetAll();
    expect(reads.find(['a'])).toBeUndefined();
  });

  it('take no room for what is not there', () => {
    const reads = new ExactReads<Pod>();
    reads.remember(['shop', 'missing'], []);
    expect(reads.find(['shop', 'missing'])).toBeUndefined();
  });

  it('take one key as well as many, and the empty one', () => {
    const reads = new ExactReads<Pod>();
    const found = pods('shop/a');
    reads.remember([''], found);
    expect(reads.find([''])).toBe(found);
  });
});
