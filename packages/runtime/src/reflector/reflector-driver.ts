/** Owns the I/O of a reflector: carries out what the machine's steps ask for, and feeds them what happens. */
import { FirnError, formatGvr } from '@firn/core';
import type { Packer } from '@firn/core/engine';
import type { Clock } from '@firn/stores';
import type { Logger } from '../logger.ts';
import type { Transport } from '../transport/transport.ts';
import type { ReflectorConfig } from './reflector-config.ts';
import { ReflectorRequests } from './reflector-requests.ts';
import type { ReflectorSink, ReflectorStatus } from './reflector-sink.ts';
import { caughtUp, initialState, type ReflectorState, statusOf } from './reflector-state.ts';
import type { ReflectorEffect, ReflectorInput, ReflectorRequest, TimerName } from './reflector-step.ts';
import { ReflectorTimers } from './reflector-timers.ts';
import { step } from './step.ts';
import { freshStream, type StreamRecord } from './stream-progress.ts';
import type { WatchListSupport } from './watch-list-support.ts';

/** What a reflector is given from outside. */
export interface ReflectorSurroundings {
  readonly transport: Transport;
  readonly sink: ReflectorSink;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly watchListSupport: WatchListSupport;
  readonly packer?: Packer | undefined;
}

/** How often a flowing stream tells its status, in milliseconds. */
const STATUS_INTERVAL = 500;

function sameStatus(a: ReflectorStatus | undefined, b: ReflectorStatus): boolean {
  if (a === undefined) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof ReflectorStatus>;
  for (const key of keys) if (a[key] !== b[key]) return false;
  return true;
}

/** Runs the machine: one input at a time, its effects in order. */
export class ReflectorDriver {
  readonly #config: ReflectorConfig;
  readonly #surroundings: ReflectorSurroundings;
  readonly #resource: string;
  readonly #timers: ReflectorTimers<TimerName | 'status'>;
  readonly #requests: ReflectorRequests;
  readonly #inputs: ReflectorInput[] = [];
  #state: ReflectorState;
  #stream: StreamRecord = freshStream(0);
  #busy = false;
  /** A stop was asked for and has not been carried out: nothing may be emitted meanwhile (rule 27). */
  #halting = false;
  /** The sink has been told of a list that is neither committed nor discarded. */
  #listing = false;
  #toldStatus: ReflectorStatus | undefined;

  constructor(config: ReflectorConfig, surroundings: ReflectorSurroundings) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.#resource = formatGvr(config.target.gvr);
    this.#timers = new ReflectorTimers(surroundings.clock);
    this.#state = initialState(config.resumeAt);
    this.#requests = new ReflectorRequests({
      ...surroundings,
      config,
      dispatch: (input) => this.dispatch(input),
      touch: () => this.#touch(),
    });
  }

  /** Gives the machine an input. Returns when its effects are done, unless called from within one. */
  dispatch(input: ReflectorInput): void {
    this.#inputs.push(input);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#take(next);
    } finally {
      this.#busy = false;
    }
  }

  /** Stops at once; resolves when no request is under way any more. */
  async stop(): Promise<void> {
    this.#halting = true;
    this.dispatch({ type: 'STOP' });
    await this.#requests.settled();
  }

  #take(input: ReflectorInput): void {
    const { clock, random, watchListSupport } = this.#surroundings;
    const now = clock.monotonic();
    const { state, effects } = step(this.#state, input, {
      config: this.#config,
      now,
      wall: clock.now(),
      random: random(),
      watchListUnsupported: watchListSupport.isUnsupported(this.#resource, now),
      stream: this.#stream,
    });
    this.#state = state;
    const stopping = input.type === 'STOP';
    if (stopping) this.#halting = false;
    for (const effect of effects) {
      if (this.#halting) return;
      this.#guarded(() => this.#perform(effect));
    }
    if (stopping) this.#timers.clearAll();
    this.#tellStatus();
  }

  #perform(effect: ReflectorEffect): void {
    const { sink, clock, watchListSupport } = this.#surroundings;
    switch (effect.type) {
      case 'request':
        this.#send(effect.request);
        break;
      case 'abort':
        this.#requests.abort(effect.request);
        break;
      case 'timer': {
        const { timer, ms } = effect;
        this.#timers.set(timer, ms, () => this.dispatch({ type: 'TIMER', timer }));
        break;
      }
      case 'clearTimers':
        this.#timers.clear(effect.timers);
        break;
      case 'listStarted':
        this.#stream = freshStream(0);
        this.#requests.listStarted();
        this.#listing = true;
        sink.listStarted();
        break;
      case 'listCommitted':
        this.#listing = false;
        sink.listCommitted(effect.resourceVersion);
        break;
      case 'listDiscarded':
        if (this.#listing) sink.listDiscarded();
        this.#requests.listDiscarded();
        this.#listing = false;
        break;
      case 'error':
        sink.error(effect.error);
        break;
      case 'log':
        this.#log(effect.level, effect.message);
        break;
      case 'refreshCredentials':
        this.#requests.refreshCredentials();
        break;
      case 'rememberUnsupported':
        watchListSupport.remember(this.#resource, clock.monotonic());
        break;
    }
  }

  #send(request: ReflectorRequest): void {
    // The probe runs beside a stream, whose progress goes on.
    const stream = freshStream(request.purpose === 'probe' ? 0 : this.#stream.listed);
    if (request.purpose !== 'probe') this.#stream = stream;
    this.#requests.send(request, stream, this.#state.memory.resourceVersion);
  }

  #log(level: 'debug' | 'info' | 'warn', message: string): void {
    const { resourceVersion } = this.#state.memory;
    this.#surroundings.logger[level]({ phase: this.#state.phase, resourceVersion }, message);
  }

  /** A receiver that throws breaks its contract; what it may have missed comes with a new list (rule 28). */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (cause) {
      const message = `The receiver of ${this.#resource} threw; the list is read anew.`;
      this.#surroundings.logger.error({ err: cause }, message);
      if (!('request' in this.#state)) return;
      const error = new FirnError(message, { code: 'INTERNAL', retryable: true, cause });
      this.#inputs.push({ type: 'PROTOCOL_FAILED', request: this.#state.request, error });
    }
  }

  /** Something arrived: tells the status now, or in a moment if it was told just now. */
  #touch(): void {
    if (this.#halting || this.#state.phase === 'stopped' || this.#timers.isSet('status')) return;
    this.#tellRegularly();
  }

  #tellRegularly(): void {
    const before = this.#toldStatus;
    this.#tellStatus();
    if (this.#toldStatus === before || this.#state.phase === 'stopped') return;
    this.#timers.set('status', STATUS_INTERVAL, () => this.#tellRegularly());
  }

  #tellStatus(): void {
    const status = statusOf(caughtUp(this.#state, this.#stream), this.#stream.listed);
    if (this.#halting || sameStatus(this.#toldStatus, status)) return;
    this.#toldStatus = status;
    this.#guarded(() => this.#surroundings.sink.status(status));
  }
}
