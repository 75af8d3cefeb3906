/** Owns a run in a recorded log as a source of turns: from its beginning or from a moment of it, to its end or another. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LoggedResource } from '../event-log/log-header.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { LogPlayer } from './log-player.ts';
import { playUntilKnown } from './play-until-known.ts';
import { RecordDecoder } from './record-decoder.ts';
import { type Turn, TurnGatherer } from './turn.ts';
import type { Listener, TurnSource } from './turn-source.ts';

type Listeners = ReadonlyMap<string, Listener>;

/** Which part of which run. Times are wall-clock milliseconds. */
export interface RunScope {
  readonly run: string;
  /** The states at this time are there at once, and what came later is played. */
  readonly from?: number | undefined;
  /** What came later is not played. */
  readonly until?: number | undefined;
}

/** Where the turns begin, and the states there. */
interface Start {
  readonly segment: number;
  /** The first record that is played. */
  readonly sequence: number;
  readonly restored: readonly Turn[];
}

/** Reads turns. */
export class RecordedRun implements TurnSource {
  readonly resources: Readonly<Record<string, LoggedResource>>;
  readonly #open: () => Promise<EventLogReader>;
  readonly #scope: RunScope;

  constructor(
    open: () => Promise<EventLogReader>,
    resources: Readonly<Record<string, LoggedResource>>,
    scope: RunScope,
  ) {
    this.#open = open;
    this.resources = resources;
    this.#scope = scope;
  }

  async *turns(listeners: Listeners): AsyncGenerator<readonly Turn[]> {
    const reader = await this.#open();
    const segments = await segmentsOf(reader, this.#scope.run);
    const start = await this.#start(reader, segments, listeners);
    if (start.restored.length > 0) yield start.restored;
    const reading = new TurnReading(reader, listeners, this.resources, {
      first: start.sequence,
      until: this.#scope.until ?? Number.POSITIVE_INFINITY,
    });
    for await (const records of reader.records({ from: start.segment, to: segments.at(-1) ?? 1 })) {
      const turns = await reading.turnsOf(records);
      if (turns.length > 0) yield turns;
      if (reading.isOver) return;
    }
  }

  async #start(reader: EventLogReader, segments: readonly number[], listeners: Listeners): Promise<Start> {
    const { from } = this.#scope;
    const [first = 1] = segments;
    if (from !== undefined) return stateAtTime(reader, first, from, listeners);
    const { resources = {} } = (await reader.header(first)) ?? {};
    // What a header names has a state in the checkpoint behind it; what joins later begins empty.
    if (Object.keys(resources).some((name) => listeners.has(name)))
      return stateAtBeginning(reader, first, listeners);
    return { segment: first, sequence: 0, restored: [] };
  }
}

/** The segments of a run, which follow one another. */
async function segmentsOf(reader: EventLogReader, run: string): Promise<readonly number[]> {
  const segments: number[] = [];
  for (const { number } of reader.segments)
    if ((await reader.header(number))?.run === run) segments.push(number);
  return segments;
}

function wantedBy(listeners: Listeners): ReadonlyMap<string, Snapshot<KubernetesObject>> {
  return new Map([...listeners].map(([name, { empty }]) => [name, empty]));
}

/** From the checkpoint that a segment begins with. */
async function stateAtBeginning(
  reader: EventLogReader,
  segment: number,
  listeners: Listeners,
): Promise<Start> {
  const player = new LogPlayer(reader, {}, { wanted: wantedBy(listeners), to: segment });
  await player.play(segment, () => ![...listeners.keys()].some((name) => player.isUnknown(name)));
  const header = await reader.header(segment);
  const at = { time: header?.startedAt ?? 0, monotonic: 0, sequence: (header?.first ?? 1) - 1 };
  return { segment, sequence: 0, restored: restoredAt(at, listeners, (name) => player.startOf(name)) };
}

