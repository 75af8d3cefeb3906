/** Owns how a speed is written on the command line. */
import { visibleText } from '../visible-text.ts';
import { UsageError } from './usage-error.ts';

/** Times as fast as it was; `Infinity` for `max`. */
export function readSpeed(text: string, command: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (speed > 0) return speed;
  throw new UsageError(
    `--speed must be a number above 0, or max, but is ${JSON.stringify(visibleText(text, 40))}.`,
    { command },
  );
}
