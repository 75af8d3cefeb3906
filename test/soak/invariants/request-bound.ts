/** Owns the bound on how often watchers may ask, which follows from the rules of backoff. */
import type { Asked } from '../fault-proxy/asked.ts';
import { RESOURCES } from '../world/resources.ts';
import { PAGE_SIZE, TIMES } from '../world/watches.ts';
import type { Ledger } from './ledger.ts';

/** The window, in milliseconds of the watchers' clock: a minute. */
const WINDOW = 60_000;

/** Pages of the longest list; a real server has some seventy cluster roles of its own. */
const MOST_PAGES = Math.ceil(
  (Math.max(...Object.values(RESOURCES).map(({ slots }) => slots)) + 70) / PAGE_SIZE,
);

/**
 * What one attempt after a failure may ask without waiting, at the worst: a probe; a streaming list at the last version, refused with
 * a 401 and sent again with new credentials, then refused as too large a version and sent from an empty one; a list
 * in pages, all of them, whose last one is refused with a 410; the same list in one piece; a watch.
 */
const MOST_AT_ONCE = 1 + 3 + MOST_PAGES + 1 + 1;

const { initial, factor, cap, resetAfter } = TIMES.backoff;

/** How many failures fit into the time that health needs to make them forgotten: each waits longer than the last. */
function failuresUntilForgotten(): number {
  let failures = 0;
  for (let ms = 0; ms <= resetAfter; failures++) ms += Math.min(initial * factor ** failures, cap);
  return failures;
}

/** Attempts: between two stands a delay of backoff, counted from the opening of a stream or from a failure. */
const ATTEMPTS = Math.floor(WINDOW / initial) + 1;

/** Failures are forgotten at most once in `resetAfter`; those beyond wait for `cap`. */
const FAILURES =
  (Math.floor(WINDOW / resetAfter) + 1) * (failuresUntilForgotten() + 1) + Math.floor(WINDOW / cap);

/**
 * The most streams that one watcher opens in a window: one for each attempt, and another where credentials were
 * refreshed after a 401; after a failure, up to three. This is the bound that a storm of requests breaks first.
 */
export const MOST_STREAMS: number = 2 * ATTEMPTS + 3 * FAILURES;

/** The most requests of any kind: only after failures is anything else asked for, but for a look after a silent watch. */
export const MOST_REQUESTS: number =
  2 * ATTEMPTS + Math.floor(WINDOW / TIMES.idleTimeout) + FAILURES * MOST_AT_ONCE;

/** Counts the requests of each watcher in a sliding window. */
export class RequestBound {
  readonly #ledger: Ledger;
  readonly #times = new Map<string, number[]>();
  #peak = 0;
  readonly #counts = new Map<Asked['kind'], number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The most that one watcher asked in a window. */
  get peak(): number {
    return this.#peak;
  }

  get counts(): ReadonlyMap<Asked['kind'], number> {
    return this.#counts;
  }

  /** @param now is monotonic, of the watchers' clock. */
  note({ kind, watcher }: Asked, now: number): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    // What is read on demand is bounded by who reads.
    if (kind === 'get' || kind === 'namespace-list') return;
    const isStream = kind === 'watch' || kind === 'watch-list';
    const all = this.#within(`all of ${watcher}`, now);
    this.#peak = Math.max(this.#peak, all);
    this.#judge(watcher, all, MOST_REQUESTS, 'requests');
    if (isStream) this.#judge(watcher, this.#within(`streams of ${watcher}`, now), MOST_STREAMS, 'streams');
  }

  #judge(watcher: string, count: number, most: number, what: string): void {
    const why = (): string =>
      `${watcher}: ${count} ${what} in a minute of its clock, at most ${most} follow from the rules of backoff`;
    this.#ledger.check('requests are bounded', count <= most, why);
  }

  /** How many there were in the window that ends now, this one included. */
  #within(of: string, now: number): number {
    const times = this.#times.get(of) ?? [];
    this.#times.set(of, times);
    times.push(now);
    while ((times[0] as number) <= now - WINDOW) times.shift();
    return times.length;
  }
}
