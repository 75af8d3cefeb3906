/** Owns what a writer says of itself. */
import type { EventLogError } from '@firn/core';

/** The state of a recording. Records are counted by their sequence numbers: 0 when there is none yet. */
export interface EventLogState {
  /** `stopped`: an error ended the recording, and whatever happens is lost to the log until it is opened again. */
  readonly phase: 'recording' | 'stopped' | 'closed';
  readonly run: string;
  /** The segment that is being written. */
  readonly segment: number;
  /** Bytes in it. */
  readonly segmentBytes: number;
  /** Bytes that wait for the disk. */
  readonly queuedBytes: number;
  /** The last record that was appended. */
  readonly appended: number;
  /** The last record that the operating system has: it survives the end of the process. */
  readonly written: number;
  /** The last record that survives a loss of power. */
  readonly durable: number;
  /** Why recording stopped. */
  readonly lastError?: EventLogError;
}
