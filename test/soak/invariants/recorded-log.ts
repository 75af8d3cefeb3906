/** Owns the proof that what was recorded gives back what there was. */
import { EventLogError } from '@firn/core';
import { replay } from '@firn/runtime';
import { MemoryStore } from '@firn/stores';
import type { Ledger } from './ledger.ts';
import type { Observer } from './observer.ts';

/** How many moments of each store are looked up, beside its last one. */
const MOMENTS = 4;

/** Reads the log of a run that has ended, and compares it with the digests that were taken while it ran. */
export async function checkLog(
  ledger: Ledger,
  folder: string,
  observers: readonly Observer[],
): Promise<void> {
  const log = await replay(folder);
  const { damage, mismatches, tornTail } = await log.verify();
  ledger.check('log can be replayed', damage === undefined, () => `verify: ${damage?.message}`);
  ledger.check('log can be replayed', tornTail === undefined, () => `verify: ${tornTail?.message}`);
  ledger.check(
    'log can be replayed',
    mismatches.length === 0,
    () => `verify: ${JSON.stringify(mismatches[0])}`,
  );
  for (const { watch, watcher, snapshots } of observers) {
    if (!(watcher.store instanceof MemoryStore)) continue;
    const { modCount } = watcher.store;
    const ending = [modCount, watcher.store.snapshot.digest()] as const;
    const isKept = async (digest: readonly [number, string], mayBeDropped: boolean): Promise<void> => {
      const found = await digestAt(log, digest[0], watch.name);
      const holds = found === digest[1] || (found === undefined && mayBeDropped);
      ledger.check(
        'log can be replayed',
        holds,
        () => `${watch.name} at modCount ${digest[0]}: digest ${found}, it was ${digest[1]}`,
      );
    };
    await isKept(ending, false);
    const others = [...snapshots.digests];
    for (let i = 1; i <= MOMENTS; i++) {
      const moment = others[Math.floor((i * (others.length - 1)) / MOMENTS)];
      // Older segments are dropped.
      if (moment !== undefined && moment[0] > 0) await isKept(moment, true);
    }
  }
}

async function digestAt(
  log: Awaited<ReturnType<typeof replay>>,
  modCount: number,
  name: string,
): Promise<string | undefined> {
  try {
    return (await log.at({ modCount }, name)).digest();
  } catch (error) {
    if (error instanceof EventLogError && error.code === 'NOT_IN_LOG') return undefined;
    throw error;
  }
}
