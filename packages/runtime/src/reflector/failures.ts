/** Owns what a failure leads to: waiting, parking, refreshing credentials, or mending at once. */
import type { FirnError } from '@firn/core';
import { delayAfter, failedOnce, longestDelay, settled } from './backoff.ts';
import type { Memory, Plan, ReflectorState } from './reflector-state.ts';
import type { ReflectorEffect, StepContext, Transition } from './reflector-step.ts';
import { carryOut, leaving, outOfContact, preceded } from './transitions.ts';

/** Waits before a plan is carried out. */
export function wait(memory: Memory, context: StepContext, next: Plan, ms: number): Transition {
  return {
    state: {
      phase: 'backoff',
      memory: { ...memory, connectedSince: undefined },
      until: context.wall + ms,
      next,
    },
    effects: [{ type: 'timer', timer: 'backoff', ms }],
  };
}

/** Tells users and log of an error. That history expires is part of life: no warning. */
export function reported(error: FirnError, ms: number): ReflectorEffect[] {
  const when = ms === 0 ? 'trying again at once' : `trying again in ${(ms / 1000).toFixed(1)} s`;
  const level = error.code === 'EXPIRED' ? 'info' : 'warn';
  return [
    { type: 'error', error },
    { type: 'log', level, message: `${error.message} (${error.code}, ${when})` },
  ];
}

/** A failure: it is reported, and what comes next waits, for longer after each failure in a row (rule 16). */
export function fail(
  state: ReflectorState,
  context: StepContext,
  failure: { readonly error: FirnError; readonly next: Plan; readonly retryAfterMs?: number | undefined },
): Transition {
  const backoff = settled(state.memory.backoff, context.config.backoff, context.now);
  const delay = delayAfter(backoff.failures, context.config.backoff, context.random);
  const ms = Math.max(delay, failure.retryAfterMs ?? 0);
  const memory = { ...outOfContact(state.memory, failure.error), backoff: failedOnce(backoff) };
  return preceded(
    [...leaving(state), ...reported(failure.error, ms)],
    wait(memory, context, failure.next, ms),
  );
}

/** A refusal that time alone does not heal: it is reported, and tried again at the longest delay (rule 15). */
export function park(state: ReflectorState, context: StepContext, error: FirnError, next: Plan): Transition {
  const ms = longestDelay(context.config.backoff, context.random);
  const backoff = { ...state.memory.backoff, healthySince: undefined };
  const memory = { ...outOfContact(state.memory, error), backoff, credentialsRefreshed: false };
  return preceded([...leaving(state), ...reported(error, ms)], wait(memory, context, next, ms));
}

/** A 401: once at once with refreshed credentials, then as a 403 (rule 15). */
export function unauthorized(
  state: ReflectorState,
  context: StepContext,
  error: FirnError,
  next: Plan,
): Transition {
  if (state.memory.credentialsRefreshed) return park(state, context, error, next);
  const memory = { ...outOfContact(state.memory, error), credentialsRefreshed: true };
  return preceded(
    [
      ...leaving(state),
      { type: 'log', level: 'info', message: `${error.message} (refreshing the credentials)` },
      { type: 'refreshCredentials' },
    ],
    carryOut(next, memory, context),
  );
}

/**
 * Something that a plan mends at once, such as a list after a 410; but if it comes again before health has lasted,
 * it waits like any failure, so that a server that always fails is not stormed.
 */
export function mend(
  state: ReflectorState,
  context: StepContext,
  failure: { readonly error: FirnError; readonly next: Plan },
): Transition {
  const backoff = settled(state.memory.backoff, context.config.backoff, context.now);
  if (backoff.failures > 0) return fail(state, context, failure);
  const memory = { ...outOfContact(state.memory, failure.error), backoff: failedOnce(backoff) };
  return preceded(
    [...leaving(state), ...reported(failure.error, 0)],
    carryOut(failure.next, memory, context),
  );
}
