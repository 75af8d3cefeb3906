/** Owns a log that is served: its states at a moment as an API server, and what came after it. */
import { EventLogError } from '@firn/core';
import { EventLogReader } from '../event-log/event-log-reader.ts';
import { type RecordedResource, replay } from '../replay/replay.ts';
import type { ResourceType } from '../testing/api-server/resource-type.ts';
import { findMoment, isoTime, type MomentInLog } from './moment-in-log.ts';
import { startPastServer } from './past-server.ts';
import { type Played, Playing, type PlayOptions } from './playing.ts';
import { RecordedStore } from './recorded-store.ts';
import { isKnown, ServedResource } from './served-resource.ts';
import { type ServedTypes, servedTypes } from './served-types.ts';

/** How a log is served. */
export interface ServeLogOptions {
  /** Wall-clock milliseconds; the end of the log when left out. */
  readonly at?: number | undefined;
  /** Port on 127.0.0.1; a free one when left out. */
  readonly port?: number | undefined;
  /** Plays what comes after the moment, from the first watch on. */
  readonly play?: PlayOptions | undefined;
}

/** A served log. */
export interface ServedLog {
  readonly url: string;
  readonly kubeconfigYaml: string;
  /** The moment that it began with, wall-clock milliseconds. */
  readonly time: number;
  /** What is served, by its name in the log. */
  readonly resources: ReadonlyMap<string, ServedResource>;
  /** Of which only references were recorded, so that they cannot be served. */
  readonly references: readonly string[];
  /** Of which the log has no object, so that their kind is not known. */
  readonly unknown: readonly string[];
  /** Served empty: they were not in sync at the moment. */
  readonly notInSync: readonly string[];
  /** Field paths of what is served that are not in the log, by the name of the resource. */
  readonly redacted: ReadonlyMap<string, readonly string[]>;
  /** Settles when everything has been played; rejects with what is wrong with the log. */
  readonly played: Promise<Played> | undefined;
  close(): Promise<void>;
}

/** How many events of each type are remembered for watches that come later. */
const HISTORY = 10_000;

/**
 * Serves the states of a recorded log as a Kubernetes API server, read only, on 127.0.0.1.
 *
 * @throws {EventLogError} `NOT_IN_LOG`, `NOTHING_TO_SERVE`, or what is wrong with the log.
 */
export async function serveLog(folder: string, options: ServeLogOptions = {}): Promise<ServedLog> {
  const { resources: recorded } = await replay(folder);
  const reader = await EventLogReader.open(folder);
  const moment = await findMoment(reader, Object.keys(recorded), options.at);
  const found = await servedTypes(recorded, (name) => moment.states.get(name) ?? [], reader);
  checkTypes(folder, found, moment, options.play !== undefined);
  const store = new RecordedStore(HISTORY);
  const resources = serveStates(store, found.types, moment);
  const playing = options.play && new Playing(reader, moment, resources, options.play);
  const server = await startPastServer({
    registry: found.registry,
    store,
    port: options.port ?? 0,
    now: () => playing?.time ?? moment.time,
    followed: (watch) => playing?.pace.follow(watch),
  });
  const played = playing?.run();
  return {
    url: server.url,
    kubeconfigYaml: server.kubeconfigYaml,
    time: moment.time,
    resources,
    references: found.references,
    unknown: found.unknown,
    notInSync: [...found.types.keys()].filter((name) => !isInSync(moment, name)),
    redacted: redactedOf(recorded, found.types),
    played,
    close: async () => {
      playing?.pace.end();
      await server.close();
      // Whoever closes it has been told, or does not ask any more.
      await played?.catch(() => undefined);
    },
  };
}

function isInSync({ states }: MomentInLog, name: string): boolean {
  const state = states.get(name);
  return state !== undefined && isKnown(state);
}

function checkTypes(folder: string, found: ServedTypes, moment: MomentInLog, isPlayed: boolean): void {
  const names = [...found.types.keys()];
  if (names.length === 0) {
    throw new EventLogError(
      `${folder} has nothing that could be served: of ${[...found.references, ...found.unknown].join(', ') || 'no resource'} it holds no objects, only references or nothing at all. Record with full stores.`,
      { code: 'NOTHING_TO_SERVE', file: folder },
    );
  }
  if (isPlayed || names.some((name) => isInSync(moment, name))) return;
  throw new EventLogError(
    `${folder} has no state at ${isoTime(moment.time)}: nothing was in sync then. Name another moment, or play on from there.`,
    { code: 'NOT_IN_LOG', file: folder },
  );
}

function serveStates(
  store: RecordedStore,
  types: ReadonlyMap<string, ResourceType>,
  { states }: MomentInLog,
): ReadonlyMap<string, ServedResource> {
  const resources = new Map<string, ServedResource>();
  for (const type of new Set(types.values())) {
    const served = new ServedResource(type, HISTORY);
    const names = [...types].flatMap(([name, of]) => (of === type ? [name] : []));
    served.begin(
      new Map(
        names.flatMap((name) => {
          const state = states.get(name);
          return state === undefined ? [] : [[name, state]];
        }),
      ),
    );
    store.serve(type, served);
    for (const name of names) resources.set(name, served);
  }
  return resources;
}

function redactedOf(
  recorded: Readonly<Record<string, RecordedResource>>,
  types: ReadonlyMap<string, ResourceType>,
): ServedLog['redacted'] {
  const entries = [...types.keys()].map((name) => [name, recorded[name]?.redacted ?? []] as const);
  return new Map(entries.filter(([, paths]) => paths.length > 0));
}
