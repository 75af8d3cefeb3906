import type { FirnError } from '@firn/core';
import { describe, expect, it } from 'vitest';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { FOLDER, type MemoryFileSystem } from '../event-log/memory-file-system.fixture.ts';
import { processOf, record } from '../event-log/recording.fixture.ts';
import { defineResourceType } from '../testing/api-server/resource-type.ts';
import { readObject } from '../testing/api-server/stored-object.ts';
import { findMoment } from './moment-in-log.ts';
import { Playing } from './playing.ts';
import { ServedResource } from './served-resource.ts';

const TYPE = defineResourceType({ gvr: 'v1/pods', kind: 'Pod' });

const pod = (name: string, version: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'n', name, uid: name, resourceVersion: String(version) },
});
const write = (type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, version: number): LogEvent => ({
  type,
  object: pod(name, version),
});
const list = (version: number, ...objects: readonly ReturnType<typeof pod>[]): readonly LogEvent[] => [
  { type: 'REPLACED', part: 'begin' },
  { type: 'REPLACED', part: 'items', objects },
  { type: 'REPLACED', part: 'end', resourceVersion: String(version) },
];

/** Plays a log from a time on; what was served then, and every event that watches get. */
async function play(
  files: MemoryFileSystem,
  from: number,
  until?: number,
): Promise<{ events: string[]; served: ServedResource; played: Playing; run: ReturnType<Playing['run']> }> {
  const reader = await EventLogReader.open(FOLDER, files);
  const moment = await findMoment(reader, ['pods'], from);
  const served = new ServedResource(TYPE, 1000);
  served.begin(moment.states);
  const events: string[] = [];
  served.table.subscribe(({ type, object }) => {
    const { name, resourceVersion } = readObject(TYPE, object).metadata;
    events.push(`${type} ${name}@${resourceVersion}`);
  });
  const played = new Playing(reader, moment, new Map([['pods', served]]), {
    speed: Number.POSITIVE_INFINITY,
    until,
  });
  played.pace.follow({ drained: async () => undefined, onOver: () => undefined });
  return { events, served, played, run: played.run() };
}

describe('the playing of a log', () => {
  it('begins behind a moment, even within a segment, and ends at another', async () => {
    const { writer, files, clock } = await record();
    for (const event of list(5, pod('a', 3))) writer.append('pods', event);
    const begin = clock.now();
    for (const [i, name] of ['b', 'c', 'd', 'e'].entries()) {
      await clock.advance(1000);
      writer.append('pods', write('ADDED', name, 10 + i));
    }
    await writer.close();
    const { events, run } = await play(files, begin + 1500, begin + 3500);
    expect(await run).toEqual({ events: 2, time: begin + 3000 });
    expect(events).toEqual(['ADDED c@11', 'ADDED d@12']);
  });

  it('shows what happened between two runs, not that one of them began with nothing', async () => {
    const { writer, files, clock } = await record();
    for (const event of list(5, pod('a', 3), pod('b', 4))) writer.append('pods', event);
    const begin = clock.now();
    await clock.advance(1000);
    await writer.close();
    const second = await record({ files, clock, run: 'run-2', process: processOf(2) });
    for (const event of list(9, pod('a', 3), pod('c', 8))) second.writer.append('pods', event);
    second.writer.append('pods', write('DELETED', 'a', 12));
    await second.writer.close();
    const { events, run, served } = await play(files, begin);
    await run;
    expect(events).toEqual(['ADDED c@8', 'DELETED b@9', 'DELETED a@12']);
    expect(served.versions.current).toBe(12);
  });

  it('sends a batch in one turn, each of its events by itself', async () => {
    const { writer, files, clock } = await record();
    for (const event of list(5, pod('a', 3))) writer.append('pods', event);
    const begin = clock.now();
    await clock.advance(1000);
    writer.append('pods', { type: 'BATCH', size: 3 });
    for (const version of [6, 7]) writer.append('pods', write('MODIFIED', 'a', version));
    writer.append('pods', write('DELETED', 'a', 8));
    await writer.close();
    const { events, run } = await play(files, begin);
    await run;
    expect(events).toEqual(['MODIFIED a@6', 'MODIFIED a@7', 'DELETED a@8']);
  });

  it('ends with what is wrong with the log, when everything before it has been played', async () => {
    const { writer, files, clock } = await record();
    for (const event of list(5, pod('a', 3))) writer.append('pods', event);
    const begin = clock.now();
    await clock.advance(1000);
    writer.append('pods', write('MODIFIED', 'a', 6));
    writer.append('services', write('MODIFIED', 'a', 7));
    await writer.close();
    const { events, run } = await play(files, begin);
    const error = await run.catch((caught: unknown) => caught as FirnError);
    expect(error).toMatchObject({ code: 'RECORD_OUT_OF_PLACE' });
    expect(events).toEqual(['MODIFIED a@6']);
  });
});
