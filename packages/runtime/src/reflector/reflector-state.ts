/** Owns the state of the reflector's machine: a phase with what only that phase knows, and a memory that outlives phases. */
import type { FirnError } from '@firn/core';
import { type BackoffState, NO_FAILURES } from './backoff.ts';
import type { ReflectorStatus } from './reflector-sink.ts';
import type { StreamProgress } from './stream-progress.ts';

/** The resource version a list starts from: the last one known (never older data), or empty (whatever is newest). */
export type ListFrom = 'last' | 'empty';

/** What to do next, at once or after a delay. */
export type Plan =
  | { readonly kind: 'list'; readonly from: ListFrom; readonly way: 'preferred' | 'pages' }
  | { readonly kind: 'watch'; readonly probe: boolean };

/** What outlives a phase. */
export interface Memory {
  /** Where a watch would resume. */
  readonly resourceVersion: string | undefined;
  readonly backoff: BackoffState;
  /** Watches in a row that could not be opened (rule 15). */
  readonly openFailures: number;
  /** Streaming lists in a row that ended early (rule 4). */
  readonly earlyEnds: number;
  /** The resource version at which a watch was tried again after an internal error (rule 13). */
  readonly internalErrorAt: string | undefined;
  /** Credentials were refreshed, and nothing has succeeded since (rule 15). */
  readonly credentialsRefreshed: boolean;
  /** Number of the latest request; each has its own. */
  readonly requests: number;
  readonly stale: boolean;
  readonly connectedSince: number | undefined;
  readonly lastEventAt: number | undefined;
  readonly lastError: FirnError | undefined;
}

/** A streaming list is under way. */
export interface WatchListing {
  readonly phase: 'watch-listing';
  readonly memory: Memory;
  readonly request: number;
  readonly from: ListFrom;
  readonly requestedAt: number;
  /** Monotonic time of the response's headers. */
  readonly openedAt: number | undefined;
}

/** A list is read page by page. */
export interface Paging {
  readonly phase: 'paging';
  readonly memory: Memory;
  readonly request: number;
  readonly from: ListFrom;
  readonly requestedAt: number;
  /** Of the first page: the one the list is committed at (rule 8). */
  readonly resourceVersion: string | undefined;
  /** From 1. */
  readonly page: number;
  /** Pages in a row without an item. */
  readonly emptyPages: number;
  /** The token that this page was asked for with. */
  readonly token: string | undefined;
  /** Asked for in one piece, because paging ran into a 410 (rule 9). */
  readonly whole: boolean;
}

/** A watch is opened or under way. */
export interface Watching {
  readonly phase: 'watching';
  readonly memory: Memory;
  readonly request: number;
  readonly requestedAt: number;
  readonly openedAt: number | undefined;
  /** It resumes at a resource version that this server has not just named itself: silence is suspicious (rule 18). */
  readonly resumed: boolean;
  /** The request that looks whether a silent watch is at an unreached resource version; done after an answer. */
  readonly probe: number | 'done' | undefined;
}

/** Before a watch is opened again, the server is asked how far it is (rule 18). */
export interface Probing {
  readonly phase: 'probing';
  readonly memory: Memory;
  readonly request: number;
}

/** Waiting. */
export interface BackingOff {
  readonly phase: 'backoff';
  readonly memory: Memory;
  /** Wall clock. */
  readonly until: number;
  readonly next: Plan;
}

/** Not started yet, or stopped. */
export interface AtRest {
  readonly phase: 'idle' | 'stopped';
  readonly memory: Memory;
}

export type ReflectorState = AtRest | WatchListing | Paging | Watching | Probing | BackingOff;

/** The state before the first start; `resumeAt` is the resource version of a warm start. */
export function initialState(resumeAt?: string): ReflectorState {
  return {
    phase: 'idle',
    memory: {
      resourceVersion: resumeAt,
      backoff: NO_FAILURES,
      openFailures: 0,
      earlyEnds: 0,
      internalErrorAt: undefined,
      credentialsRefreshed: false,
      requests: 0,
      stale: resumeAt !== undefined,
      connectedSince: undefined,
      lastEventAt: undefined,
      lastError: undefined,
    },
  };
}

/** Takes over what the driver counted since the last step. */
export function caughtUp(state: ReflectorState, stream: StreamProgress): ReflectorState {
  if (state.phase !== 'watching' && state.phase !== 'watch-listing') return state;
  const { memory } = state;
  const lastEventAt = stream.eventAt ?? memory.lastEventAt;
  const reached = state.phase === 'watching' ? stream.resourceVersion : undefined;
  const resourceVersion = reached ?? memory.resourceVersion;
  return { ...state, memory: { ...memory, lastEventAt, resourceVersion } };
}

const PHASES: Readonly<Record<ReflectorState['phase'], ReflectorStatus['phase']>> = {
  idle: 'idle',
  'watch-listing': 'listing',
  paging: 'listing',
  watching: 'watching',
  probing: 'backoff',
  backoff: 'backoff',
  stopped: 'stopped',
};

/** What the state says to the outside; `listed` counts the items of a list under way. */
export function statusOf(state: ReflectorState, listed: number): ReflectorStatus {
  const { memory } = state;
  const phase = PHASES[state.phase];
  return {
    phase,
    stale: memory.stale,
    ...(memory.resourceVersion === undefined ? {} : { resourceVersion: memory.resourceVersion }),
    ...(memory.connectedSince === undefined ? {} : { connectedSince: memory.connectedSince }),
    ...(memory.lastEventAt === undefined ? {} : { lastEventAt: memory.lastEventAt }),
    ...(memory.lastError === undefined ? {} : { lastError: memory.lastError }),
    ...(state.phase === 'backoff' ? { nextAttemptAt: state.until } : {}),
    ...(phase === 'listing' ? { listed } : {}),
  };
}
