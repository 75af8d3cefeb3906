/** Owns what can go wrong between a soak's watchers and its server. */

/** Faults of streams that are open: one of them, by chance. Milliseconds are those of the machine's clock. */
const STREAM_FAULTS = [
  /** The connection is closed in the middle of the body. */
  'cut',
  /** The connection is reset. */
  'reset',
  /** Nothing more is sent, and the connection is never closed. */
  'stall',
  /** 1 KB a second, for `amount` milliseconds. */
  'throttle',
  /** The body ends as if it were complete, in the middle of a frame. */
  'truncate',
  /** The body ends after `amount` more frames. */
  'close-after',
  /** The next `amount` frames are sent twice. */
  'duplicate',
  /** An ERROR event with the code `amount`, and the end. */
  'error-event',
] as const;

/** Faults of requests that come: the next one that the fault fits to. */
const REQUEST_FAULTS = [
  /** It is handed on after `amount` milliseconds. */
  'delay',
  /** It is answered with the code `amount`. */
  'status',
  /** It is never answered. */
  'no-answer',
  /** The connection is closed after `amount` bytes of the body. */
  'cut-body',
  /** Nothing is sent any more after `amount` bytes of the body. */
  'stall-body',
  /** The body ends after `amount` bytes as if it were complete. */
  'truncate-body',
  /** A request for an object, for a list of a namespace, or how far the server is: an older answer comes again. */
  'replay',
] as const;

/** Faults of everything, or of the watchers themselves. */
const GENERAL_FAULTS = [
  /** Nobody listens for `amount` milliseconds, and all connections are closed. */
  'restart',
  /** The wall clock of the watchers jumps by `amount` milliseconds. */
  'clock',
  /** The server forgets its past. */
  'compact',
  /** A subscriber of one store keeps the process busy for a millisecond with each of the next `amount` changes. */
  'slow',
] as const;

/** A bug that no server has, to see whether the soak finds it: every `amount`-th frame of a stream is not sent. */
const PLANTED_FAULT = 'lose';

export type StreamFaultKind = (typeof STREAM_FAULTS)[number] | typeof PLANTED_FAULT;
export type RequestFaultKind = (typeof REQUEST_FAULTS)[number];
export type FaultKind = StreamFaultKind | RequestFaultKind | (typeof GENERAL_FAULTS)[number];

/** One fault. */
export interface Fault {
  readonly kind: FaultKind;
  /** In [0, 1): which stream it meets, or which form it has. */
  readonly pick: number;
  /** What the kind says. */
  readonly amount: number;
}

export function isStreamFault(kind: FaultKind): kind is StreamFaultKind {
  return kind === PLANTED_FAULT || STREAM_FAULTS.some((known) => known === kind);
}

export function isRequestFault(kind: FaultKind): kind is RequestFaultKind {
  return REQUEST_FAULTS.some((known) => known === kind);
}
