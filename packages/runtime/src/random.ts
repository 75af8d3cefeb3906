/** Owns chance that repeats itself: the same seed gives the same numbers. */

/** A source of seeded random choices. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number at least 0, less than `below`. */
  integer(below: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** Letters and digits, as in generated names. */
  text(length: number): string;
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Splits a seed into the state of the generator, so that neighbouring seeds differ at once. */
function scramble(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

/** Makes a source of random choices (xorshift128 on 32-bit words); not for secrets. */
export function createRandom(seed: number): Random {
  const word = scramble(seed);
  let [a, b, c, d] = [word(), word(), word(), word() | 1];
  function next(): number {
    const mixed = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    d = d ^ (d >>> 19) ^ mixed ^ (mixed >>> 8);
    return (d >>> 0) / 0x1_0000_0000;
  }
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    pick: <T>(from: readonly [T, ...T[]]): T => from[integer(from.length)] ?? from[0],
    text: (length) => Array.from({ length }, () => LETTERS[integer(LETTERS.length)]).join(''),
  };
}
