import { FirnError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import type { WatchState } from '../watcher/watch-state.ts';
import { progressNews, stateNews } from './state-news.ts';

const base: WatchState = {
  phase: 'watching',
  synced: true,
  stale: false,
  restarts: 0,
  indexErrors: 0,
  mailbox: { length: 0, bytes: 0, oldestAgeMs: 0, coalesced: 0 },
};
const refused = new FirnError('refused\u001b[2J', { code: 'CONNECTION_REFUSED' });

describe('stateNews and progressNews', () => {
  it.each<[string, Partial<WatchState> | undefined, Partial<WatchState>, string | undefined]>([
    ['the first sync', undefined, {}, 'in sync, 1,234 objects'],
    ['the first sync after listing', { phase: 'listing', synced: false }, {}, 'in sync, 1,234 objects'],
    ['nothing', {}, {}, undefined],
    ['an event', {}, { lastEventAt: 5 }, undefined],
    [
      'a lost connection',
      {},
      { phase: 'backoff', stale: true, lastError: refused, nextAttemptAt: 2500 },
      'connection lost: refused\\u001b[2J (next attempt in 2 s)',
    ],
    [
      'a lost connection, without the reason of an earlier one',
      { lastError: refused },
      { stale: true, lastError: refused },
      'connection lost',
    ],
    ['the connection being back', { stale: true }, {}, 'connection is back'],
    ['its own end', {}, { phase: 'stopped', stale: true, lastError: refused }, undefined],
    [
      'another failed attempt',
      { stale: true },
      { phase: 'backoff', stale: true, lastError: refused },
      'still no connection: refused\\u001b[2J',
    ],
    [
      'a first failed attempt',
      { synced: false },
      { phase: 'backoff', synced: false, lastError: refused },
      'no connection yet: refused\\u001b[2J',
    ],
    [
      'a long list',
      { phase: 'listing', synced: false, listed: 4999 },
      { phase: 'listing', synced: false, listed: 10_500 },
      'listing, 10,500 so far',
    ],
    [
      'a little more of a list',
      { phase: 'listing', synced: false, listed: 5000 },
      { phase: 'listing', synced: false, listed: 5500 },
      undefined,
    ],
  ])('on %s', (_, before, after, news) => {
    const earlier = before === undefined ? undefined : { ...base, ...before };
    const later = { ...base, ...after };
    expect(stateNews(earlier, later, 1234, 1000) ?? progressNews(earlier, later, 1000)).toBe(news);
  });

  it('leave failed attempts and the progress of a list to progressNews', () => {
    const failed: WatchState = { ...base, phase: 'backoff', stale: true, lastError: refused };
    expect(stateNews({ ...base, stale: true }, failed, 1, 0)).toBeUndefined();
    expect(
      stateNews(undefined, { ...base, synced: false, phase: 'listing', listed: 9000 }, 0, 0),
    ).toBeUndefined();
  });
});
