/** Owns what a controller throws where nobody waits for it: rejections in callbacks, errors in subscribers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { config } from 'rxjs';

/** Ends the listening, once everything thrown until now has been heard. */
type End = () => Promise<void>;

/** Both are of the whole process: who wants to listen waits for the one before. */
let listening: Promise<void> = Promise.resolve();

/**
 * From now on unhandled rejections of the process, and errors of rxjs subscribers, go to `heard`, and nowhere else: a
 * test runner would take them for its own.
 */
export async function hearStrayErrors(heard: (error: unknown) => void): Promise<End> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const before = listening;
  listening = ended;
  await before;
  const others = process.listeners('unhandledRejection');
  const { onUnhandledError } = config;
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', heard);
  config.onUnhandledError = heard;
  return async () => {
    // rxjs throws in a timer of its own, which was set before this one.
    await sleep(1);
    process.off('unhandledRejection', heard);
    for (const other of others) process.on('unhandledRejection', other);
    config.onUnhandledError = onUnhandledError;
    resolve();
  };
}
