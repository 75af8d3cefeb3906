/** Owns what is counted while a stream flows, so that an ordinary event needs no step of the machine. */
import { compareResourceVersions } from '@firn/core';

/** What the driver counts on the hot path, without a step for every event. Times are monotonic but for `eventAt`. */
export interface StreamProgress {
  /** The resource version that the live watch has reached. */
  readonly resourceVersion: string | undefined;
  /** When the stream last delivered a byte. */
  readonly bytesAt: number | undefined;
  /** Events and bookmarks of this stream. */
  readonly events: number;
  /** When it first delivered a bookmark without the annotation. */
  readonly bookmarkedAt: number | undefined;
  /** Wall clock of the last event. */
  readonly eventAt: number | undefined;
}

/** The same, as the reader of the stream writes it. */
export interface StreamRecord extends StreamProgress {
  resourceVersion: string | undefined;
  bytesAt: number | undefined;
  events: number;
  bookmarkedAt: number | undefined;
  eventAt: number | undefined;
  /** Items of the list under way, over all its pages. */
  listed: number;
}

/** A stream that has delivered nothing; `listed` goes on over the pages of one list. */
export function freshStream(listed: number): StreamRecord {
  return {
    resourceVersion: undefined,
    bytesAt: undefined,
    events: 0,
    bookmarkedAt: undefined,
    eventAt: undefined,
    listed,
  };
}

/** The later of two resource versions; the new one where they cannot be ordered (rule 21). */
export function laterVersion(reached: string | undefined, arrived: string): string {
  if (reached === undefined) return arrived;
  return compareResourceVersions(arrived, reached) === -1 ? reached : arrived;
}
