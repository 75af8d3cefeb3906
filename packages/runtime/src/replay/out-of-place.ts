/** Owns the error for a record that cannot stand where it does. */
import { EventLogError } from '@firn/core';
import type { LogRecord } from '../event-log/log-record.ts';

/** A record that contradicts those before it. */
export function outOfPlace({ file, offset, type }: LogRecord, why: string): EventLogError {
  return new EventLogError(
    `The ${type} at byte ${offset} of ${file} is out of place: ${why}. The log was written by something else, or put together from several.`,
    { code: 'RECORD_OUT_OF_PLACE', file, offset },
  );
}
