/** Owns the reading of a wall-clock time. */
import { ConfigError } from '@firn/core';
import { shownValue } from '@firn/core/engine';

/** Milliseconds since the epoch; text is what Date reads. Throws `ConfigError` `INVALID_MOMENT`. */
export function timeOf(time: number | string | Date): number {
  const ms = typeof time === 'number' ? time : new Date(time).getTime();
  if (Number.isFinite(ms)) return ms;
  throw new ConfigError(
    `${shownValue(time)} is no time. Write one such as 2026-01-31T10:00:00Z, or milliseconds.`,
    {
      code: 'INVALID_MOMENT',
    },
  );
}
