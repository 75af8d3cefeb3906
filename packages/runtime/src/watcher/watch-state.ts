/** Owns what a watcher says of itself. */
import type { FirnError } from '@firn/core';
import type { MailboxState } from '../actor/mailbox.ts';

/** The state of one watched resource. Times are wall-clock milliseconds. */
export interface WatchState {
  readonly phase: 'idle' | 'listing' | 'watching' | 'backoff' | 'stopped';
  /** The first complete list of this start has been applied and is visible. */
  readonly synced: boolean;
  /** No contact with the server since `connectedSince` ended: what readers see may be old. */
  readonly stale: boolean;
  readonly resourceVersion?: string;
  readonly connectedSince?: number;
  readonly lastEventAt?: number;
  readonly lastError?: FirnError;
  readonly nextAttemptAt?: number;
  /** How often the watch failed unexpectedly and was started again. */
  readonly restarts: number;
  /** Items received so far by a list under way. */
  readonly listed?: number;
  /** Resources left out so far because their index keys cannot be extracted. */
  readonly indexErrors: number;
  readonly mailbox: MailboxState;
}
