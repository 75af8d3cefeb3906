/** Owns what a record of a log says: every type of event, and what each means to whoever replays it. */
import type { EventOrigin, KubernetesObject, ResourceRef } from '@firn/core';
import type { LoggedResource } from './log-header.ts';

/** A resource in recorded form (ignored fields are gone, redacted ones replaced), or a reference to one. */
export type LoggedObject = KubernetesObject | ResourceRef;

/** One resource was added, modified or deleted. */
export interface LoggedWrite {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: LoggedObject;
  /** Index keys, where they were given and not extracted. */
  readonly keys?: readonly string[];
  /** `'watch'` when left out: a log has many of these, and few of the others. */
  readonly origin?: EventOrigin;
}

/** The server has reached a resource version. */
export interface LoggedBookmark {
  readonly type: 'BOOKMARK';
  readonly resourceVersion: string;
}

/** Everything was removed. */
export interface LoggedClear {
  readonly type: 'CLEARED';
}

/**
 * A whole list, in parts, so that no line grows with it. Items are staged apart from the state: other events of the
 * same resource may come between the parts, and count for the state as it was. `end` swaps the list in. A `begin`, and
 * the end of the run, throw away what an unfinished list had staged, and so does `discarded`.
 */
export type LoggedList =
  | {
      readonly type: 'REPLACED';
      readonly part: 'begin';
      /** `'watch'` when left out: the list of a server. */
      readonly origin?: EventOrigin;
    }
  | { readonly type: 'REPLACED'; readonly part: 'items'; readonly objects: readonly LoggedObject[] }
  | {
      readonly type: 'REPLACED';
      readonly part: 'removed';
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly type: 'REPLACED'; readonly part: 'end'; readonly resourceVersion: string }
  | { readonly type: 'REPLACED'; readonly part: 'discarded' };

/**
 * The next `size` records, all of the same resource, arrived together: they are applied and published in one turn.
 * A record that no BATCH announces is a batch of its own. A batch that the log does not hold to its end, because the
 * process died, never happened.
 */
export interface LoggedBatch {
  readonly type: 'BATCH';
  readonly size: number;
}

/**
 * A warm start: the store began with the state that the last run left which had one, and counts on from there. It
 * stands before all that was applied in this run.
 */
export interface LoggedRestore {
  readonly type: 'RESTORED';
  readonly modCount: number;
  readonly resourceVersion?: string;
  readonly size: number;
}

/** What a watch said of itself: phase, synced, stale and so on. Not an input of the state of a store. */
export interface LoggedState {
  readonly type: 'STATE';
  readonly state: Readonly<Record<string, unknown>>;
}

/** Something went wrong, and the watch went on. */
export interface LoggedError {
  readonly type: 'ERROR';
  readonly code: string;
  readonly message: string;
  readonly retryable?: boolean;
}

/** A timer that matters fired; a replay fires it here, and never by computing. */
export interface LoggedTimer {
  readonly type: 'TIMER';
  /** Which one, such as `debounce` or `ttl`. */
  readonly timer: string;
  /** What it was set for, where there is more than one of them. */
  readonly key?: string;
}

/** A resource was fetched on demand: `object` is what came, null if it is gone. */
export interface LoggedFetch {
  readonly type: 'FETCH';
  readonly namespace: string;
  readonly name: string;
  readonly object?: KubernetesObject | null;
  /** Why it failed: the HTTP status, where a server answered. */
  readonly error?: { readonly status?: number; readonly message: string };
}

/**
 * The state of one resource before the first record of this segment, in parts between which other events stand: those
 * come later than the state and do not count for it. Whoever replays from an earlier record has no use for it but to
 * compare. `complete` comes last, for the whole log (resource name `''`), and is written by the log itself: from a
 * segment that has it on, everything can be rebuilt without the segments before.
 */
export type LoggedCheckpoint =
  | {
      readonly type: 'CHECKPOINT';
      readonly part: 'begin';
      readonly modCount: number;
      readonly resourceVersion?: string;
      /** How many resources the items will have in all. */
      readonly size: number;
    }
  | {
      readonly type: 'CHECKPOINT';
      readonly part: 'items';
      readonly objects: readonly LoggedObject[];
      /** Index keys of each object, where they cannot be extracted; null for those where they can. */
      readonly keys?: readonly (readonly string[] | null)[];
    }
  | { readonly type: 'CHECKPOINT'; readonly part: 'end'; readonly modCount: number; readonly digest?: string }
  | { readonly type: 'CHECKPOINT'; readonly part: 'complete' };

/** A process began or ended to record in good order. `end` is missing if it was killed. Written by the log itself. */
export type LoggedRun =
  | { readonly type: 'RUN'; readonly part: 'start'; readonly run: string }
  | { readonly type: 'RUN'; readonly part: 'end'; readonly run: string };

/** Recording stopped here because of an error, and the run went on without it. Written by the log itself. */
export interface LoggedEnd {
  readonly type: 'END';
  readonly code: string;
  readonly message: string;
}

/**
 * A resource joined the recording after its segment had begun: what a header says of it. Its store is empty, unless a
 * checkpoint or a list says more.
 */
export interface LoggedDescription {
  readonly type: 'RESOURCE';
  readonly description: LoggedResource;
  /** Field paths that are redacted. */
  readonly redacted: readonly string[];
}

/** What one record says; its JSON is the member `e` of the record. */
export type LogEvent =
  | LoggedWrite
  | LoggedBookmark
  | LoggedClear
  | LoggedList
  | LoggedBatch
  | LoggedRestore
  | LoggedState
  | LoggedError
  | LoggedTimer
  | LoggedFetch
  | LoggedCheckpoint
  | LoggedDescription
  | LoggedRun
  | LoggedEnd;

/** The resource name of records that belong to the whole log: RUN, END and the completion of a checkpoint. */
export const WHOLE_LOG = '';