async function stateAtTime(
  reader: EventLogReader,
  first: number,
  from: number,
  listeners: Listeners,
): Promise<Start> {
  let next: LogRecord | undefined;
  const { player, segment } = await playUntilKnown(
    reader,
    Math.max(first, await reader.segmentOf({ time: from })),
    {
      names: listeners.keys(),
      createPlayer: () => {
        next = undefined;
        return new LogPlayer(reader, {}, { wanted: wantedBy(listeners) });
      },
      until: (record) => {
        if (record.time > from) next = record;
        return next !== undefined;
      },
    },
  );
  const sequence = next?.sequence ?? Number.POSITIVE_INFINITY;
  const monotonic = next === undefined ? 0 : next.monotonic / 1000 - (next.time - from);
  const at = { time: from, monotonic, sequence: sequence - 1 };
  return { segment, sequence, restored: restoredAt(at, listeners, (name) => player.snapshot(name)) };
}

/** A turn for each resource of which something is known then. */
function restoredAt(
  at: Pick<Turn, 'time' | 'monotonic' | 'sequence'>,
  listeners: Listeners,
  stateOf: (name: string) => Snapshot<KubernetesObject> | undefined,
): readonly Turn[] {
  return [...listeners.keys()].flatMap((resource) => {
    const restored = stateOf(resource);
    return restored?.resourceVersion === undefined ? [] : [{ ...at, resource, events: [], restored }];
  });
}

/** Turns records into turns, of those resources that somebody wants. */
class TurnReading {
  readonly #reader: EventLogReader;
  readonly #listeners: Listeners;
  readonly #first: number;
  readonly #until: number;
  readonly #decoders = new Map<string, RecordDecoder>();
  readonly #gatherer: TurnGatherer = new TurnGatherer();
  isOver = false;

  /** @param range - from a record on, and to a time. */
  constructor(
    reader: EventLogReader,
    listeners: Listeners,
    resources: Readonly<Record<string, LoggedResource>>,
    { first, until }: { readonly first: number; readonly until: number },
  ) {
    this.#reader = reader;
    this.#listeners = listeners;
    this.#first = first;
    this.#until = until;
    for (const [name, { packer }] of listeners) {
      const gvr = resources[name]?.gvr;
      if (packer !== undefined && gvr !== undefined) this.#decoders.set(name, new RecordDecoder(packer, gvr));
    }
  }

  async turnsOf(records: readonly LogRecord[]): Promise<readonly Turn[]> {
    const turns: Turn[] = [];
    for (const record of records) {
      if (record.sequence < this.#first) continue;
      if (!this.#gatherer.isOpen && record.time > this.#until) {
        this.isOver = true;
        break;
      }
      const turn = await this.#turnOf(record);
      if (turn !== undefined) turns.push(turn);
    }
    return turns;
  }

  async #turnOf(record: LogRecord): Promise<Turn | undefined> {
    const { type, resource } = record;
    if (type === 'CHECKPOINT' || type === 'RESOURCE' || !this.#listeners.has(resource)) return undefined;
    if (type === 'RESTORED') return this.#restored(record);
    return this.#gatherer.take(record, this.#decoders.get(resource)?.decode(record) ?? record.parse());
  }

  /** The state that the run before left. */
  async #restored({ resource, time, monotonic, sequence }: LogRecord): Promise<Turn | undefined> {
    const empty = this.#listeners.get(resource)?.empty;
    const { player } = await playUntilKnown(this.#reader, await this.#reader.segmentOf({ sequence }), {
      names: [resource],
      createPlayer: () => new LogPlayer(this.#reader, {}, { wanted: new Map([[resource, empty]]) }),
      until: (record) => record.sequence > sequence,
    });
    const restored = player.isUnknown(resource) ? undefined : player.snapshot(resource);
    if (restored === undefined) return undefined;
    return { resource, time, monotonic: monotonic / 1000, sequence, events: [], restored };
  }
}
