import { parseGvr } from '@firn/core';
import { expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { showCache } from './show-cache.ts';
import { cacheText, type ShownCache, type View } from './views/view.ts';

const watched = { name: 'secrets', gvr: parseGvr('v1/secrets') };

it('tells the numbers of a cache when they have changed, and once more at the end', async () => {
  const clock = createManualClock();
  const told: string[] = [];
  const view = {
    cache: (_: unknown, cache: ShownCache) => void told.push(cacheText(cache)),
  } as Partial<View> as View;
  const stats = { hits: 0, misses: 0, shared: 0, evictions: 0, expirations: 0 };
  const store = { size: 2, cacheSize: 0, cacheStats: stats };
  const shown = showCache(watched, store, { view, clock, interval: 1000 });
  await clock.advance(5000);
  expect(told).toEqual([]);
  stats.misses = 1;
  store.cacheSize = 1;
  await clock.advance(5000);
  expect(told).toEqual(['1 of 2 kept · hits 0 · misses 1 · shared 0 · evictions 0']);
  stats.hits = 1;
  shown.unsubscribe();
  expect(told).toHaveLength(2);
  await clock.advance(5000);
  expect(told).toHaveLength(2);
});
