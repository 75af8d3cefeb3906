/** Owns the iteration over objects that nobody has read, which gives the event loop its turn on the way. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { timed } from '../support.ts';
import { checkCount, isRead, type ReadSubject } from './read-subject.ts';

export async function iterateUnread({ store, load }: ReadSubject): Promise<Readonly<Record<string, number>>> {
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  // Its timer has to be running before the time that it measures.
  await delay(20);
  stalls.reset();
  let count = 0;
  const { ms } = await timed(async () => {
    for await (const resource of store.snapshot.iterate()) if (isRead(resource)) count++;
  });
  await delay(20);
  stalls.disable();
  checkCount(count, load.objects, 'iterate');
  return { iterateMs: ms, iterateStallMs: stalls.max / 1e6 };
}
