import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestNames } from './nearest-name.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['cahce', 'cache', 1],
    ['store', 'store', 0],
  ])('between %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, and never more than the longer length', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance === 0).toBe(a === b);
      }),
    );
  });
});

describe('nearestNames', () => {
  const names = ['ingresses', 'ingressclasses', 'services', 'serviceaccounts', 'secrets', 'pods'];

  it('names what is one slip away', () => {
    expect(nearestNames('ingreses', names)).toEqual(['ingresses']);
    expect(nearestNames('sercets', names)).toEqual(['secrets']);
    expect(nearestNames('PODS', names)).toEqual(['pods']);
  });

  it('names what begins alike', () => {
    expect(nearestNames('ingress', names)).toEqual(['ingressclasses', 'ingresses']);
  });

  it('names nothing when nothing is near', () => {
    expect(nearestNames('zebras', names)).toEqual([]);
    expect(nearestNames('nothing', ['no', 'po'])).toEqual([]);
    expect(nearestNames('', names)).toEqual([]);
    expect(nearestNames('p'.repeat(5000), names)).toEqual([]);
  });
});
