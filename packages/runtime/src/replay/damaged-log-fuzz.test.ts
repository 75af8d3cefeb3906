/** Owns the proof that a damaged log gives the states that were recorded, or an error: never another state. */
import {
  createIndexer,
  EventLogError,
  type KubernetesObject,
  type ResourceEvent,
  type Snapshot,
} from '@firn/core';
import { MemoryStore } from '@firn/stores';
import { writerOf } from '@firn/stores/engine';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { fuzz } from '../../test-support/fuzz.ts';
import { type Damage, damage, inflict } from '../event-log/damage.fixture.ts';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import { FOLDER, MemoryFileSystem } from '../event-log/memory-file-system.fixture.ts';
import { record } from '../event-log/recording.fixture.ts';
import { checkpointSlices } from '../recording/checkpoint-slices.ts';
import { RecordedResources } from '../recording/recorded-resources.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { LogPlayer } from './log-player.ts';
import { LogStates, type Moment } from './log-states.ts';
import { verifyLog } from './verify-log.ts';

type Event = ResourceEvent<KubernetesObject>;

const NAME = 'pods';
const files = new MemoryFileSystem();
/** What the whole log says of these moments. */
const known: { readonly moment: Moment; readonly state: string }[] = [];
/** All states that there ever were. */
const states = new Set<string>();

const shown = ({
  modCount,
  ...snapshot
}: Pick<Snapshot<KubernetesObject>, 'modCount'> & { digest: string }) => `${modCount} ${snapshot.digest}`;
const stateOf = (snapshot: Snapshot<KubernetesObject>): string =>
  shown({ modCount: snapshot.modCount, digest: snapshot.digest() });

function eventsOf(round: number): Event[] {
  const object = (i: number): KubernetesObject => ({
    metadata: {
      namespace: 'n',
      name: `pod-${i % 7}`,
      uid: `u${i % 7}`,
      resourceVersion: String(100 + 3 * round + (i % 3)),
      labels: { round: `${round}`, long: 'x'.repeat(20) },
    },
  });
  if (round % 13 === 5)
    return [
      { type: 'REPLACED', objects: [0, 1, 2].map(object), resourceVersion: String(100 + 3 * round + 2) },
    ];
  const types = ['ADDED', 'MODIFIED', 'DELETED'] as const;
  return Array.from({ length: 1 + (round % 3) }, (_, i) => ({
    type: types[(round + i) % 3] ?? 'ADDED',
    object: object(round * 2 + i),
    origin: 'watch',
  }));
}

/** One process, from an empty store on. */
async function recordRun(run: string, from: number, to: number): Promise<void> {
  const clock = createManualClock({ now: 1_000_000 + from * 1000 });
  const indexer = createIndexer({ gvr: 'v1/pods' });
  const store = new MemoryStore<KubernetesObject>({ indexer, clock });
  const single = new MemoryStore<KubernetesObject>({ indexer, clock });
  const resources = new RecordedResources(undefined, false);
  const { writer } = await record({
    files,
    clock,
    run,
    resources: {},
    segmentBytes: 1000,
    checkpoint: () => checkpointSlices(resources.all),
  });
  resources.join(
    { name: NAME, description: { gvr: 'v1/pods', store: 'full' }, indexer, writer: writerOf(store) },
    writer,
    (joined) => writer.describe(joined.name, joined.description, joined.redacted),
  );
  for (let round = from; round < to; round++) {
    const events = eventsOf(round);
    for (const event of events) {
      single.apply(event);
      states.add(stateOf(single.snapshot));
      known.push({ moment: { run, modCount: single.modCount }, state: stateOf(single.snapshot) });
    }
    writerOf(store).apply(events);
    expect(stateOf(store.snapshot)).toBe(stateOf(single.snapshot));
    await clock.advance(10);
    known.push({ moment: { time: clock.now() - 5 }, state: stateOf(store.snapshot) });
  }
  await writer.close();
}

beforeAll(async () => {
  await recordRun('run-1', 0, 60);
  await recordRun('run-2', 70, 130);
  expect(files.names(FOLDER).length).toBeGreaterThan(6);
  const { damage: found, mismatches } = await verifyLog(await EventLogReader.open(FOLDER, files));
  expect([found, mismatches]).toEqual([undefined, []]);
});

it('a whole log gives each state that there was, by run, modCount and time', async () => {
  for (const { moment, state } of known)
    expect(stateOf(await new LogStates(() => EventLogReader.open(FOLDER, files)).at(moment, NAME))).toBe(
      state,
    );
});

async function unlessDamaged<V>(read: () => Promise<V>): Promise<V | EventLogError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof EventLogError) return error;
    throw error;
  }
}

/** The last state of a log that ends before its time, when no record of it can tell. */
async function lastState(damaged: MemoryFileSystem): Promise<string | undefined> {
  const player = new LogPlayer(await EventLogReader.open(FOLDER, damaged));
  const error = await unlessDamaged(() => player.play(undefined));
  const snapshot = player.snapshot(NAME);
  return error instanceof EventLogError || snapshot === undefined ? undefined : stateOf(snapshot);
}

fuzz({
  name: 'event-log',
  generated: fc
    .tuple(
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    )
    .map(([all, asked]) => Buffer.from(JSON.stringify([all, asked]))),
  tokens: [],
  runs: 50,
  async check(input) {
    const [all, asked] = JSON.parse(input.toString()) as [Damage[], number[]];
    const damaged = files.copy();
    for (const one of all) await inflict(damaged, one);
    const opened = await unlessDamaged(() => EventLogReader.open(FOLDER, damaged));
    if (opened instanceof EventLogError) return;
    const { damage: found, mismatches } = await verifyLog(opened);
    if (found !== undefined) expect(found).toBeInstanceOf(EventLogError);
    expect(mismatches).toEqual([]);
    const last = found === undefined ? await lastState(damaged) : undefined;
    for (const index of asked) {
      const { moment, state } = known[index % known.length] ?? never();
      const reader = await EventLogReader.open(FOLDER, damaged);
      const read = await unlessDamaged(() => new LogStates(async () => reader).at(moment, NAME));
      if (read instanceof EventLogError || stateOf(read) === state) continue;
      expect([moment, stateOf(read)]).toEqual([moment, 'time' in moment ? last : state]);
    }
  },
});

function never(): never {
  throw new Error('nothing was recorded');
}
