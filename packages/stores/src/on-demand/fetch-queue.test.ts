/** Owns the behaviour of the queue of fetches: so many at once, in order, and no place is ever lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FetchQueue } from './fetch-queue.ts';

describe('a fetch queue', () => {
  it('lets so many in at once, and the others in the order in which they came', () => {
    const queue = new FetchQueue(2);
    const log: number[] = [];
    const leave = [1, 2, 3, 4].map((n) => queue.enter(() => log.push(n)));
    expect(log).toEqual([1, 2]);
    leave[1]?.();
    expect(log).toEqual([1, 2, 3]);
    leave[0]?.();
    expect(log).toEqual([1, 2, 3, 4]);
  });

  it('passes over those that left while they waited', () => {
    const queue = new FetchQueue(1);
    const log: number[] = [];
    const leave = [1, 2, 3].map((n) => queue.enter(() => log.push(n)));
    leave[1]?.();
    leave[0]?.();
    expect(log).toEqual([1, 3]);
  });

  it('gives a place away once, however often its owner leaves', () => {
    const queue = new FetchQueue(1);
    const log: number[] = [];
    const leave = queue.enter(() => log.push(1));
    leave();
    leave();
    for (const n of [2, 3]) queue.enter(() => log.push(n));
    expect(log).toEqual([1, 2]);
  });

  it('calls nobody once it is closed', () => {
    const queue = new FetchQueue(1);
    const log: number[] = [];
    const leave = [1, 2].map((n) => queue.enter(() => log.push(n)));
    queue.close();
    for (const one of leave) one();
    queue.enter(() => log.push(3))();
    expect(log).toEqual([1]);
  });

  it('is full whenever somebody waits, and empty when all have left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.option(fc.nat(9))), (places, moves) => {
        const queue = new FetchQueue(places);
        const waiting: (() => void)[] = [];
        const inside = new Set<() => void>();
        const enter = (): void => {
          let isInside = false;
          const leave = queue.enter(() => {
            isInside = true;
          });
          const check = (): boolean => isInside;
          waiting.push(Object.assign(leave, { check }));
        };
        const settle = (): void => {
          for (const leave of waiting.splice(0)) {
            const { check } = leave as (() => void) & { check(): boolean };
            if (check()) inside.add(leave);
            else waiting.push(leave);
          }
        };
        for (const move of moves) {
          const all = [...inside, ...waiting];
          const leaving = move === null ? undefined : all[move % Math.max(1, all.length)];
          if (leaving === undefined) enter();
          else {
            leaving();
            inside.delete(leaving);
            if (waiting.includes(leaving)) waiting.splice(waiting.indexOf(leaving), 1);
          }
          settle();
          expect(inside.size).toBe(Math.min(places, inside.size + waiting.length));
        }
      }),
    );
  });
});
