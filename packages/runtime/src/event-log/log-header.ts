/** Owns the first line of a segment: what it says, and whether it can be believed. */
import type { EventLogError } from '@firn/core';
import { eventLogError } from './event-log-failure.ts';
import { framedLine, isSealed, PREFIX_BYTES } from './line-frame.ts';

/** One recorded resource type, as its owner describes it: enough to make an equal store of it. */
export interface LoggedResource {
  /** `group/version/resource`. */
  readonly gvr: string;
  /** Selectors, index paths, ignored fields: JSON. */
  readonly [option: string]: unknown;
}

/** What a log says of itself at the head of each segment. */
export interface LogHeader {
  readonly format: 'firn-event-log';
  readonly version: 1;
  /** The life of one process's recording; a log may hold several runs, a segment only one. */
  readonly run: string;
  /** The number of this segment, which its file is named after. */
  readonly segment: number;
  /** The sequence number of its first record. */
  readonly first: number;
  /** When the segment began, wall-clock milliseconds. */
  readonly startedAt: number;
  /** By the name that records carry. */
  readonly resources: Readonly<Record<string, LoggedResource>>;
  /** Field paths that were redacted, by resource name. */
  readonly redacted: Readonly<Record<string, readonly string[]>>;
}

const FORMAT = 'firn-event-log';
const VERSION = 1;
const START = `{"format":"${FORMAT}"`;

/** The line of a header. */
export function headerLine(header: Omit<LogHeader, 'format' | 'version'>): Buffer {
  const { run, segment, first, startedAt, resources, redacted } = header;
  return framedLine(
    JSON.stringify({
      format: FORMAT,
      version: VERSION,
      run,
      segment,
      first,
      startedAt,
      resources,
      redacted,
    }),
  );
}

/** Reads a line, without line feed, as the header of segment `number`; says what is wrong with it otherwise. */
export function readHeader(line: Buffer, file: string, number: number): LogHeader | EventLogError {
  const place = { file, offset: 0 };
  if (!isSealed(line, 0, line.length)) return headerFailure(line, file);
  const header = headerIn(line);
  if (header?.format !== FORMAT)
    return eventLogError(
      'HEADER_MISSING',
      `${file} begins without the header of an event log. Look for the segment it was cut from; a repair moves it aside.`,
      place,
    );
  if (header.version !== VERSION)
    return eventLogError(
      'UNKNOWN_VERSION',
      `${file} is an event log of version ${JSON.stringify(header.version)}, and this firn reads version ${VERSION}. Read it with the firn that wrote it, or a newer one.`,
      place,
    );
  if (!isComplete(header))
    return eventLogError(
      'HEADER_DAMAGED',
      `The header of ${file} lacks what a header must say. A repair keeps the segments before it.`,
      place,
    );
  if (header.segment !== number)
    return eventLogError(
      'SEGMENT_MISNAMED',
      `${file} is segment ${header.segment} by its header. Give the file its name back.`,
      place,
    );
  return header;
}

function headerIn(line: Buffer): Partial<LogHeader> | undefined {
  try {
    return JSON.parse(line.toString('utf8', PREFIX_BYTES)) as Partial<LogHeader>;
  } catch {
    return undefined;
  }
}

function isComplete(header: Partial<LogHeader>): header is LogHeader {
  const { run, segment, first, startedAt, resources, redacted } = header;
  return (
    typeof run === 'string' &&
    [segment, first, startedAt].every((value) => Number.isSafeInteger(value)) &&
    [resources, redacted].every((value) => typeof value === 'object' && value !== null)
  );
}

/** Tells what a process was writing when it died from what was never a log. */
function headerFailure(line: Buffer, file: string): EventLogError {
  const place = { file, offset: 0 };
  const text = line.toString('latin1', 0, PREFIX_BYTES + START.length);
  const json = text.slice(PREFIX_BYTES);
  if (/^\0*$/.test(text))
    return eventLogError(
      'HEADER_MISSING',
      `${file} is empty where its header should be. A repair keeps the segments before it.`,
      place,
    );
  if (/^[0-9a-f]{0,8} ?$/.test(text.slice(0, PREFIX_BYTES)) && START.startsWith(json))
    return eventLogError(
      'HEADER_DAMAGED',
      `The header of ${file} is damaged or cut off. A repair keeps the segments before it.`,
      place,
    );
  return eventLogError(
    'NOT_A_LOG',
    `${file} is no segment of an event log: it begins with something else. Name the folder that was recorded to, or take the file away.`,
    place,
  );
}
