/** Owns a process that records until it is killed, and says what it was told is on the disk. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FsyncPolicy } from './commit-schedule.ts';
import { openEventLogWriter } from './open-event-log-writer.ts';

/**
 * Records for ever; prints the number of the last record that is known to survive, a line each: of each group with
 * `always`, and otherwise of what the operating system has.
 */
export async function recordUntilKilled(folder: string, fsync: FsyncPolicy): Promise<void> {
  const writer = await openEventLogWriter({
    folder,
    resources: { pods: { gvr: 'v1/pods' } },
    fsync,
    interval: '5ms',
    // Small, so that the end may come at any of roll, checkpoint, compression and retention.
    segmentBytes: 30_000,
    keep: { segments: 20 },
    async *checkpoint() {
      yield { resource: 'pods', event: { type: 'CHECKPOINT', part: 'begin', modCount: 0, size: 0 } };
      yield { resource: 'pods', event: { type: 'CHECKPOINT', part: 'end', modCount: 0 } };
    },
  });
  for (let count = 0; ; count++) {
    const object = { metadata: { name: `pod-${count}` }, pad: 'x'.repeat(count % 2000) };
    writer.append('pods', { type: 'ADDED', object });
    if (count % 5 !== 0) continue;
    if (fsync === 'always') await writer.flush();
    else await nextTurn();
    process.stdout.write(`${fsync === 'always' ? writer.state.durable : writer.state.written}\n`);
  }
}
