/** Owns what happens while the server is asked how far it is, before a watch is opened again (rule 18). */
import { compareResourceVersions } from '@firn/core';
import { mend } from './failures.ts';
import { openFailed, openRefused, RELIST_FROM_EMPTY } from './open-failure.ts';
import type { Plan, Probing } from './reflector-state.ts';
import type { ReflectorInput, StepContext, Transition } from './reflector-step.ts';
import { wentBackError } from './refusal-error.ts';
import { unansweredError } from './silence-error.ts';
import { leaving, PROBE_TIMEOUT, preceded, unchanged, watch } from './transitions.ts';

const PROBE_FIRST: Plan = Object.freeze({ kind: 'watch', probe: true });

function watchNow(state: Probing, context: StepContext): Transition {
  return preceded(leaving(state), watch(state.memory, context, true));
}

/** One step while the server is asked how far it is. */
export function stepProbing(state: Probing, input: ReflectorInput, context: StepContext): Transition {
  const { targetName } = context.config;
  switch (input.type) {
    case 'PROBED': {
      const ours = state.memory.resourceVersion ?? '';
      if (compareResourceVersions(input.resourceVersion, ours) !== -1) return watchNow(state, context);
      const error = wentBackError(targetName, ours, input.resourceVersion);
      return mend(state, context, { error, next: RELIST_FROM_EMPTY });
    }
    case 'REFUSED':
      // Who may watch but not list is not kept from watching.
      if (input.status.code === 403 || input.status.code === 405) return watchNow(state, context);
      return openRefused(state, context, input.status, PROBE_FIRST);
    case 'PROTOCOL_FAILED':
    case 'TRANSPORT_FAILED':
      return openFailed(state, context, { error: input.error, next: PROBE_FIRST });
    case 'TIMER': {
      if (input.timer !== 'probe') return unchanged(state);
      const error = unansweredError(targetName, PROBE_TIMEOUT);
      return openFailed(state, context, { error, next: PROBE_FIRST });
    }
    default:
      return unchanged(state);
  }
}
