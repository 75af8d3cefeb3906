/** Owns the reflector's machine: one pure step from a state and an input to a state and effects. */
import { NO_FAILURES } from './backoff.ts';
import { caughtUp, type Memory, type ReflectorState } from './reflector-state.ts';
import type { ReflectorInput, StepContext, Transition } from './reflector-step.ts';
import { stepPaging } from './step-paging.ts';
import { stepProbing } from './step-probing.ts';
import { stepWatchListing } from './step-watch-listing.ts';
import { stepWatching } from './step-watching.ts';
import { carryOut, leaving, list, preceded, unchanged, watch } from './transitions.ts';

function start(state: ReflectorState, context: StepContext): Transition {
  if (state.phase !== 'idle' && state.phase !== 'stopped') return unchanged(state);
  const memory: Memory = {
    ...state.memory,
    backoff: NO_FAILURES,
    openFailures: 0,
    earlyEnds: 0,
    internalErrorAt: undefined,
    credentialsRefreshed: false,
    lastError: undefined,
  };
  const warm = state.phase === 'idle' && memory.resourceVersion !== undefined;
  if (warm) return watch(memory, context, true);
  return list(memory, context, { from: 'last', way: 'preferred' });
}

function stop(state: ReflectorState): Transition {
  if (state.phase === 'stopped') return unchanged(state);
  const memory = { ...state.memory, connectedSince: undefined, stale: true };
  return { state: { phase: 'stopped', memory }, effects: leaving(state) };
}

function forceRelist(state: ReflectorState, context: StepContext): Transition {
  switch (state.phase) {
    case 'idle':
    case 'stopped':
    case 'watch-listing':
    case 'paging':
      return unchanged(state);
    default: {
      const anew = list(state.memory, context, { from: 'empty', way: 'preferred' });
      return preceded(leaving(state), anew);
    }
  }
}

/** Late news of a request that the machine has turned away from. */
function isStale(state: ReflectorState, request: number): boolean {
  if (!('request' in state)) return true;
  return state.request !== request && !(state.phase === 'watching' && state.probe === request);
}

/**
 * What an input does. Pure: no I/O, no clock, no randomness; what it needs of these is in `context`.
 *
 * @example
 * ```ts
 * const { state, effects } = step(initialState(), { type: 'START' }, context); // effects: listStarted, request, timers
 * ```
 */
export function step(before: ReflectorState, input: ReflectorInput, context: StepContext): Transition {
  const state = caughtUp(before, context.stream);
  if ('request' in input && isStale(state, input.request)) return unchanged(state);
  switch (input.type) {
    case 'START':
      return start(state, context);
    case 'STOP':
      return stop(state);
    case 'FORCE_RELIST':
      return forceRelist(state, context);
    default:
  }
  switch (state.phase) {
    case 'watch-listing':
      return stepWatchListing(state, input, context);
    case 'paging':
      return stepPaging(state, input, context);
    case 'watching':
      return stepWatching(state, input, context);
    case 'probing':
      return stepProbing(state, input, context);
    case 'backoff':
      if (input.type !== 'TIMER' || input.timer !== 'backoff') return unchanged(state);
      return carryOut(state.next, state.memory, context);
    case 'idle':
    case 'stopped':
      return unchanged(state);
  }
}
