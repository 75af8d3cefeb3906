import { describe, expect, it } from 'vitest';
import type { CheckpointSlice } from '../event-log/checkpoint-run.ts';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { FOLDER, type MemoryFileSystem } from '../event-log/memory-file-system.fixture.ts';
import { record } from '../event-log/recording.fixture.ts';
import { findMoment, type MomentInLog } from './moment-in-log.ts';

const RESOURCES = { pods: { gvr: 'v1/pods' }, services: { gvr: 'v1/services' } };

const added = (name: string, version: number, pad = 0): LogEvent => ({
  type: 'ADDED',
  object: {
    metadata: { namespace: 'n', name, resourceVersion: String(version), labels: { pad: 'x'.repeat(pad) } },
  },
});

const read = (files: MemoryFileSystem): Promise<EventLogReader> => EventLogReader.open(FOLDER, files);

const find = async (files: MemoryFileSystem, time?: number): Promise<MomentInLog> =>
  findMoment(await read(files), ['pods', 'services', 'jobs'], time);

const namesIn = ({ states }: MomentInLog, resource: string): readonly string[] | undefined =>
  states
    .get(resource)
    ?.refs()
    .map(({ name }) => name);

describe('a moment of a log', () => {
  it('has the states of all resources then, and the record that comes next', async () => {
    const { writer, files, clock } = await record({ resources: RESOURCES });
    const begin = clock.now();
    writer.append('pods', added('a', 1));
    await clock.advance(1000);
    writer.append('services', added('s', 2));
    await clock.advance(1000);
    writer.append('pods', added('b', 3));
    await clock.advance(1000);
    await writer.close();

    const first = await find(files, begin + 500);
    expect([namesIn(first, 'pods'), namesIn(first, 'services')]).toEqual([['a'], []]);
    expect(first.states.has('jobs')).toBe(false);
    const second = await find(files, begin + 1000);
    expect([namesIn(second, 'pods'), namesIn(second, 'services')]).toEqual([['a'], ['s']]);
    expect([second.time, second.next]).toEqual([begin + 1000, (first.next ?? 0) + 1]);
    const end = await find(files);
    expect([namesIn(end, 'pods'), end.next, end.time]).toEqual([['a', 'b'], undefined, begin + 3000]);
  });

  it('is refused where the log says nothing, and found in the second in which it ends', async () => {
    const { writer, files, clock } = await record({ resources: RESOURCES });
    const begin = clock.now();
    writer.append('pods', added('a', 1));
    await clock.advance(1500);
    await writer.close();
    const refused = { code: 'NOT_IN_LOG', message: expect.stringMatching(/It goes from \S+ to \S+;/) };
    await expect(find(files, begin - 1)).rejects.toMatchObject(refused);
    const second = Math.floor(clock.now() / 1000) * 1000;
    await expect(find(files, second + 1000)).rejects.toMatchObject(refused);
    expect(namesIn(await find(files, second + 999), 'pods')).toEqual(['a']);
  });

  it('is found from the segment before, where the checkpoint of its own was not complete by then', async () => {
    const slice = (event: CheckpointSlice['event']): CheckpointSlice => ({ resource: 'pods', event });
    let segments = 0;
    const { writer, files, clock } = await record({
      segmentBytes: 2000,
      checkpoint: async function* () {
        segments++;
        if (segments === 1) return;
        yield slice({ type: 'CHECKPOINT', part: 'begin', modCount: 1, resourceVersion: '1', size: 1 });
        await Promise.withResolvers<void>().promise;
      },
    });
    writer.append('pods', added('a', 1, 3000));
    await clock.advance(1000);
    expect(segments).toBe(2);
    writer.append('pods', added('b', 2));
    await writer.close();
    const found = await find(files);
    expect([found.segment, namesIn(found, 'pods')]).toEqual([1, ['a', 'b']]);
  });
});
