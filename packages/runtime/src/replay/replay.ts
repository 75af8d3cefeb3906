/** Owns the way into a recorded log: its states at any moment, and the proof that it is whole. */
import { ConfigError, EventLogError, type KubernetesObject, type Snapshot } from '@firn/core';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LoggedResource } from '../event-log/log-header.ts';
import { type EventLog, FOLDER } from '../recording/event-log.ts';
import { LogStates, type Moment } from './log-states.ts';
import { type Playable, type PlayableOptions, playable } from './playable.ts';
import { RecordedRun } from './recorded-run.ts';
import { timeOf } from './time-of.ts';
import { type VerifyReport, verifyLog } from './verify-log.ts';

/** Which part of a log is played, and how. Times: wall-clock milliseconds, a Date, or text that Date reads. */
export interface ReplayOptions extends PlayableOptions {
  /** The states of this time are there at once, and what came later is played; the beginning of the run when left out. */
  readonly from?: number | string | Date;
  /** What came later is not played. */
  readonly until?: number | string | Date;
  /** Which run is played; that of `from` or `until`, or else the last one, when left out. */
  readonly run?: string;
}

/** A log that can be played, and read into states. */
export interface Replay extends Playable {
  /** The resources of the log by name, and what was recorded of each. */
  readonly resources: Readonly<Record<string, RecordedResource>>;
  /** The processes that recorded, oldest first. */
  readonly runs: readonly string[];
  /**
   * The state of a resource at a moment: after the event that brought it to a `modCount`, as it was at a `time`
   * (wall-clock milliseconds, a Date, or text that Date reads), or at a `resourceVersion`. Reads one segment, or two.
   * Moments that are asked for in their order share what is the same: `diff` of them costs what changed.
   *
   * @throws {EventLogError} `NOT_IN_LOG` for a moment that the log does not have; or what is wrong with it.
   * @throws {ConfigError} `UNKNOWN_NAME`.
   */
  at(moment: Moment, resource: string): Promise<Snapshot<KubernetesObject>>;
  /** Reads everything, and compares each checkpoint with the state that the events before it make. */
  verify(): Promise<VerifyReport>;
}

/** What a log says of one resource. */
export interface RecordedResource {
  /** `group/version/resource`. */
  readonly gvr: string;
  /** `'full'`, or `'on-demand'`: then its states hold references only. */
  readonly store: string;
  /** Field paths whose values are not in the log. */
  readonly redacted: readonly string[];
}

/**
 * Opens a recorded log.
 *
 * @param log - the folder that was recorded to, or what `openEventLog` gave: what it has recorded until now.
 * @throws {EventLogError} `FOLDER_MISSING`, `FORBIDDEN`, `NOT_A_LOG`, or what is wrong with it.
 * @throws {ConfigError} `INVALID_MOMENT`, `INVALID_VALUE`, `UNKNOWN_RUN`.
 * @example
 * ```ts
 * const log = await replay('./log');
 * const runtime = log.runtime();                                            // as it was recorded
 * runtime.changes$.subscribe(({ resource, change }) => console.log(resource, change.type, change.ref.name));
 * await log.run();                                                          // the whole run, again
 *
 * const before = await log.at({ time: '2026-01-31T10:00:00Z' }, 'ingresses');
 * const after = await log.at({ time: '2026-01-31T10:05:00Z' }, 'ingresses');
 * for (const change of diff(before, after)) console.log(change.type, change.ref.name);
 * ```
 */
