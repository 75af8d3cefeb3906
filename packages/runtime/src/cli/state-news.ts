/** Owns what is worth saying when the state of a watched resource changes. */

import { visibleText } from '../visible-text.ts';
import type { WatchState } from '../watcher/watch-state.ts';

const integer = new Intl.NumberFormat('en');
/** A running list is reported again after this many more items. */
const LIST_STEP = 5000;

/** An error that was there before explains nothing new. */
function reason(before: WatchState | undefined, state: WatchState, now: number): string {
  const { lastError } = state;
  const why =
    lastError === undefined || lastError === before?.lastError ? '' : `: ${visibleText(lastError.message)}`;
  const wait = state.nextAttemptAt === undefined ? 0 : Math.ceil((state.nextAttemptAt - now) / 1000);
  return wait > 0 ? `${why} (next attempt in ${wait} s)` : why;
}

/**
 * A sentence about what changed between two states of a watch; `undefined` if it is nothing to mention.
 *
 * @param now - Wall-clock milliseconds.
 */
export function stateNews(
  before: WatchState | undefined,
  after: WatchState,
  size: number,
  now: number,
): string | undefined {
  // The end that was asked for is no news, and no connection was lost.
  if (after.phase === 'stopped') return undefined;
  if (before?.synced !== true && after.synced)
    return `in sync, ${integer.format(size)} ${size === 1 ? 'object' : 'objects'}`;
  if (after.synced && before?.stale === false && after.stale)
    return `connection lost${reason(before, after, now)}`;
  if (before?.stale === true && !after.stale && after.synced) return 'connection is back';
  return undefined;
}

/** What is worth a line beside `stateNews` where no table shows it: attempts that fail, and how far a list is. */
export function progressNews(
  before: WatchState | undefined,
  after: WatchState,
  now: number,
): string | undefined {
  const failed = after.lastError !== undefined && after.lastError !== before?.lastError;
  if (failed && after.phase === 'backoff') {
    return `${after.synced ? 'still no connection' : 'no connection yet'}${reason(before, after, now)}`;
  }
  const step = (listed = 0): number => Math.floor(listed / LIST_STEP);
  if (step(after.listed) > step(before?.listed))
    return `listing, ${integer.format(after.listed ?? 0)} so far`;
  return undefined;
}
