/** Owns what happens while a list is read page by page (rules 6–10). */
import type { ProtocolError } from '@firn/core';
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';
import { fail, park, reported, unauthorized } from './failures.ts';
import type { Paging } from './reflector-state.ts';
import type { ReflectorInput, StepContext, TimerName, Transition } from './reflector-step.ts';
import { endlessListError, refusalError } from './refusal-error.ts';
import { pageQuery } from './requests.ts';
import { isDenied, isExpired, isTooLarge, retryAfter } from './server-status.ts';
import { silentError, slowPageError } from './silence-error.ts';
import {
  askPage,
  committed,
  firstPage,
  inContact,
  leaving,
  outOfContact,
  patienceLeft,
  preceded,
  unchanged,
  watch,
} from './transitions.ts';

/** Pages in a row without an item: more is no list, but a broken or hostile server. */
const MOST_EMPTY_PAGES = 100;
/** More than any memory holds the objects of. */
const MOST_PAGES = 1_000_000;

function again(state: Paging) {
  return { kind: 'list', from: state.from, way: 'preferred' } as const;
}

type PageEnded = Extract<ReflectorInput, { type: 'PAGE_ENDED' }>;

function pageEnded(state: Paging, context: StepContext, input: PageEnded): Transition {
  const resourceVersion = state.resourceVersion ?? input.resourceVersion;
  if (!input.continue) {
    const memory = committed(state.memory, resourceVersion);
    return preceded(
      [
        { type: 'clearTimers', timers: ['idle', 'deadline'] },
        { type: 'listCommitted', resourceVersion },
      ],
      watch(memory, context, false),
    );
  }
  const emptyPages = input.items === 0 ? state.emptyPages + 1 : 0;
  const { continue: token } = input;
  if (emptyPages > MOST_EMPTY_PAGES || token === state.token || state.page >= MOST_PAGES) {
    const error = endlessListError(context.config.targetName);
    return fail(state, context, { error, next: again(state) });
  }
  const request = state.memory.requests + 1;
  const memory = { ...state.memory, requests: request };
  return {
    state: {
      ...state,
      memory,
      request,
      requestedAt: context.now,
      resourceVersion,
      emptyPages,
      token,
      page: state.page + 1,
    },
    effects: askPage(request, pageQuery(context.config, token), context),
  };
}

/** Starts the list anew at once, in another way. */
function anew(
  state: Paging,
  context: StepContext,
  error: ProtocolError,
  as: Pick<Paging, 'from' | 'whole'>,
): Transition {
  return preceded(
    [...leaving(state), ...reported(error, 0), { type: 'listStarted' }],
    firstPage(outOfContact(state.memory, error), context, as.from, as.whole),
  );
}

function refused(state: Paging, context: StepContext, status: KubernetesStatus): Transition {
  const error = refusalError(status, 'list', context.config.targetName);
  if (status.code === 401) return unauthorized(state, context, error, { ...again(state), way: 'pages' });
  if (isExpired(status) && state.page > 1 && !state.whole)
    return anew(state, context, error, { from: state.from, whole: true });
  if (isExpired(status) || isTooLarge(status)) {
    if (state.from === 'last') return anew(state, context, error, { from: 'empty', whole: false });
    return fail(state, context, { error, next: again(state), retryAfterMs: retryAfter(status) });
  }
  if (isDenied(status)) return park(state, context, error, again(state));
  // A resource version that this server cannot read is of no use a second time.
  const from = status.code >= 400 && status.code < 500 && status.code !== 429 ? 'empty' : state.from;
  return fail(state, context, {
    error,
    next: { ...again(state), from },
    retryAfterMs: retryAfter(status),
  });
}

function timer(state: Paging, context: StepContext, name: TimerName): Transition {
  const { targetName, idleTimeout } = context.config;
  if (name === 'deadline')
    return fail(state, context, { error: slowPageError(targetName), next: again(state) });
  if (name !== 'idle') return unchanged(state);
  const left = patienceLeft(state, context);
  if (left > 0) return { state, effects: [{ type: 'timer', timer: 'idle', ms: left }] };
  return fail(state, context, { error: silentError(targetName, idleTimeout), next: again(state) });
}

/** One step while a list is read page by page. */
export function stepPaging(state: Paging, input: ReflectorInput, context: StepContext): Transition {
  switch (input.type) {
    case 'OPENED':
      return unchanged({ ...state, memory: inContact(state.memory, context, false) });
    case 'PAGE_ENDED':
      return pageEnded(state, context, input);
    case 'REFUSED':
      return refused(state, context, input.status);
    case 'PROTOCOL_FAILED':
    case 'TRANSPORT_FAILED':
      return fail(state, context, { error: input.error, next: again(state) });
    case 'TIMER':
      return timer(state, context, input.timer);
    default:
      return unchanged(state);
  }
}
