/** Owns the form of a result: what was measured, and what was asked. */
import type { Spread } from './statistics.ts';

/** What a figure must not exceed, and what it should. */
export interface Targets {
  readonly must?: number;
  readonly aim?: number;
}

/** One measured figure. Smaller is better, unless it says `atLeast`. */
export interface Figure extends Spread, Targets {
  readonly what: string;
  readonly unit: string;
  /** The same in other terms, to read beside it: `19.5 µs`. */
  readonly detail?: string;
  /** More is better. */
  readonly atLeast?: boolean;
}

/** What one measure gives. */
export interface Result {
  readonly measure: string;
  readonly title: string;
  /** How it was measured, for who wants to judge it. */
  readonly how: string;
  readonly figures: readonly Figure[];
}

/** `aim`, `must`, `missed`, or nothing where there is no target. */
export function verdictOf({ median, must, aim, atLeast }: Figure): string {
  const reaches = (target: number | undefined): boolean =>
    target !== undefined && (atLeast === true ? median >= target : median <= target);
  if (must === undefined) return '';
  return reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'missed';
}

/** A number with three significant digits, or whole where it is larger. */
export function formatNumber(number: number): string {
  return Math.abs(number) >= 100
    ? Math.round(number).toLocaleString('en-US')
    : String(Number(number.toPrecision(3)));
}

/** A total in milliseconds as microseconds for each of `count`. */
export function micros(ms: number, count: number): string {
  return `${formatNumber((ms * 1000) / count)} µs`;
}
