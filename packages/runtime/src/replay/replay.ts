/** Owns the way into a recorded log: its states at any moment, and the proof that it is whole. */
import { ConfigError, EventLogError, type KubernetesObject, type Snapshot } from '@firn/core';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import { type Moment, stateAt } from './state-at.ts';
import { type VerifyReport, verifyLog } from './verify-log.ts';

/** A log that can be read into states. */
export interface Replay {
  /** The resources of the log by name, and what was recorded of each. */
  readonly resources: Readonly<Record<string, RecordedResource>>;
  /** The processes that recorded, oldest first. */
  readonly runs: readonly string[];
  /**
   * The state of a resource at a moment: after the event that brought it to a `modCount`, as it was at a `time`
   * (wall-clock milliseconds, a Date, or text that Date reads), or at a `resourceVersion`. Reads one segment, or two.
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
 * @throws {EventLogError} `FOLDER_MISSING`, `FORBIDDEN`, `NOT_A_LOG`, or what is wrong with it.
 * @example
 * ```ts
 * const log = await replay('./log');
 * const before = await log.at({ time: '2026-01-31T10:00:00Z' }, 'ingresses');
 * const after = await log.at({ time: '2026-01-31T10:05:00Z' }, 'ingresses');
 * for (const change of diff(before, after)) console.log(change.type, change.ref.name);
 * ```
 */
export async function replay(folder: string): Promise<Replay> {
  const reader = await EventLogReader.open(folder);
  const resources = await recordedResources(reader);
  const runs = await runsOf(reader);
  return Object.freeze({
    resources,
    runs,
    at: async (moment: Moment, resource: string) => {
      if (!Object.hasOwn(resources, resource)) {
        throw new ConfigError(
          `The log has no resource ${JSON.stringify(resource)}. There are: ${Object.keys(resources).join(', ')}.`,
          { code: 'UNKNOWN_NAME' },
        );
      }
      return stateAt(await EventLogReader.open(folder), moment, resource);
    },
    verify: async () => verifyLog(await EventLogReader.open(folder)),
  });
}

async function runsOf(reader: EventLogReader): Promise<readonly string[]> {
  const runs = new Set<string>();
  for (const { number } of reader.segments) {
    const header = await reader.header(number);
    if (header !== undefined) runs.add(header.run);
  }
  return Object.freeze([...runs]);
}

/** By the headers, and by what joined after the last of them. */
async function recordedResources(
  reader: EventLogReader,
): Promise<Readonly<Record<string, RecordedResource>>> {
  const resources: Record<string, RecordedResource> = {};
  for (const { number } of reader.segments) {
    const header = await reader.header(number);
    for (const [name, { gvr, store }] of Object.entries(header?.resources ?? {})) {
      resources[name] = { gvr, store: String(store), redacted: header?.redacted[name] ?? [] };
    }
  }
  await joinLater(reader, resources);
  return Object.freeze(resources);
}

async function joinLater(reader: EventLogReader, resources: Record<string, RecordedResource>): Promise<void> {
  const last = reader.segments.at(-1)?.number;
  if (last === undefined) return;
  try {
    for await (const records of reader.records({ from: last })) {
      for (const record of records) {
        const event = record.type === 'RESOURCE' ? record.parse() : undefined;
        if (event?.type !== 'RESOURCE') continue;
        const { description, redacted } = event;
        resources[record.resource] = { gvr: description.gvr, store: String(description.store), redacted };
      }
    }
  } catch (error) {
    // What is damaged is told to whoever gets there.
    if (!(error instanceof EventLogError)) throw error;
  }
}
