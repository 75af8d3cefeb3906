import { expect, it } from 'vitest';
import type { CheckpointSlice } from '../event-log/checkpoint-run.ts';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { FOLDER } from '../event-log/memory-file-system.fixture.ts';
import { record } from '../event-log/recording.fixture.ts';
import { stateAt } from './state-at.ts';
import { verifyLog } from './verify-log.ts';

const added = (name: string, resourceVersion: string): LogEvent => ({
  type: 'ADDED',
  object: { metadata: { namespace: 'n', name, resourceVersion, labels: { long: 'x'.repeat(3000) } } },
});
const begin = { type: 'CHECKPOINT', part: 'begin', modCount: 1, resourceVersion: '1', size: 1 } as const;
const slice = (event: CheckpointSlice['event']): CheckpointSlice => ({ resource: 'pods', event });

it('goes back to the checkpoint before, where the last one was not written to its end', async () => {
  let segments = 0;
  const { writer, files, clock } = await record({
    segmentBytes: 2000,
    checkpoint: async function* () {
      segments++;
      yield slice(segments === 1 ? { ...begin, modCount: 0, size: 0 } : begin);
      if (segments > 1) await Promise.withResolvers<void>().promise;
      yield slice({ type: 'CHECKPOINT', part: 'end', modCount: 0 });
    },
  });
  writer.append('pods', added('a', '1'));
  await clock.advance(1000);
  expect(segments).toBe(2);
  writer.append('pods', added('b', '2'));
  await writer.close();

  const read = () => EventLogReader.open(FOLDER, files);
  expect((await read()).segments).toHaveLength(2);
  for (const moment of [{ time: clock.now() }, { modCount: 2 }, { resourceVersion: '2' }]) {
    const state = await stateAt(await read(), moment, 'pods');
    expect([state.modCount, state.refs().map(({ name }) => name)]).toEqual([2, ['a', 'b']]);
  }
  expect(await verifyLog(await read())).toMatchObject({ damage: undefined, mismatches: [], batches: 2 });
});

it('tells a checkpoint that is not what the events before it make', async () => {
  let segments = 0;
  const { writer, files, clock } = await record({
    segmentBytes: 2000,
    checkpoint: async function* () {
      segments++;
      if (segments === 1) return;
      yield slice({ ...begin, modCount: 7 });
      yield slice({ type: 'CHECKPOINT', part: 'end', modCount: 7, digest: 'ab' });
    },
  });
  writer.append('pods', added('a', '1'));
  await clock.advance(1000);
  await writer.close();
  const { mismatches } = await verifyLog(await EventLogReader.open(FOLDER, files));
  expect(mismatches[0]).toMatchObject({
    resource: 'pods',
    expected: { modCount: 7, digest: 'ab' },
    found: { modCount: 1 },
  });
});
