/** Owns how lengths of time are written. */
import { ConfigError } from './errors.ts';

/** Milliseconds, or text such as `'500ms'`, `'15m'`, `'1h30m'`, `'2m10s'`, `'1.5s'`. */
export type Duration = number | string;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const PART = /(\d+)(?:\.(\d+))?(ms|s|m|h)/g;

function invalid(value: unknown): ConfigError {
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 80))
      : typeof value === 'number' || value === null
        ? String(value)
        : `A value of type ${typeof value}`;
  return new ConfigError(
    `${shown} is not a duration. Write milliseconds as a number of 0 or more, or text such as '500ms', '15m', '1h30m', '2m10s', '1.5s' (units: ms s m h).`,
    { code: 'INVALID_DURATION' },
  );
}

/**
 * Reads a duration as milliseconds.
 *
 * @throws {ConfigError} `INVALID_DURATION` for a negative, infinite or NaN number and for any other text.
 * @example
 * ```ts
 * parseDuration('2m10s') // 130000
 * parseDuration(250)     // 250
 * ```
 */
export function parseDuration(value: Duration): number {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value < 0) throw invalid(value);
    return value === 0 ? 0 : value;
  }
  if (typeof value !== 'string' || value.length > 64 || !WHOLE.test(value)) throw invalid(value);
  let total = 0;
  // 1.1h is 11 h / 10: multiplying the fraction itself would give 3960000.0000000005
  for (const [, whole = '', fraction = '', unit = ''] of value.matchAll(PART))
    total += (Number(whole + fraction) * (UNITS[unit] ?? Number.NaN)) / 10 ** fraction.length;
  if (!Number.isFinite(total)) throw invalid(value);
  return total;
}
