/** Owns waiting that has an end. */
import type { Clock } from '@firn/stores';

/** Whether the work is done within so many milliseconds; it goes on if not. */
export async function doneWithin(clock: Clock, ms: number, work: Promise<void>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = clock.setTimeout(() => late.resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clock.clearTimeout(timer);
  }
}
