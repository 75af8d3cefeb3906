/** Owns waiting for the first sync of several resources, and saying what is missing. */
import { FirnError } from '@firn/core';
import type { Clock } from '@firn/stores';
import type { WatchState } from '../watcher/watch-state.ts';

/** What is waited for. */
interface Syncing {
  readonly synced: Promise<number>;
  readonly isSynced: boolean;
  readonly state: WatchState;
}

/** Resolves when all are synced; rejects with `NOT_READY` after `limit` milliseconds, or as `synced` does. */
export async function whenSynced(
  required: readonly (readonly [name: string, watcher: Syncing])[],
  limit: number | undefined,
  clock: Clock,
): Promise<void> {
  const synced = Promise.all(required.map(([, watcher]) => watcher.synced));
  if (limit === undefined) {
    await synced;
    return;
  }
  const { promise: timedOut, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => reject(notReady(required, limit)), limit);
  try {
    await Promise.race([synced, timedOut]);
  } finally {
    clock.clearTimeout(timer);
  }
}

function notReady(required: readonly (readonly [string, Syncing])[], limit: number): FirnError {
  const missing = required.filter(([, watcher]) => !watcher.isSynced);
  const reasons = missing.map(([name, { state }]) => `${name} (${reasonOf(state)})`);
  return new FirnError(`Not ready after ${limit} ms: ${reasons.join('; ')}.`, {
    code: 'NOT_READY',
    retryable: true,
    cause: missing[0]?.[1].state.lastError,
  });
}

function reasonOf(state: WatchState): string {
  if (state.lastError !== undefined) return state.lastError.message;
  if (state.phase === 'listing') return `still listing, ${state.listed ?? 0} received`;
  return state.phase === 'idle' ? 'not started' : state.phase;
}
