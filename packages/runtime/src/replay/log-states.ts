/** Owns time travel: the state of one recorded resource at a moment, from the last checkpoint before it. */
import { compareResourceVersions, EventLogError, type KubernetesObject, type Snapshot } from '@firn/core';
import { shownValue } from '@firn/core/engine';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { LogPlayer, type PlayedTurn, type PlayScope, type Resume } from './log-player.ts';
import { playUntilKnown } from './play-until-known.ts';
import { timeOf } from './time-of.ts';

/** A moment of a recorded run: the last run of the log, unless `run` or a time says otherwise. */
export type Moment =
  | { readonly run?: string; readonly modCount: number }
  | { readonly run?: string; readonly resourceVersion: string }
  | { readonly time: number | string | Date };

type State = Snapshot<KubernetesObject>;

/** How many states of each resource are remembered: to go on from, and to share what is the same. */
const REMEMBERED = 4;

/** Where a state was found. */
interface Found extends Resume {
  readonly segment: number;
  readonly run: string;
  /** Wall clock of its last record. */
  readonly time: number;
}

/** The states of a log. One that is asked for after another of the same segment, or the one before, shares with it. */
export class LogStates {
  readonly #open: () => Promise<EventLogReader>;
  readonly #found = new Map<string, readonly Found[]>();

  constructor(open: () => Promise<EventLogReader>) {
    this.#open = open;
  }

  /** The state at a moment. Throws `EventLogError` `NOT_IN_LOG`, `ConfigError` `INVALID_MOMENT`. */
  async at(moment: Moment, resource: string): Promise<State> {
    const reader = await this.#open();
    if ('time' in moment) return this.#atTime(reader, timeOf(moment.time), resource);
    const { run = await lastRun(reader) } = moment;
    const found = await this.#reach(reader, run, resource, reaching(moment));
    if (found === undefined) throw notInLog(reader, resource, momentText(moment));
    return found;
  }

  /** The last state of a run that is there. */
  async #reach(
    reader: EventLogReader,
    run: string,
    resource: string,
    isReached: (snapshot: State) => Reached,
  ): Promise<State | undefined> {
    const from = await segmentBefore(reader, run, resource, isReached);
    const resume = this.#before(
      resource,
      from,
      (known) => known.run === run && isReached(known.snapshot) !== 'beyond',
    );
    let found: (PlayedTurn & { readonly isListing: boolean; readonly segment: number }) | undefined;
    let playing: LogPlayer | undefined;
    let isWithin = false;
    const createPlayer = (): LogPlayer => {
      found = undefined;
      isWithin = false;
      const step = ({ snapshot, ...turn }: PlayedTurn): boolean | undefined => {
        if (created.run !== run) return undefined;
        const reached = isReached(snapshot);
        const isListing = created.isListing(resource);
        if (reached === 'there') found = { ...turn, snapshot, isListing, segment: created.segment };
        return reached === 'beyond';
      };
      const created: LogPlayer = new LogPlayer(reader, { step }, { ...only(resource), resume });
      playing = created;
      return created;
    };
    // An earlier run may have left what this one began with; a later one has states of its own.
    const isBehind = (): boolean => {
      const isBeyond = isWithin && playing?.run !== run;
      isWithin ||= playing?.run === run;
      return isBeyond;
    };
    const { player } = await playUntilKnown(reader, resume?.segment ?? from, {
      names: [resource],
      createPlayer,
      until: isBehind,
    });
    if (found?.isListing === false && found.isComplete)
      this.#remember(player, resource, found, found.segment);
    const start = resume?.snapshot ?? player.startOf(resource);
    return found?.snapshot ?? (start !== undefined && isReached(start) === 'there' ? start : undefined);
  }

  async #atTime(reader: EventLogReader, time: number, resource: string): Promise<State> {
    const isLater = (record: LogRecord): boolean => record.time > time;
    const from = await reader.segmentOf({ time });
    const run = (await reader.header(from))?.run;
    const resume = this.#before(resource, from, (known) => known.run === run && known.time <= time);
    const createPlayer = (): LogPlayer => new LogPlayer(reader, {}, { ...only(resource), resume });
    const { player } = await playUntilKnown(reader, resume?.segment ?? from, {
      names: [resource],
      createPlayer,
      until: isLater,
    });
    const snapshot = player.snapshot(resource);
    // Before the first checkpoint that is left nothing is known: that is not the same as nothing being there.
    if (snapshot === undefined || player.isUnknown(resource))
      throw notInLog(reader, resource, new Date(time).toISOString());
    if (player.last !== undefined && !player.isListing(resource))
      this.#remember(player, resource, { snapshot, record: player.last }, player.segment);
    return snapshot;
  }

  /** The latest state that is known in a segment, or in the one before it. */
  #before(
    resource: string,
    segment: number | undefined,
    isBefore: (known: Found) => boolean,
  ): Found | undefined {
    return (this.#found.get(resource) ?? [])
      .filter((known) => known.segment >= (segment ?? 1) - 1 && isBefore(known))
      .toSorted((a, b) => b.sequence - a.sequence)[0];
  }

  /** Not in the middle of a list, which began before and goes on behind. */
  #remember(
    player: LogPlayer,
    resource: string,
    { snapshot, record: { sequence, time } }: Pick<PlayedTurn, 'snapshot' | 'record'>,
    segment: number,
  ): void {
    const description = player.description(resource);
    const { run } = player;
    if (description === undefined || run === undefined) return;
    const found = { resource, description, snapshot, sequence, time, segment, run };
    const others = (this.#found.get(resource) ?? []).filter((known) => known.sequence !== sequence);
    this.#found.set(resource, [...others, found].slice(-REMEMBERED));
  }
}

