/** Owns the place of a moment in a log: the states of all its resources then, and the record that comes next. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import { EventLogError } from '@firn/core';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import { LogPlayer } from '../replay/log-player.ts';
import { playUntilKnown } from '../replay/play-until-known.ts';

/** A moment, found. */
export interface MomentInLog {
  /** Wall-clock milliseconds. */
  readonly time: number;
  /** Playing from this segment on makes the states. */
  readonly segment: number;
  /** The sequence number of the first record after the moment; undefined at the end of the log. */
  readonly next: number | undefined;
  /** By the names of resources; those are missing of which nothing is known then. */
  readonly states: ReadonlyMap<string, Snapshot<KubernetesObject>>;
}

/**
 * Finds the last state at a time; at the end of the log, if no time is given.
 *
 * @throws {EventLogError} `NOT_IN_LOG` for a time before the first record, or in a second after that of the last one;
 * or what is wrong with the log.
 */
export async function findMoment(
  reader: EventLogReader,
  names: readonly string[],
  time: number | undefined,
): Promise<MomentInLog> {
  const end = await endOf(reader);
  await checkTime(reader, time, end);
  const until = time ?? Number.POSITIVE_INFINITY;
  let next: number | undefined;
  const { player, segment } = await playUntilKnown(reader, await reader.segmentOf({ time: until }), {
    names,
    createPlayer: () => {
      next = undefined;
      return new LogPlayer(reader);
    },
    until: (record) => {
      if (record.time <= until) return false;
      next = record.sequence;
      return true;
    },
  });
  return { time: time ?? end, segment, next, states: statesOf(player, names) };
}

function statesOf(player: LogPlayer, names: readonly string[]): MomentInLog['states'] {
  const states = new Map<string, Snapshot<KubernetesObject>>();
  for (const name of names) {
    const state = player.isUnknown(name) ? undefined : player.snapshot(name);
    if (state !== undefined) states.set(name, state);
  }
  return states;
}

async function endOf(reader: EventLogReader): Promise<number> {
  for (const { number } of reader.segments.toReversed()) {
    let last: number | undefined;
    for await (const records of reader.records({ from: number, to: number }))
      last = records.at(-1)?.time ?? last;
    if (last !== undefined) return last;
  }
  throw notInLog(`${reader.folder} has no records yet.`, reader);
}

async function checkTime(reader: EventLogReader, time: number | undefined, end: number): Promise<void> {
  if (time === undefined) return;
  const header = await reader.header(reader.segments[0]?.number ?? 1);
  const begin = header?.startedAt ?? end;
  // Moments are named by the second.
  if (time >= begin && Math.floor(time / 1000) <= Math.floor(end / 1000)) return;
  const span = `It goes from ${isoTime(begin)} to ${isoTime(end)}`;
  throw notInLog(
    `${reader.folder} says nothing of ${isoTime(time)}. ${span}; name a moment in between, or none for its end.`,
    reader,
  );
}

/** A time as messages name it. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

function notInLog(message: string, { folder }: EventLogReader): EventLogError {
  return new EventLogError(message, { code: 'NOT_IN_LOG', file: folder });
}
