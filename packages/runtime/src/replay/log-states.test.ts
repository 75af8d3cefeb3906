import { createIndexer, diff } from '@firn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckpointSlice } from '../event-log/checkpoint-run.ts';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { FOLDER } from '../event-log/memory-file-system.fixture.ts';
import { record } from '../event-log/recording.fixture.ts';
import { checkpointSlices } from '../recording/checkpoint-slices.ts';
import { RecordedForm } from '../recording/recorded-form.ts';
import { Redaction } from '../recording/redaction.ts';
import { LogStates } from './log-states.ts';
import { type Applied, ReplayedResource } from './replayed-resource.ts';
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
    const state = await new LogStates(read).at(moment, 'pods');
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

describe('states that are asked for one after the other', () => {
  const object = (name: string, resourceVersion: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n', name, resourceVersion, uid: name },
  });
  const step = fc.oneof(
    fc.record({ do: fc.constant('write' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ do: fc.constantFrom('begin', 'items', 'end', 'flush') }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** A log in many segments, with lists among the events, and what it has in all. */
  async function logOf(steps: readonly Step[]) {
    const live = new ReplayedResource({ gvr: 'v1/pods' });
    const checkpoint = () => checkpointSlices([{ name: 'pods', form, snapshot: () => live.snapshot }]);
    const form = new RecordedForm(createIndexer({ gvr: 'v1/pods' }), new Redaction(), []);
    const { writer, files, clock } = await record({ segmentBytes: 600, checkpoint });
    let version = 0;
    const put = (event: LogEvent): void => {
      writer.append('pods', event);
      live.apply([event as Applied]);
    };
    for (const one of steps) {
      version++;
      if (one.do === 'write') put({ type: 'MODIFIED', object: object(one.name, `${version}`) });
      else if (one.do === 'delete')
        put({
          type: 'DELETED',
          object: { namespace: 'n', name: one.name, resourceVersion: `${version}`, keys: [] },
        });
      else if (one.do === 'begin') put({ type: 'REPLACED', part: 'begin' });
      else if (one.do === 'items')
        put({
          type: 'REPLACED',
          part: 'items',
          objects: [object('a', `${version}`), object('x', `${version}`)],
        });
      else if (one.do === 'end') put({ type: 'REPLACED', part: 'end', resourceVersion: `${version}` });
      else await writer.flush();
      await clock.advance(10);
    }
    await writer.close();
    return {
      open: () => EventLogReader.open(FOLDER, files),
      modCount: live.snapshot.modCount,
      now: clock.now(),
    };
  }

  it('are those that each has by itself, in whatever order', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.array(fc.record({ by: fc.constantFrom('time', 'modCount'), at: fc.nat(100) }), {
          minLength: 2,
          maxLength: 8,
        }),
        async (steps, asked) => {
          const { open, modCount, now } = await logOf(steps);
          const states = new LogStates(open);
          for (const { by, at } of asked) {
            const moment =
              by === 'time' ? { time: now - at * 4 } : { modCount: Math.round((modCount * at) / 100) };
            const outcome = (from: LogStates) =>
              from.at(moment, 'pods').then(
                (state) => `${state.modCount} ${state.resourceVersion} ${state.digest()}`,
                (error: { code: string }) => error.code,
              );
            expect(await outcome(states)).toBe(await outcome(new LogStates(open)));
            compared++;
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(300);
  });

  it('share what is the same', async () => {
    const { open } = await logOf([
      { do: 'write', name: 'a' },
      { do: 'write', name: 'b' },
      { do: 'write', name: 'c' },
    ]);
    const states = new LogStates(open);
    const [older, newer] = [
      await states.at({ modCount: 2 }, 'pods'),
      await states.at({ modCount: 3 }, 'pods'),
    ];
    expect(newer.find('n', 'a')).toBe(older.find('n', 'a'));
    expect([...diff(older, newer)].map(({ ref }) => ref.name)).toEqual(['c']);
  });
});
