/** Owns what happens during a streaming list (rules 1–5). */
import type { FirnError } from '@firn/core';
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';
import { fail, reported, unauthorized } from './failures.ts';
import type { WatchListing } from './reflector-state.ts';
import type {
  ReflectorEffect,
  ReflectorInput,
  StepContext,
  TimerName,
  Transition,
} from './reflector-step.ts';
import { listEndedEarlyError, refusalError } from './refusal-error.ts';
import { isDenied, isExpired, isTooLarge, isUnsupported, retryAfter } from './server-status.ts';
import { overdueError, silentError } from './silence-error.ts';
import {
  committed,
  inContact,
  leaving,
  list,
  outOfContact,
  PROGRESS_WARNING,
  patienceLeft,
  preceded,
  unchanged,
} from './transitions.ts';

/** Early ends in a row after which the list is read in pages (rule 4). */
const MOST_EARLY_ENDS = 3;

function again(state: WatchListing) {
  return { kind: 'list', from: state.from, way: 'preferred' } as const;
}

function endedEarly(state: WatchListing, context: StepContext, error: FirnError): Transition {
  const earlyEnds = state.memory.earlyEnds + 1;
  const memory = { ...state.memory, earlyEnds };
  if (earlyEnds < MOST_EARLY_ENDS) return fail({ ...state, memory }, context, { error, next: again(state) });
  return preceded(
    [...leaving(state), ...reported(error, 0)],
    list({ ...outOfContact(memory, error), earlyEnds: 0 }, context, { from: state.from, way: 'pages' }),
  );
}

/** This cycle goes on with pages; what the server does not know at all is remembered. */
function inPages(state: WatchListing, context: StepContext, why: string, remember: boolean): Transition {
  const message = `${context.config.targetName}: no streaming list, ${why}; listing in pages`;
  const effects: ReflectorEffect[] = [...leaving(state), { type: 'log', level: 'info', message }];
  if (remember) effects.push({ type: 'rememberUnsupported' });
  return preceded(effects, list(state.memory, context, { from: state.from, way: 'pages' }));
}

function refused(state: WatchListing, context: StepContext, status: KubernetesStatus): Transition {
  const error = refusalError(status, 'watch', context.config.targetName);
  if (status.code === 401) return unauthorized(state, context, error, again(state));
  if (status.code === 429)
    return fail(state, context, { error, next: again(state), retryAfterMs: retryAfter(status) });
  if (isExpired(status) || isTooLarge(status)) {
    if (state.from === 'empty')
      return fail(state, context, { error, next: again(state), retryAfterMs: retryAfter(status) });
    return preceded(
      [...leaving(state), ...reported(error, 0)],
      list(outOfContact(state.memory, error), context, { from: 'empty', way: 'preferred' }),
    );
  }
  if (retryAfter(status) !== undefined) {
    const next = { ...again(state), way: 'pages' } as const;
    return fail(state, context, { error, next, retryAfterMs: retryAfter(status) });
  }
  const unsupported = isUnsupported(status);
  const answered = `the server answered ${status.code}`;
  if (unsupported || isDenied(status)) return inPages(state, context, answered, unsupported);
  return preceded([{ type: 'error', error }], inPages(state, context, answered, false));
}

function progressTimer(state: WatchListing, context: StepContext): Transition {
  const { bookmarkedAt, bytesAt } = context.stream;
  const { now } = context;
  // A server that knows streaming lists sends no plain bookmark before the end: this one takes it for a plain watch.
  if (bookmarkedAt !== undefined && now - bookmarkedAt >= PROGRESS_WARNING)
    return inPages(state, context, 'the server sends bookmarks but never the end', true);
  const quiet = Math.floor(now - (bytesAt ?? state.requestedAt));
  const arm = (ms: number): ReflectorEffect => ({ type: 'timer', timer: 'progress', ms });
  if (quiet < PROGRESS_WARNING) return { state, effects: [arm(PROGRESS_WARNING - quiet)] };
  const message = `${context.config.targetName}: the streaming list has made no progress for ${Math.round(quiet / 1000)} s`;
  return { state, effects: [{ type: 'log', level: 'warn', message }, arm(PROGRESS_WARNING)] };
}

function timer(state: WatchListing, context: StepContext, name: TimerName): Transition {
  const { targetName, idleTimeout } = context.config;
  if (name === 'progress') return progressTimer(state, context);
  if (name === 'deadline') return endedEarly(state, context, overdueError(targetName));
  if (name !== 'idle') return unchanged(state);
  const left = patienceLeft(state, context);
  if (left > 0) return { state, effects: [{ type: 'timer', timer: 'idle', ms: left }] };
  const error = silentError(targetName, idleTimeout);
  return state.openedAt === undefined
    ? fail(state, context, { error, next: again(state) })
    : endedEarly(state, context, error);
}

function complete(state: WatchListing, context: StepContext, resourceVersion: string): Transition {
  return {
    state: {
      phase: 'watching',
      memory: committed(state.memory, resourceVersion),
      request: state.request,
      requestedAt: state.requestedAt,
      openedAt: state.openedAt ?? context.now,
      resumed: false,
      probe: undefined,
    },
    effects: [
      { type: 'clearTimers', timers: ['progress'] },
      { type: 'listCommitted', resourceVersion },
    ],
  };
}

/** One step during a streaming list. */
export function stepWatchListing(
  state: WatchListing,
  input: ReflectorInput,
  context: StepContext,
): Transition {
  switch (input.type) {
    case 'OPENED':
      return unchanged({
        ...state,
        openedAt: context.now,
        memory: inContact(state.memory, context, true),
      });
    case 'REFUSED':
    case 'ERROR_EVENT':
      return refused(state, context, input.status);
    case 'INITIAL_EVENTS_ENDED':
      return complete(state, context, input.resourceVersion);
    case 'STREAM_ENDED':
      return endedEarly(state, context, listEndedEarlyError(context.config.targetName));
    case 'PROTOCOL_FAILED':
      return endedEarly(state, context, input.error);
    case 'TRANSPORT_FAILED':
      return state.openedAt === undefined
        ? fail(state, context, { error: input.error, next: again(state) })
        : endedEarly(state, context, input.error);
    case 'TIMER':
      return timer(state, context, input.timer);
    default:
      return unchanged(state);
  }
}
