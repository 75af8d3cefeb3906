/** Owns the bench on which the pure machine is tested: its state, a clock and a stream that tests set by hand. */
import { ProtocolError } from '@firn/core';
import { type KubernetesStatus, statusFrom } from '../transport/kubernetes-status.ts';
import { TransportError } from '../transport/transport-error.ts';
import { type ReflectorConfig, type ReflectorSettings, resolveConfig } from './reflector-config.ts';
import { initialState, type ReflectorState } from './reflector-state.ts';
import type { ReflectorEffect, ReflectorInput, ReflectorRequest } from './reflector-step.ts';
import { step } from './step.ts';
import { freshStream, type StreamRecord } from './stream-progress.ts';

export const SECRETS: ReflectorSettings = {
  target: { gvr: { group: '', version: 'v1', resource: 'secrets' }, namespaced: true, kind: 'Secret' },
};
export const IN_PAGES: ReflectorSettings = { ...SECRETS, initialList: 'list' };

export const REFUSED_CONNECTION: TransportError = new TransportError('connection refused', {
  code: 'CONNECTION_REFUSED',
});
export const RESET: TransportError = new TransportError('connection reset', { code: 'CONNECTION_RESET' });
export const MALFORMED: ProtocolError = new ProtocolError('not JSON', { code: 'MALFORMED_JSON' });

/** The Status of a refusal with that code. */
export function status(code: number, more: Partial<Parameters<typeof statusFrom>[0]> = {}): KubernetesStatus {
  return statusFrom({ code, ...more });
}

export const TOO_LARGE: KubernetesStatus = status(504, {
  reason: 'Timeout',
  causes: [{ reason: 'ResourceVersionTooLarge' }],
});

/** Inputs that are about no request. */
const UNRELATED: ReadonlySet<string> = new Set(['START', 'STOP', 'FORCE_RELIST', 'TIMER']);

type WithoutRequest<T> = T extends { request: number } ? Omit<T, 'request'> : T;

/** The machine with everything a step may look at; `random` is 0, so that delays are the shortest possible. */
export class Machine {
  readonly config: ReflectorConfig;
  state: ReflectorState;
  now = 1_000_000;
  random = 0;
  watchListUnsupported = false;
  stream: StreamRecord = freshStream(0);

  constructor(settings: ReflectorSettings = SECRETS) {
    this.config = resolveConfig(settings);
    this.state = initialState(this.config.resumeAt);
  }

  /** Gives an input, about the current stream where it names no request; gives the effects. */
  give(input: WithoutRequest<ReflectorInput> | ReflectorInput): readonly ReflectorEffect[] {
    const about =
      'request' in this.state && !UNRELATED.has(input.type) ? { request: this.state.request } : {};
    const { state, effects } = step(this.state, { ...about, ...input } as ReflectorInput, {
      config: this.config,
      now: this.now,
      wall: this.now + 1e12,
      random: this.random,
      watchListUnsupported: this.watchListUnsupported,
      stream: this.stream,
    });
    this.state = state;
    const sent = requestOf(effects);
    if (sent !== undefined && sent.purpose !== 'probe') this.stream = freshStream(0);
    return effects;
  }

  /** Fires the timer after that time. */
  fire(timer: Extract<ReflectorInput, { type: 'TIMER' }>['timer'], after = 0): readonly ReflectorEffect[] {
    this.now += after;
    return this.give({ type: 'TIMER', timer });
  }

  /** Starts, and syncs by a streaming list at this resource version: a watch is under way then. */
  synced(resourceVersion = '100'): this {
    this.give({ type: 'START' });
    this.give({ type: 'OPENED' });
    this.arrived('5');
    this.give({ type: 'INITIAL_EVENTS_ENDED', resourceVersion });
    return this;
  }

  /** Syncs, and lets the watch be opened again after a clean end: a resumed watch stands then. */
  rewatching(resourceVersion = '100'): this {
    this.synced(resourceVersion);
    this.now += 60_000;
    this.give({ type: 'STREAM_ENDED' });
    this.give({ type: 'OPENED' });
    return this;
  }

  /** An event arrived that moved the resume point. */
  arrived(resourceVersion: string): this {
    this.stream.events++;
    this.stream.bytesAt = this.now;
    this.stream.eventAt = this.now + 1e12;
    if (this.state.phase === 'watching') this.stream.resourceVersion = resourceVersion;
    return this;
  }
}

/** The request among effects. */
export function requestOf(effects: readonly ReflectorEffect[]): ReflectorRequest | undefined {
  return effects.find((effect) => effect.type === 'request')?.request;
}

/** The milliseconds a timer was set to among effects. */
export function timerOf(effects: readonly ReflectorEffect[], timer: string): number | undefined {
  const found = effects.find((effect) => effect.type === 'timer' && effect.timer === timer);
  return found?.type === 'timer' ? found.ms : undefined;
}

/** The code of the error that is reported among effects. */
export function errorOf(effects: readonly ReflectorEffect[]): string | undefined {
  return effects.find((effect) => effect.type === 'error')?.error.code;
}

/** The types of effects, in order. */
export function typesOf(effects: readonly ReflectorEffect[]): string[] {
  return effects.map((effect) => effect.type);
}
