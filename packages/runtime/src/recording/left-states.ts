/** Owns the states that earlier runs left in a log: what a warm start begins with. */
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject, Snapshot } from '@firn/core';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LoggedResource } from '../event-log/log-header.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { LogPlayer } from '../replay/log-player.ts';
import type { JoinedResource } from './recorded-resources.ts';

type State = Snapshot<KubernetesObject>;

/** A state to begin with. */
export interface LeftState {
  readonly snapshot: State;
  /** When it was last known to be true, wall-clock milliseconds. */
  readonly since: number;
}

/** Why there is none. */
export interface NothingLeft {
  readonly because: string;
}

/** How far back it is looked for, in segments: a resource that never was in sync is nowhere. */
const MOST_SEGMENTS = 64;

/** Reads the segments that were there before this run. */
export class LeftStates {
  readonly #folder: string;
  readonly #last: number;
  readonly #joined: () => Iterable<JoinedResource>;
  readonly #found = new Map<string, Promise<Found>>();

  /** @param last - the segment before the first one of this run. */
  constructor(folder: string, last: number, joined: () => Iterable<JoinedResource>) {
    this.#folder = folder;
    this.#last = last;
    this.#joined = joined;
  }

  /**
   * What was left of a resource. All that have joined by now are read together.
   *
   * @throws {EventLogError} what is wrong with the log.
   */
  async of(name: string): Promise<LeftState | NothingLeft> {
    if (!this.#found.has(name)) this.#readAll();
    const { player, since } = (await this.#found.get(name)) ?? NOTHING;
    const joined = [...this.#joined()].find((one) => one.name === name);
    const left = player?.lastKnown(name);
    if (left === undefined || joined === undefined) return { because: 'the log has no state of it' };
    if (joined.redacted.length > 0 && joined.description.store !== 'on-demand')
      return { because: 'it is redacted in the log' };
    if (!isSameResource(left.description, joined.description))
      return { because: 'it was watched with other options then' };
    return { snapshot: left.snapshot, since };
  }

  #readAll(): void {
    const wanted = new Map(
      [...this.#joined()]
        .filter(({ name }) => !this.#found.has(name))
        .map(({ name, snapshot }) => [name, snapshot()]),
    );
    const found = this.#read(wanted);
    for (const name of wanted.keys()) this.#found.set(name, found);
  }

  async #read(wanted: ReadonlyMap<string, State>): Promise<Found> {
    if (this.#last < 1) return NOTHING;
    const reader = await EventLogReader.open(this.#folder);
    // Nearly always the last segment has a checkpoint of everything.
    const latest = await play(reader, wanted, this.#last, this.#last);
    const missing = [...wanted.keys()].filter((name) => latest.player?.lastKnown(name) === undefined);
    if (missing.length === 0) return latest;
    const from = await firstNeeded(reader, new Set(missing), this.#last);
    return from === undefined ? latest : play(reader, wanted, from, this.#last);
  }
}

async function play(
  reader: EventLogReader,
  wanted: ReadonlyMap<string, State>,
  from: number,
  to: number,
): Promise<Found> {
  const player = new LogPlayer(reader, {}, { wanted, to });
  await player.play(from);
  return { player, since: player.last?.time ?? 0 };
}

interface Found {
  readonly player: LogPlayer | undefined;
  readonly since: number;
}

const NOTHING: Found = Object.freeze({ player: undefined, since: 0 });

/** The last segment from which on every one of them that is in the log is known: by a checkpoint, or a whole list. */
async function firstNeeded(
  reader: EventLogReader,
  missing: Set<string>,
  last: number,
): Promise<number | undefined> {
  let first: number | undefined;
  const older = reader.segments.filter(({ number }) => number <= last).slice(-MOST_SEGMENTS);
  for (const { number } of older.toReversed()) {
    if (missing.size === 0) break;
    for await (const records of reader.records({ from: number, to: number })) {
      for (const record of records) {
        if (!missing.has(record.resource) || !makesKnown(record)) continue;
        missing.delete(record.resource);
        first = number;
      }
    }
  }
  return first;
}

/** The end of a list or of a checkpoint. */
function makesKnown(record: LogRecord): boolean {
  const { type } = record;
  if (type !== 'REPLACED' && type !== 'CHECKPOINT') return false;
  const { chunk, start } = record.place;
  return chunk.toString('latin1', start, start + 48).includes('"part":"end"');
}

/** What is recorded of it beside its state makes no difference. */
function isSameResource(then: LoggedResource, now: LoggedResource): boolean {
  const state = ({ timers, fetches, ...described }: LoggedResource): object =>
    JSON.parse(JSON.stringify(described));
  return isDeepStrictEqual(state(then), state(now));
}
