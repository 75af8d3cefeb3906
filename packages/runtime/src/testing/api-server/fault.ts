/** Owns what can be made to go wrong, and for which requests. */
import { ConfigError, formatGvr, type GroupVersionResource } from '@firn/core';
import type { ApiRequest, RequestKind } from './api-request.ts';
import type { StatusDetails } from './status-error.ts';

/** Which requests a fault meets; all conditions must hold, none means every request. */
export interface FaultMatch {
  readonly kind?: RequestKind | readonly RequestKind[];
  readonly gvr?: string | GroupVersionResource;
  readonly namespace?: string;
  readonly name?: string;
  /** Any other condition. */
  readonly when?: (request: ApiRequest) => boolean;
  /** The first of the matching requests that is met, counted from 1 since the fault was set. */
  readonly nth?: number;
  /** How many requests are met from there on; 1 where `nth` is given, otherwise all. */
  readonly times?: number;
}

/** When in a response something happens; with neither, at once: before any byte of the response. */
export interface FaultPoint {
  /** After this many frames of a watch, bookmarks included. */
  readonly afterEvents?: number;
  /** After this many bytes of the body. */
  readonly afterBytes?: number;
}

/** An answer in place of the real one. */
export interface StatusFault {
  readonly status: number;
  /** Seconds, as the `Retry-After` header and in the details of the `Status`. */
  readonly retryAfter?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: StatusDetails;
  /** In place of a `Status`: text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** `application/json` when left out. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An ERROR event in the middle of a watch. */
export interface ErrorEventFault {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: StatusDetails;
  readonly afterEvents?: number;
  /** Whether the stream ends with it; `true` when left out. */
  readonly close?: boolean;
}

/**
 * What goes wrong: exactly one of these.
 *
 * - `end`: the response ends as if it were complete.
 * - `close`, `reset`: the connection is closed (FIN) or reset (RST); on HTTP/2 `close` ends the stream alone.
 * - `stall`: the connection stays open, and nothing more comes.
 * - `drip`: the body comes in pieces of `bytes`, one every `every` milliseconds; 64 bytes every 10 when `true`.
 * - `delay`: milliseconds before the request is looked at.
 * - `status`: another answer.
 * - `errorEvent`: an ERROR event; a number is its code.
 * - `malformed`: bytes that are no JSON, in a frame of their own or over those of the body.
 * - `truncated`: half a frame, or the body up to `afterBytes`, then a clean end.
 * - `huge`: a frame, or a body, of at least `bytes`; 17 MiB when `true`, more than firn takes.
 * - `frame`: a frame of your own; text as it is, anything else as JSON.
 * - `rewrite`: the body of a response that is no watch, changed as text.
 * - `stale`: a list from the state at an older resource version.
 * - `watchList`: refused as unknown, ended before the bookmark that completes it, or never completed.
 * - `duplicate`: every event comes twice.
 * - `outOfDate`: after every MODIFIED comes the object's state before it, again as MODIFIED.
 * - `noBookmarks`: none comes, not even the one that completes a WatchList.
 */
export type Fault =
  | { readonly end: true | FaultPoint }
  | { readonly close: true | FaultPoint }
  | { readonly reset: true | FaultPoint }
  | { readonly stall: true | FaultPoint }
  | { readonly drip: true | { readonly bytes: number; readonly every: number } }
  | { readonly delay: number }
  | StatusFault
  | { readonly errorEvent: number | ErrorEventFault }
  | { readonly malformed: true | FaultPoint }
  | { readonly truncated: true | FaultPoint }
  | { readonly huge: true | { readonly bytes: number; readonly afterEvents?: number } }
  | { readonly frame: unknown; readonly afterEvents?: number }
  | {
      /** Gives the body that is sent in place of this one. */
      readonly rewrite: (body: string) => string;
    }
  | { readonly stale: string }
  | { readonly watchList: 'unsupported' | 'ends-early' | 'never-ends' }
  | { readonly duplicate: true }
  | { readonly outOfDate: true }
  | { readonly noBookmarks: true };

type NameOf<F> = F extends unknown
  ? Exclude<keyof F, Exclude<keyof StatusFault, 'status'> | 'afterEvents'>
  : never;

const NAMES: Readonly<Record<NameOf<Fault>, true>> = {
  end: true,
  close: true,
  reset: true,
  stall: true,
  drip: true,
  delay: true,
  status: true,
  errorEvent: true,
  malformed: true,
  truncated: true,
  huge: true,
  frame: true,
  rewrite: true,
  stale: true,
  watchList: true,
  duplicate: true,
  outOfDate: true,
  noBookmarks: true,
};

function checkFault(what: Fault): void {
  const named = Object.keys(what).filter((name) => Object.hasOwn(NAMES, name));
  if (named.length === 1) return;
  const found = Object.keys(what).join(', ') || 'nothing';
  throw new ConfigError(
    `A fault is exactly one of ${Object.keys(NAMES).join(', ')}; this one has ${found}. Set several one by one.`,
    { code: 'INVALID_FAULT' },
  );
}

interface Rule {
  readonly match: FaultMatch;
  readonly what: Fault;
  readonly first: number;
  readonly last: number;
  seen: number;
}

function isMet(match: FaultMatch, request: ApiRequest): boolean {
  const { target } = request;
  if (match.kind !== undefined && ![match.kind].flat().includes(request.kind)) return false;
  if (match.gvr !== undefined) {
    const gvr = typeof match.gvr === 'string' ? match.gvr : formatGvr(match.gvr);
    if (!target || formatGvr(target) !== gvr) return false;
  }
  if (match.namespace !== undefined && target?.namespace !== match.namespace) return false;
  if (match.name !== undefined && target?.name !== match.name) return false;
  return match.when?.(request) ?? true;
}

/** The faults that are set. */
export class FaultRules {
  readonly #rules = new Set<Rule>();

  /**
   * Sets a fault; the function that comes back takes it away again.
   *
   * @throws {ConfigError} `INVALID_FAULT` when it is none, or several at once.
   */
  add(match: FaultMatch, what: Fault): () => void {
    checkFault(what);
    const first = match.nth ?? 1;
    const times = match.times ?? (match.nth === undefined ? Number.POSITIVE_INFINITY : 1);
    const rule: Rule = { match, what, first, last: first + times - 1, seen: 0 };
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  /** The faults that meet this request, in the order in which they were set; each counts it. */
  take(request: ApiRequest): Fault[] {
    const met: Fault[] = [];
    for (const rule of this.#rules) {
      if (!isMet(rule.match, request)) continue;
      rule.seen += 1;
      if (rule.seen >= rule.first && rule.seen <= rule.last) met.push(rule.what);
      if (rule.seen >= rule.last) this.#rules.delete(rule);
    }
    return met;
  }
}
