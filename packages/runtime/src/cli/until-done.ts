/** Owns waiting for the end of a command: a time, or an interruption. */
import type { Clock } from '@firn/stores';

/** Why a command's signal was aborted. */
export type EndReason = 'interrupted' | 'output closed' | 'output failed';

/** Resolves after `ms` milliseconds (never, if undefined) or when the signal is aborted. */
export function untilDone(signal: AbortSignal, ms: number | undefined, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  const timer = ms === undefined ? undefined : clock.setTimeout(resolve, ms);
  return promise.finally(() => {
    if (timer !== undefined) clock.clearTimeout(timer);
  });
}
