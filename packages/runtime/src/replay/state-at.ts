/** Owns time travel: the state of one recorded resource at a moment, from the last checkpoint before it. */
import { compareResourceVersions, EventLogError, type KubernetesObject, type Snapshot } from '@firn/core';
import { shownValue } from '@firn/core/engine';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { LogPlayer, type PlayScope } from './log-player.ts';
import { timeOf } from './time-of.ts';

/** A moment of a recorded run: the last run of the log, unless `run` or a time says otherwise. */
export type Moment =
  | { readonly run?: string; readonly modCount: number }
  | { readonly run?: string; readonly resourceVersion: string }
  | { readonly time: number | string | Date };

type State = Snapshot<KubernetesObject>;

/** The state at a moment. Throws `EventLogError` `NOT_IN_LOG`, `ConfigError` `INVALID_MOMENT`. */
export async function stateAt(reader: EventLogReader, moment: Moment, resource: string): Promise<State> {
  if ('time' in moment) return stateAtTime(reader, timeOf(moment.time), resource);
  const isReached = reaching(moment);
  const { run = await lastRun(reader) } = moment;
  let found: State | undefined;
  const player = await playFrom(
    reader,
    await segmentBefore(reader, run, resource, isReached),
    resource,
    () => {
      found = undefined;
      const step = ({ snapshot }: { snapshot: State }): boolean | undefined => {
        if (created.run !== run) return undefined;
        const reached = isReached(snapshot);
        if (reached !== 'beyond') found = reached === 'there' ? snapshot : found;
        return reached === 'beyond';
      };
      const created: LogPlayer = new LogPlayer(reader, { step }, only(resource));
      return created;
    },
  );
  const start = player.startOf(resource);
  if (found === undefined && start !== undefined && isReached(start) === 'there') found = start;
  if (found === undefined) throw notInLog(reader, resource, momentText(moment));
  return found;
}

async function stateAtTime(reader: EventLogReader, time: number, resource: string): Promise<State> {
  const isLater = (record: LogRecord): boolean => record.time > time;
  const from = await reader.segmentOf({ time });
  const player = await playFrom(
    reader,
    from,
    resource,
    () => new LogPlayer(reader, {}, only(resource)),
    isLater,
  );
  const snapshot = player.snapshot(resource);
  if (snapshot === undefined) throw notInLog(reader, resource, new Date(time).toISOString());
  return snapshot;
}

/** Plays from a segment, or from an earlier one where its checkpoint was not written to its end, or not by then. */
async function playFrom(
  reader: EventLogReader,
  from: number | undefined,
  resource: string,
  createPlayer: () => LogPlayer,
  until?: (record: LogRecord) => boolean,
): Promise<LogPlayer> {
  const [first] = reader.segments;
  for (let segment = from ?? first?.number ?? 1; ; segment--) {
    const player = createPlayer();
    await player.play(segment, until);
    if (!player.isUnknown(resource) || segment <= (first?.number ?? 1)) return player;
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
