/** Owns why a recording stops that is not the disk's refusal, and the mark that a stopped one leaves. */
import type { EventLogError } from '@firn/core';
import { eventLogError } from './event-log-failure.ts';
import type { LoggedEnd } from './log-event.ts';

/** What stands at the end of a log whose recording stopped. */
export function endMark(error: EventLogError): LoggedEnd {
  return { type: 'END', code: error.code, message: error.message };
}

export function tooSlow(file: string, queuedBytes: number): EventLogError {
  return eventLogError(
    'DISK_TOO_SLOW',
    `The disk of ${file} does not keep up: ${queuedBytes} bytes wait to be written, and recording has stopped. Record to a faster disk, ignore more fields, or raise maxQueueBytes.`,
    { file },
  );
}

export function unwritable(resource: string): EventLogError {
  return eventLogError(
    'RECORD_UNWRITABLE',
    `An event of ${JSON.stringify(resource)} is no JSON or too long for a record, and recording has stopped. Records hold JSON of at most 16 MiB: give lists in slices.`,
  );
}

export function checkpointFailed(cause: unknown): EventLogError {
  const why = cause instanceof Error ? cause.message : 'unknown cause';
  return eventLogError(
    'CHECKPOINT_FAILED',
    `The state for a checkpoint could not be read (${why}), and recording has stopped. Open the log again.`,
    { cause },
  );
}
