/** Owns how two ways to do the same are timed: in turn, in one process, both warmed up. */
import { spreadOf } from '../../harness/statistics.ts';

/** Turns of each before those that count. */
const WARM_UP = 10;

/** Median milliseconds of each. */
export interface Pair {
  readonly firn: number;
  readonly plain: number;
}

let kept: unknown;

/** Milliseconds that something takes; its result is kept, so that it has to be made. */
export function msOf(work: () => unknown): number {
  const start = performance.now();
  kept = work();
  return performance.now() - start;
}

/** What was timed last, for a check. */
export function lastResult(): unknown {
  return kept;
}

/** Each of the two gives the milliseconds of its part that counts; turns are numbered from 0. */
export function alternate(
  turns: number,
  firn: (turn: number) => number,
  plain: (turn: number) => number,
  warmUp: number = WARM_UP,
): Pair {
  const times = { firn: [] as number[], plain: [] as number[] };
  for (let turn = 0; turn < warmUp + turns; turn++) {
    const ours = firn(turn);
    const theirs = plain(turn);
    if (turn < warmUp) continue;
    times.firn.push(ours);
    times.plain.push(theirs);
  }
  return { firn: spreadOf(times.firn).median, plain: spreadOf(times.plain).median };
}
