/** Owns the words of the reflector's machine: what comes in, what goes out, what a step may look at. */
import type { FirnError } from '@firn/core';
import type { KubernetesStatus } from '../transport/kubernetes-status.ts';
import type { ReflectorConfig } from './reflector-config.ts';
import type { ReflectorState } from './reflector-state.ts';
import type { StreamProgress } from './stream-progress.ts';

/** The timers of a reflector; at most one of each runs. */
export type TimerName = 'backoff' | 'idle' | 'deadline' | 'progress' | 'probe';

/** What happened. `request` is the number of the request it happened to: late news of an earlier one is ignored. */
export type ReflectorInput =
  | { readonly type: 'START' }
  | { readonly type: 'STOP' }
  | { readonly type: 'FORCE_RELIST' }
  /** Response headers of a success. */
  | { readonly type: 'OPENED'; readonly request: number }
  /** A response that is no success. */
  | { readonly type: 'REFUSED'; readonly request: number; readonly status: KubernetesStatus }
  /** A page was read to its end and handed on. */
  | {
      readonly type: 'PAGE_ENDED';
      readonly request: number;
      readonly resourceVersion: string;
      readonly continue?: string | undefined;
      readonly items: number;
    }
  /** The bookmark with the annotation `k8s.io/initial-events-end: "true"`. */
  | { readonly type: 'INITIAL_EVENTS_ENDED'; readonly request: number; readonly resourceVersion: string }
  | { readonly type: 'ERROR_EVENT'; readonly request: number; readonly status: KubernetesStatus }
  /** The server sent what the protocol does not allow. */
  | { readonly type: 'PROTOCOL_FAILED'; readonly request: number; readonly error: FirnError }
  /** A clean end of the body. */
  | { readonly type: 'STREAM_ENDED'; readonly request: number }
  /** No response, or its body broke off. */
  | { readonly type: 'TRANSPORT_FAILED'; readonly request: number; readonly error: FirnError }
  | { readonly type: 'PROBED'; readonly request: number; readonly resourceVersion: string }
  | { readonly type: 'TIMER'; readonly timer: TimerName };

/** A request to send; the driver adds path and `Accept`. */
export interface ReflectorRequest {
  readonly id: number;
  readonly purpose: 'list' | 'watch-list' | 'watch' | 'probe';
  readonly query: Readonly<Record<string, string>>;
}

/** What is to be done. */
export type ReflectorEffect =
  | { readonly type: 'request'; readonly request: ReflectorRequest }
  | { readonly type: 'abort'; readonly request: number }
  /** Sets a timer, in place of the one of that name. */
  | { readonly type: 'timer'; readonly timer: TimerName; readonly ms: number }
  | { readonly type: 'clearTimers'; readonly timers: readonly TimerName[] }
  | { readonly type: 'listStarted' }
  | { readonly type: 'listCommitted'; readonly resourceVersion: string }
  | { readonly type: 'listDiscarded' }
  | { readonly type: 'error'; readonly error: FirnError }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn'; readonly message: string }
  /** The next request waits for new credentials. */
  | { readonly type: 'refreshCredentials' }
  /** The server does not know streaming lists: to be remembered for an hour. */
  | { readonly type: 'rememberUnsupported' };

/** What a step may look at besides state and input. */
export interface StepContext {
  readonly config: ReflectorConfig;
  /** Monotonic, milliseconds. */
  readonly now: number;
  /** Wall clock, milliseconds. */
  readonly wall: number;
  /** A fresh random number in [0, 1). */
  readonly random: number;
  /** Remembered within the last hour (rule 5). */
  readonly watchListUnsupported: boolean;
  readonly stream: StreamProgress;
}

/** What a step gives. */
export interface Transition {
  readonly state: ReflectorState;
  readonly effects: readonly ReflectorEffect[];
}