export async function replay(log: string | EventLog, options: ReplayOptions = {}): Promise<Replay> {
  const folder = await folderOf(log);
  const open = (): Promise<EventLogReader> => EventLogReader.open(folder);
  const reader = await open();
  const described = await describedResources(reader);
  const resources = summaryOf(described);
  const runs = await runsOf(reader);
  const from = options.from === undefined ? undefined : timeOf(options.from);
  const until = options.until === undefined ? undefined : timeOf(options.until);
  const run = await chosenRun(reader, runs, { run: options.run, time: from ?? until });
  const played = new RecordedRun(
    open,
    Object.fromEntries(Object.entries(described).map(([name, { description }]) => [name, description])),
    { run, from, until },
  );
  const states = new LogStates(open);
  return Object.freeze({
    ...playable(played, options),
    resources,
    runs,
    at: async (moment: Moment, resource: string) => {
      if (!Object.hasOwn(resources, resource)) {
        throw new ConfigError(
          `The log has no resource ${JSON.stringify(resource)}. There are: ${Object.keys(resources).join(', ')}.`,
          { code: 'UNKNOWN_NAME' },
        );
      }
      return states.at(moment, resource);
    },
    verify: async () => verifyLog(await open()),
  });
}

/** A log that is being written is read as far as it has come. */
async function folderOf(log: string | EventLog): Promise<string> {
  if (typeof log === 'string') return log;
  const folder = FOLDER in log ? log[FOLDER] : undefined;
  if (typeof folder !== 'string')
    throw new ConfigError(
      'What is to be replayed is neither a folder nor what openEventLog gives. Write the dump of a flight recorder to a folder, and name that.',
      { code: 'WRONG_TYPE' },
    );
  if (log.state.phase === 'recording') await log.flush();
  return folder;
}

async function chosenRun(
  reader: EventLogReader,
  runs: readonly string[],
  { run, time }: { readonly run: string | undefined; readonly time: number | undefined },
): Promise<string> {
  if (run !== undefined) {
    if (runs.includes(run)) return run;
    throw new ConfigError(
      `${reader.folder} has no run ${JSON.stringify(run)}. There are: ${runs.join(', ')}.`,
      {
        code: 'UNKNOWN_RUN',
      },
    );
  }
  const last = runs.at(-1) ?? '';
  if (time === undefined) return last;
  return (await reader.header(await reader.segmentOf({ time })))?.run ?? last;
}

async function runsOf(reader: EventLogReader): Promise<readonly string[]> {
  const runs = new Set<string>();
  for (const { number } of reader.segments) {
    const header = await reader.header(number);
    if (header !== undefined) runs.add(header.run);
  }
  return Object.freeze([...runs]);
}

/** What the log says of a resource. */
interface Described {
  readonly description: LoggedResource;
  readonly redacted: readonly string[];
}

function summaryOf(
  described: Readonly<Record<string, Described>>,
): Readonly<Record<string, RecordedResource>> {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(described).map(([name, { description, redacted }]) => [
        name,
        { gvr: description.gvr, store: String(description.store), redacted },
      ]),
    ),
  );
}

/** By the headers, and by what joined after the last of them. */
async function describedResources(reader: EventLogReader): Promise<Readonly<Record<string, Described>>> {
  const resources = new Map<string, Described>();
  for (const { number } of reader.segments) {
    const header = await reader.header(number);
    const all = header?.redacted ?? {};
    for (const [name, description] of Object.entries(header?.resources ?? {})) {
      const redacted = Object.hasOwn(all, name) ? (all[name] ?? []) : [];
      resources.set(name, { description, redacted });
    }
  }
  await joinLater(reader, resources);
  return Object.fromEntries(resources);
}

async function joinLater(reader: EventLogReader, resources: Map<string, Described>): Promise<void> {
  const last = reader.segments.at(-1)?.number;
  if (last === undefined) return;
  try {
    for await (const records of reader.records({ from: last })) {
      for (const record of records) {
        const event = record.type === 'RESOURCE' ? record.parse() : undefined;
        if (event?.type !== 'RESOURCE') continue;
        const { description, redacted } = event;
        resources.set(record.resource, { description, redacted });
      }
    }
  } catch (error) {
    // What is damaged is told to whoever gets there.
    if (!(error instanceof EventLogError)) throw error;
  }
}
