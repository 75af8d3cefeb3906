/** Owns what follows when a watch cannot be opened, or the server not be asked before (rule 15). */
import type { FirnError } from '@firn/core';
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';
import { fail, mend, park, unauthorized } from './failures.ts';
import type { Plan, Probing, Watching } from './reflector-state.ts';
import type { StepContext, Transition } from './reflector-step.ts';
import { refusalError } from './refusal-error.ts';
import { isDenied, isExpired, isTooLarge, retryAfter } from './server-status.ts';

/** Failures in a row after which the list is read anew. */
const MOST_OPEN_FAILURES = 3;

/** A list at the last resource version: a newer state, and never an older one. */
export const RELIST: Plan = Object.freeze({ kind: 'list', from: 'last', way: 'preferred' });
/** A list of whatever is newest. */
export const RELIST_FROM_EMPTY: Plan = Object.freeze({ kind: 'list', from: 'empty', way: 'preferred' });

/** It failed: wait, then try `next`, or a list after too many failures. */
export function openFailed(
  state: Watching | Probing,
  context: StepContext,
  failure: { readonly error: FirnError; readonly next: Plan; readonly retryAfterMs?: number | undefined },
): Transition {
  const openFailures = state.memory.openFailures + 1;
  const memory = { ...state.memory, openFailures };
  if (openFailures < MOST_OPEN_FAILURES) return fail({ ...state, memory }, context, failure);
  return fail({ ...state, memory: { ...memory, openFailures: 0 } }, context, { ...failure, next: RELIST });
}

/** The server refused; `next` is what was tried. */
export function openRefused(
  state: Watching | Probing,
  context: StepContext,
  status: KubernetesStatus,
  next: Plan,
): Transition {
  const verb = state.phase === 'probing' ? 'list' : 'watch';
  const error = refusalError(status, verb, context.config.targetName);
  if (status.code === 401) return unauthorized(state, context, error, next);
  if (isDenied(status)) return park(state, context, error, next);
  if (isExpired(status)) return mend(state, context, { error, next: RELIST });
  if (isTooLarge(status)) return mend(state, context, { error, next: RELIST_FROM_EMPTY });
  return openFailed(state, context, { error, next, retryAfterMs: retryAfter(status) });
}
