/** Owns the moves that every phase shares: leaving, listing, watching, asking how far the server is. */
import type { FirnError } from '@firn/core';
import { contacted } from './backoff.ts';
import type { ListFrom, Memory, Paging, Plan, ReflectorState } from './reflector-state.ts';
import type {
  ReflectorEffect,
  ReflectorRequest,
  StepContext,
  TimerName,
  Transition,
} from './reflector-step.ts';
import { listQuery, probeQuery, watchListQuery, watchQuery, watchSeconds } from './requests.ts';

/** A streaming list without progress for this long is worth a warning (rule 4). */
export const PROGRESS_WARNING = 10_000;
/** What the absolute deadline of a stream adds to the time it was asked to live (rule 17). */
const DEADLINE_MARGIN = 30_000;
/** How long one page may take: API servers end such requests after a minute, but something in between may drip. */
const PAGE_DEADLINE = 600_000;
/** How long an answer to a probe may take. */
export const PROBE_TIMEOUT = 30_000;
const ALL_TIMERS: readonly TimerName[] = ['backoff', 'idle', 'deadline', 'progress', 'probe'];

/** Gives further effects to a transition, before its own. */
export function preceded(effects: readonly ReflectorEffect[], transition: Transition): Transition {
  return effects.length === 0
    ? transition
    : { state: transition.state, effects: [...effects, ...transition.effects] };
}

/** A state that stays as it is. */
export function unchanged(state: ReflectorState): Transition {
  return { state, effects: [] };
}

/** What has to be undone when a phase is left. */
export function leaving(state: ReflectorState): readonly ReflectorEffect[] {
  const clear: ReflectorEffect = { type: 'clearTimers', timers: ALL_TIMERS };
  switch (state.phase) {
    case 'idle':
    case 'stopped':
      return [];
    case 'backoff':
      return [clear];
    case 'probing':
      return [{ type: 'abort', request: state.request }, clear];
    case 'watch-listing':
    case 'paging':
      return [{ type: 'abort', request: state.request }, { type: 'listDiscarded' }, clear];
    case 'watching': {
      const aborts: ReflectorEffect[] = [{ type: 'abort', request: state.request }];
      if (typeof state.probe === 'number') aborts.push({ type: 'abort', request: state.probe });
      return [...aborts, clear];
    }
  }
}

/** The memory after a successful contact; `connected` if a watch stands. */
export function inContact(memory: Memory, context: StepContext, connected: boolean): Memory {
  return {
    ...memory,
    backoff: contacted(memory.backoff, context.now),
    credentialsRefreshed: false,
    stale: false,
    connectedSince: connected ? context.wall : memory.connectedSince,
  };
}

/** The memory after contact was lost. */
export function outOfContact(memory: Memory, error: FirnError): Memory {
  return { ...memory, stale: true, connectedSince: undefined, lastError: error };
}

function numbered(memory: Memory): Memory {
  return { ...memory, requests: memory.requests + 1, connectedSince: undefined };
}

function send(id: number, purpose: ReflectorRequest['purpose'], query: ReflectorRequest['query']) {
  return { type: 'request', request: { id, purpose, query } } as const satisfies ReflectorEffect;
}

/** Begins a list: streamed where that is wanted and known to work, else in pages. */
export function list(
  before: Memory,
  context: StepContext,
  plan: { readonly from: ListFrom; readonly way: 'preferred' | 'pages' },
): Transition {
  const { config } = context;
  const streamed =
    plan.way === 'preferred' && config.initialList === 'watch-list' && !context.watchListUnsupported;
  const from = before.resourceVersion === undefined ? 'empty' : plan.from;
  const resourceVersion = from === 'empty' ? '' : (before.resourceVersion ?? '');
  if (!streamed) return preceded([{ type: 'listStarted' }], firstPage(before, context, from, false));
  const memory = numbered(before);
  const seconds = watchSeconds(config, context.random);
  return {
    state: {
      phase: 'watch-listing',
      memory,
      request: memory.requests,
      from,
      requestedAt: context.now,
      openedAt: undefined,
    },
    effects: [
      { type: 'listStarted' },
      send(memory.requests, 'watch-list', watchListQuery(config, resourceVersion, seconds)),
      { type: 'timer', timer: 'deadline', ms: seconds * 1000 + DEADLINE_MARGIN },
      { type: 'timer', timer: 'idle', ms: config.idleTimeout },
      { type: 'timer', timer: 'progress', ms: PROGRESS_WARNING },
    ],
  };
}

