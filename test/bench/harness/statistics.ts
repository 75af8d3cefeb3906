/** Owns what several rounds of one measurement come to. */

/** The middle, and how far the rounds lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Throws on no numbers: a figure that nobody measured is not shown. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number): number => {
    const number = sorted[index];
    if (number === undefined || !Number.isFinite(number)) throw new Error(`Not measured: [${numbers}].`);
    return number;
  };
  const middle = Math.floor(sorted.length / 2);
  return {
    median: sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  };
}

/** Each round's figure divided by that of another contender in the same round. */
export function ratioOf(numbers: readonly number[], base: readonly number[]): Spread {
  return spreadOf(numbers.map((number, round) => number / (base[round] ?? Number.NaN)));
}
