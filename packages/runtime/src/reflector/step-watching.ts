/** Owns what happens while a watch is opened and under way (rules 11–18). */
import { compareResourceVersions, type FirnError } from '@firn/core';
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';
import { delayAfter, failedOnce, settled } from './backoff.ts';
import { fail, mend, park, reported, unauthorized, wait } from './failures.ts';
import { openFailed, openRefused, RELIST, RELIST_FROM_EMPTY } from './open-failure.ts';
import type { Plan, Watching } from './reflector-state.ts';
import type {
  ReflectorEffect,
  ReflectorInput,
  StepContext,
  TimerName,
  Transition,
} from './reflector-step.ts';
import { endedAtOnceError, refusalError, wentBackError } from './refusal-error.ts';
import { isDenied, isExpired, isStorageReadError, isTooLarge, retryAfter } from './server-status.ts';
import { overdueError, silentError, unansweredError } from './silence-error.ts';
import {
  inContact,
  leaving,
  outOfContact,
  PROBE_TIMEOUT,
  patienceLeft,
  preceded,
  probe,
  unchanged,
  watch,
} from './transitions.ts';

/** A watch that ends sooner and without an event has failed (rule 14). */
const AT_ONCE = 1000;
const REWATCH: Plan = Object.freeze({ kind: 'watch', probe: false });
const PROBE_FIRST: Plan = Object.freeze({ kind: 'watch', probe: true });
const CLEAR_PROBE: ReflectorEffect = { type: 'clearTimers', timers: ['probe'] };

/**
 * The stream is over: watch again at the last resource version. The delay counts from the opening, so that a watch
 * which lived for long is opened again at once, and one that is cut again and again is not stormed (rule 14).
 */
function ended(state: Watching, context: StepContext, cause?: FirnError): Transition {
  const lived = context.now - (state.openedAt ?? state.requestedAt);
  if (lived < AT_ONCE && context.stream.events === 0) {
    const error = cause ?? endedAtOnceError(context.config.targetName);
    return fail(state, context, { error, next: REWATCH });
  }
  const { backoff: config } = context.config;
  const backoff = settled(state.memory.backoff, config, context.now);
  const ms = Math.max(0, delayAfter(backoff.failures, config, context.random) - lived);
  const memory = cause === undefined ? state.memory : outOfContact(state.memory, cause);
  const effects = [...leaving(state), ...(cause === undefined ? [] : reported(cause, ms))];
  if (ms === 0) return preceded(effects, watch({ ...memory, backoff }, context, true));
  return preceded(effects, wait({ ...memory, backoff: failedOnce(backoff) }, context, REWATCH, ms));
}

function internalError(state: Watching, context: StepContext, status: KubernetesStatus): Transition {
  const error = refusalError(status, 'watch', context.config.targetName);
  const { memory } = state;
  if (isStorageReadError(status) || memory.internalErrorAt === memory.resourceVersion)
    return mend(state, context, { error, next: RELIST });
  const retried = { ...memory, internalErrorAt: memory.resourceVersion };
  return fail({ ...state, memory: retried }, context, {
    error,
    next: REWATCH,
    retryAfterMs: retryAfter(status),
  });
}

/** Rule 13. */
function errorEvent(state: Watching, context: StepContext, status: KubernetesStatus): Transition {
  const error = refusalError(status, 'watch', context.config.targetName);
  if (isExpired(status)) return mend(state, context, { error, next: RELIST });
  if (isTooLarge(status)) return mend(state, context, { error, next: RELIST_FROM_EMPTY });
  if (status.code === 429)
    return fail(state, context, { error, next: REWATCH, retryAfterMs: retryAfter(status) });
  if (status.code === 401) return unauthorized(state, context, error, REWATCH);
  if (isDenied(status)) return park(state, context, error, REWATCH);
  if (status.code >= 500 || isStorageReadError(status)) return internalError(state, context, status);
  return mend(state, context, { error, next: RELIST });
}

function idleTimer(state: Watching, context: StepContext): Transition {
  const { targetName, idleTimeout } = context.config;
  const arm = (ms: number): ReflectorEffect => ({ type: 'timer', timer: 'idle', ms });
  const left = patienceLeft(state, context);
  if (left > 0) return { state, effects: [arm(left)] };
  const error = silentError(targetName, idleTimeout);
  if (state.openedAt === undefined) return openFailed(state, context, { error, next: PROBE_FIRST });
  if (context.stream.bookmarkedAt !== undefined) return ended(state, context, error);
  if (!state.resumed || context.stream.bytesAt !== undefined || state.probe !== undefined)
    return { state, effects: [arm(idleTimeout)] };
  const asked = probe(state.memory, context);
  const looking = { ...state, memory: asked.memory, probe: asked.memory.requests };
  return { state: looking, effects: [...asked.effects, arm(idleTimeout)] };
}

function timer(state: Watching, context: StepContext, name: TimerName): Transition {
  const { targetName } = context.config;
  if (name === 'idle') return idleTimer(state, context);
  if (name === 'deadline') return ended(state, context, overdueError(targetName));
  if (name !== 'probe' || typeof state.probe !== 'number') return unchanged(state);
  const error = unansweredError(targetName, PROBE_TIMEOUT);
  return openFailed(state, context, { error, next: PROBE_FIRST });
}

/** News of the request that looks after a silent watch (rule 18). */
function stepProbe(state: Watching, input: ReflectorInput, context: StepContext): Transition {
  const ours = state.memory.resourceVersion ?? '';
  const done = { state: { ...state, probe: 'done' as const }, effects: [CLEAR_PROBE] };
  switch (input.type) {
    case 'PROBED': {
      if (compareResourceVersions(input.resourceVersion, ours) !== -1) return done;
      const error = wentBackError(context.config.targetName, ours, input.resourceVersion);
      return mend(state, context, { error, next: RELIST_FROM_EMPTY });
    }
    case 'REFUSED':
      // A busy server is asked again after the next silence; one that forbids the question never.
      if (input.status.code === 429 || input.status.code >= 500)
        return { state: { ...state, probe: undefined }, effects: [CLEAR_PROBE] };
      return done;
    case 'TRANSPORT_FAILED':
      return openFailed(state, context, { error: input.error, next: PROBE_FIRST });
    case 'PROTOCOL_FAILED':
      return done;
    default:
      return unchanged(state);
  }
}

/** One step while a watch is opened and under way. */
export function stepWatching(state: Watching, input: ReflectorInput, context: StepContext): Transition {
  if ('request' in input && input.request === state.probe) return stepProbe(state, input, context);
  switch (input.type) {
    case 'OPENED': {
      const memory = { ...inContact(state.memory, context, true), openFailures: 0 };
      return unchanged({ ...state, openedAt: context.now, memory });
    }
    case 'REFUSED':
      return openRefused(state, context, input.status, REWATCH);
    case 'ERROR_EVENT':
      return errorEvent(state, context, input.status);
    case 'STREAM_ENDED':
      return ended(state, context);
    case 'TRANSPORT_FAILED':
      return state.openedAt === undefined
        ? openFailed(state, context, { error: input.error, next: PROBE_FIRST })
        : ended(state, context, input.error);
    case 'PROTOCOL_FAILED':
      return mend(state, context, { error: input.error, next: RELIST });
    case 'TIMER':
      return timer(state, context, input.timer);
    default:
      return unchanged(state);
  }
}