/** Asks for the first page of a list, or for the whole of it; the sink has been told. */
export function firstPage(before: Memory, context: StepContext, from: ListFrom, whole: boolean): Transition {
  const memory = numbered(before);
  const resourceVersion = from === 'empty' ? '' : (memory.resourceVersion ?? '');
  const state: Paging = {
    phase: 'paging',
    memory,
    request: memory.requests,
    from,
    requestedAt: context.now,
    resourceVersion: undefined,
    page: 1,
    emptyPages: 0,
    token: undefined,
    whole,
  };
  const query = listQuery(context.config, resourceVersion, whole);
  return { state, effects: askPage(memory.requests, query, context) };
}

/** Asks for one page, which has its own time. */
export function askPage(
  id: number,
  query: ReflectorRequest['query'],
  context: StepContext,
): ReflectorEffect[] {
  return [
    send(id, 'list', query),
    { type: 'timer', timer: 'idle', ms: context.config.idleTimeout },
    { type: 'timer', timer: 'deadline', ms: PAGE_DEADLINE },
  ];
}

/** Opens a watch at the last resource version; `resumed` unless a list of this server has just named it. */
export function watch(before: Memory, context: StepContext, resumed: boolean): Transition {
  const { config } = context;
  const memory = numbered(before);
  const seconds = watchSeconds(config, context.random);
  return {
    state: {
      phase: 'watching',
      memory,
      request: memory.requests,
      requestedAt: context.now,
      openedAt: undefined,
      resumed,
      probe: undefined,
    },
    effects: [
      send(memory.requests, 'watch', watchQuery(config, memory.resourceVersion ?? '', seconds)),
      { type: 'timer', timer: 'deadline', ms: seconds * 1000 + DEADLINE_MARGIN },
      { type: 'timer', timer: 'idle', ms: config.idleTimeout },
    ],
  };
}

/** Asks the server how far it is; the number of the request is the memory's. */
export function probe(before: Memory, context: StepContext): { memory: Memory; effects: ReflectorEffect[] } {
  const memory = { ...before, requests: before.requests + 1 };
  return {
    memory,
    effects: [
      send(memory.requests, 'probe', probeQuery(context.config)),
      { type: 'timer', timer: 'probe', ms: PROBE_TIMEOUT },
    ],
  };
}

/** Carries out a plan at once. */
export function carryOut(plan: Plan, memory: Memory, context: StepContext): Transition {
  if (plan.kind === 'list') return list(memory, context, plan);
  if (!plan.probe) return watch(memory, context, true);
  const asked = probe({ ...memory, connectedSince: undefined }, context);
  return {
    state: { phase: 'probing', memory: asked.memory, request: asked.memory.requests },
    effects: asked.effects,
  };
}

/** How much longer a stream may be silent, in whole milliseconds; 0 or less when it has been for too long. */
export function patienceLeft(state: { readonly requestedAt: number }, context: StepContext): number {
  const since = context.stream.bytesAt ?? state.requestedAt;
  return Math.ceil(context.config.idleTimeout - (context.now - since));
}

/** The memory after a list was committed: what had gone wrong before is over. */
export function committed(memory: Memory, resourceVersion: string): Memory {
  return { ...memory, resourceVersion, openFailures: 0, earlyEnds: 0, internalErrorAt: undefined };
}
