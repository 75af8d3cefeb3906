/** Owns the proof that what is recorded of a store rebuilds each of its states, whatever happens to it. */
import { createIndexer, type KubernetesObject, type ResourceEvent } from '@firn/core';
import type { StagedList } from '@firn/core/engine';
import { MemoryStore } from '@firn/stores';
import { writerOf } from '@firn/stores/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBytes } from '../event-log/event-bytes.ts';
import type { LogEvent } from '../event-log/log-event.ts';
import { type Applied, ReplayedResource } from '../replay/replayed-resource.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { RecordedForm } from './recorded-form.ts';
import { Redaction } from './redaction.ts';
import { ResourceRecorder } from './resource-recorder.ts';

type Event = ResourceEvent<KubernetesObject>;

const KEYED = { indexBy: ['metadata.namespace', 'metadata.labels.app'] };
const DESCRIPTIONS = [{ gvr: 'v1/pods' }, { gvr: 'v1/pods', ...KEYED, ignoreFields: ['status'] }];

/** A store, what was recorded of it, and a replay of that. */
function recordedStore(description: (typeof DESCRIPTIONS)[number]) {
  const indexer = createIndexer(description);
  const store = new MemoryStore<KubernetesObject>({ indexer, clock: createManualClock() });
  const records: LogEvent[] = [];
  const append = (_: string, event: LogEvent | EventBytes): void => {
    const text = 'pieces' in event ? Buffer.concat(event.pieces).toString() : JSON.stringify(event);
    records.push(JSON.parse(text));
  };
  const target = {
    append,
    appendBatch: (name: string, events: readonly (LogEvent | EventBytes)[]) => {
      records.push({ type: 'BATCH', size: events.length });
      for (const event of events) append(name, event);
    },
  };
  const redaction = new Redaction();
  const form = new RecordedForm(indexer, redaction, []);
  const writer = writerOf(store);
  writer.record(new ResourceRecorder('pods', target, form));
  return { store, writer, records, replayed: new ReplayedResource(description) };
}

/** The batches of what was recorded since the last time. */
function batchesOf(records: LogEvent[]): Applied[][] {
  const batches: Applied[][] = [];
  let rest = 0;
  for (const record of records.splice(0)) {
    if (record.type === 'BATCH') {
      batches.push([]);
      rest = record.size;
    } else if (rest > 0) {
      batches.at(-1)?.push(record as Applied);
      rest--;
    } else batches.push([record as Applied]);
  }
  return batches;
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const object = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Pod'),
  metadata: fc.record(
    {
      name,
      namespace: fc.constantFrom('n', 'm'),
      uid: fc.constantFrom('u', 'v'),
      resourceVersion: fc.integer({ min: 1, max: 30 }).map(String),
      labels: fc.constantFrom<Record<string, string>>({ app: 'x' }, { app: 'y' }, {}),
    },
    { requiredKeys: ['name', 'namespace', 'uid', 'resourceVersion'] },
  ),
  status: fc.constantFrom('old', 'new'),
});
const watched: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom('ADDED', 'MODIFIED'),
      object,
      origin: fc.constant('watch'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('DELETED'), object, origin: fc.constant('watch') }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('BOOKMARK'), resourceVersion: fc.constantFrom('5', '40') }),
  },
) as fc.Arbitrary<Event>;
type Step =
  | { do: 'batch'; events: Event[] }
  | { do: 'call'; object: KubernetesObject; keys: readonly string[] | undefined }
  | { do: 'replace' | 'items'; objects: KubernetesObject[] }
  | { do: 'remove'; name: string }
  | { do: 'begin' | 'end' | 'discard' | 'clear' };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('batch'),
      events: fc.array(watched, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('call'), object, keys: fc.constantFrom(undefined, ['k', 'l']) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), name }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('replace'), objects: fc.array(object, { maxLength: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('items'), objects: fc.array(object, { maxLength: 5 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('begin', 'end', 'discard', 'clear') }) },
) as fc.Arbitrary<Step>;

interface Performing {
  readonly store: MemoryStore<KubernetesObject>;
  readonly writer: ReturnType<typeof writerOf<KubernetesObject>>;
  readonly lists: StagedList<KubernetesObject>[];
  readonly version: string;
}

function perform(step: Step, performing: Performing): void {
  const { store, writer, lists, version: resourceVersion } = performing;
  switch (step.do) {
    case 'batch':
      writer.apply(step.events);
      break;
    case 'call':
      store.add(step.object, step.keys);
      break;
    case 'remove':
      store.remove({ namespace: 'n', name: step.name });
      break;
    case 'replace':
      store.apply({ type: 'REPLACED', objects: step.objects, resourceVersion });
      break;
    case 'clear':
      store.clear();
      break;
    case 'begin':
      lists.push(writer.beginList());
      break;
    case 'items':
      for (const list of lists.slice(-1)) writer.appendToList(list, step.objects);
      break;
    case 'discard':
      for (const list of lists.splice(-1)) writer.discardList(list);
      break;
    case 'end':
      for (const list of lists.splice(0, 1)) writer.commitList(list, resourceVersion);
      break;
  }
}

describe('what is recorded of a store', () => {
  it.each(DESCRIPTIONS)('rebuilds each of its states: %j', (description) => {
    let states = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { store, writer, records, replayed } = recordedStore(description);
        // More than one list may be under way: one may wait in a mailbox while the next begins.
        const lists: StagedList<KubernetesObject>[] = [];
        let version = 50;
        for (const one of steps) {
          try {
            perform(one, { store, writer, lists, version: String(version++) });
          } catch (error) {
            // A call whose keys cannot be extracted: nothing is changed, and nothing is recorded.
            expect(error).toMatchObject({ name: 'StoreError' });
          }
          for (const batch of batchesOf(records)) replayed.apply(batch);
          const { modCount, resourceVersion } = store.snapshot;
          expect({ ...replayed.snapshot.toJSON() }).toEqual({ ...store.snapshot.toJSON() });
          expect(replayed.snapshot.refs()).toEqual(store.refs());
          expect(replayed.snapshot.digest()).toBe(store.snapshot.digest());
          expect([replayed.snapshot.modCount, replayed.snapshot.resourceVersion]).toEqual([
            modCount,
            resourceVersion,
          ]);
          states++;
        }
      }),
      { numRuns: 300 },
    );
    expect(states).toBeGreaterThan(300);
  });
});
