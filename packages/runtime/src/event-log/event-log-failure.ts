/** Owns the failures of a log on disk: what each is called, and the way from an error of the system to it. */
import { EventLogError } from '@firn/core';

/**
 * What is wrong with a log, the `code` of an `EventLogError`.
 *
 * The folder: `FOLDER_MISSING`, `FORBIDDEN`, `NOT_A_LOG`, `LOCKED`.
 * A segment: `HEADER_MISSING`, `HEADER_DAMAGED`, `UNKNOWN_VERSION`, `SEGMENT_MISSING`, `SEGMENT_MISNAMED`,
 * `COMPRESSION_DAMAGED`.
 * A record: `CRC_MISMATCH`, `RECORD_TRUNCATED`, `RECORD_MALFORMED`, `RECORD_TOO_LONG`, `SEQUENCE_GAP`.
 * The disk: `DISK_FULL`, `DISK_FAILED`, `DISK_TOO_SLOW`.
 * The recording: `CHECKPOINT_FAILED`, `RECORD_UNWRITABLE`, `CLOSED`.
 */
export type EventLogErrorCode =
  | 'FOLDER_MISSING'
  | 'FORBIDDEN'
  | 'NOT_A_LOG'
  | 'LOCKED'
  | 'HEADER_MISSING'
  | 'HEADER_DAMAGED'
  | 'UNKNOWN_VERSION'
  | 'SEGMENT_MISSING'
  | 'SEGMENT_MISNAMED'
  | 'COMPRESSION_DAMAGED'
  | 'CRC_MISMATCH'
  | 'RECORD_TRUNCATED'
  | 'RECORD_MALFORMED'
  | 'RECORD_TOO_LONG'
  | 'SEQUENCE_GAP'
  | 'DISK_FULL'
  | 'DISK_FAILED'
  | 'DISK_TOO_SLOW'
  | 'CHECKPOINT_FAILED'
  | 'RECORD_UNWRITABLE'
  | 'CLOSED';

/** Where a failure is, and what brought it about. */
export interface FailurePlace {
  readonly file?: string | undefined;
  /** Bytes from the start of the file; of a compressed segment, of what is in it. */
  readonly offset?: number | undefined;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<EventLogErrorCode> = new Set(['LOCKED', 'DISK_FULL', 'DISK_TOO_SLOW']);

/** The one way to make an `EventLogError` here: its code is one of the list. */
export function eventLogError(
  code: EventLogErrorCode,
  message: string,
  place: FailurePlace = {},
): EventLogError {
  return new EventLogError(message, { code, retryable: RETRYABLE.has(code), ...place });
}

/** The `code` of an error of the system, such as `ENOENT`. */
export function systemCode(error: unknown): string {
  return error instanceof Error ? String((error as NodeJS.ErrnoException).code ?? '') : '';
}

/** What an error of the file system means for whoever reads or writes `file`. */
export function diskFailure(cause: unknown, file: string): EventLogError {
  if (cause instanceof EventLogError) return cause;
  const place = { file, cause };
  const code = systemCode(cause);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return eventLogError(
        'FORBIDDEN',
        `${file} may not be opened by this user (${code}). Give the user read and write permission, or name another folder.`,
        place,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return eventLogError(
        'DISK_FULL',
        `There is no space left to write ${file} (${code}). Free some, or keep fewer segments.`,
        place,
      );
    case 'ENOENT':
      return eventLogError(
        'SEGMENT_MISSING',
        `${file} is gone. Put it back, or let a repair keep what comes before it.`,
        place,
      );
    default:
      return eventLogError(
        'DISK_FAILED',
        `${file} cannot be read or written (${code || 'unknown cause'}). Check the disk it lies on.`,
        place,
      );
  }
}

/** What an error of the file system means where the folder of a log is opened. */
export function folderFailure(cause: unknown, folder: string): EventLogError {
  const code = systemCode(cause);
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EEXIST') return diskFailure(cause, folder);
  return eventLogError(
    'FOLDER_MISSING',
    `There is no folder ${folder} (${code}). Check the path: a log is a folder, not a file.`,
    { file: folder, cause },
  );
}

/** A segment that should be there is not. */
export function missingSegment(folder: string, number: number): EventLogError {
  return eventLogError(
    'SEGMENT_MISSING',
    `Segment ${number} of the event log in ${folder} is missing. Put its file back, or let a repair keep what comes before it.`,
    { file: folder },
  );
}