function only(resource: string): PlayScope {
  return { wanted: new Map([[resource, undefined]]) };
}

type Reached = 'before' | 'there' | 'beyond';

function reaching(moment: Exclude<Moment, { time: unknown }>): (snapshot: State) => Reached {
  if ('modCount' in moment) {
    const { modCount } = moment;
    return (snapshot) =>
      snapshot.modCount < modCount ? 'before' : snapshot.modCount === modCount ? 'there' : 'beyond';
  }
  const { resourceVersion } = moment;
  return (snapshot) => {
    if (snapshot.resourceVersion === undefined) return 'before';
    // A state holds until the next one: that of the last version that is not later.
    return compareResourceVersions(snapshot.resourceVersion, resourceVersion) === 1 ? 'beyond' : 'there';
  };
}

/** The last segment of the run whose checkpoint is not beyond the moment; the first one otherwise. */
async function segmentBefore(
  reader: EventLogReader,
  run: string,
  resource: string,
  isReached: (snapshot: State) => Reached,
): Promise<number | undefined> {
  let first: number | undefined;
  for (const { number } of reader.segments.toReversed()) {
    const header = await reader.header(number);
    if (header?.run !== run) {
      if (first !== undefined) break;
      continue;
    }
    first = number;
    const start = await checkpointOf(reader, number, resource);
    if (start !== undefined && isReached(start) !== 'beyond') return number;
  }
  return first;
}

/** What the checkpoint of a segment says of a resource at its beginning. */
async function checkpointOf(
  reader: EventLogReader,
  segment: number,
  resource: string,
): Promise<State | undefined> {
  for await (const records of reader.records({ from: segment, to: segment })) {
    for (const record of records) {
      if (record.type !== 'CHECKPOINT') continue;
      const event = record.parse();
      if (event.type !== 'CHECKPOINT' || event.part === 'complete') return undefined;
      if (record.resource === resource && event.part === 'begin') return event as unknown as State;
    }
  }
  return undefined;
}

async function lastRun(reader: EventLogReader): Promise<string> {
  for (const { number } of reader.segments.toReversed()) {
    const header = await reader.header(number);
    if (header !== undefined) return header.run;
  }
  return '';
}

function momentText(moment: Exclude<Moment, { time: unknown }>): string {
  return 'modCount' in moment
    ? `modCount ${moment.modCount}`
    : `resourceVersion ${shownValue(moment.resourceVersion)}`;
}

function notInLog(reader: EventLogReader, resource: string, moment: string): EventLogError {
  return new EventLogError(
    `${reader.folder} has no state of ${resource} at ${moment}. It may be before the recording, after it, or in segments that were dropped.`,
    { code: 'NOT_IN_LOG', file: reader.folder },
  );
}
