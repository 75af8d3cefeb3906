/** Owns a run as a perturbed replay works with it: whole, in memory, with each list as one event. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import { stateOf } from '@firn/core/engine';
import type { LogEvent, LoggedList, LoggedObject } from '../../event-log/log-event.ts';
import type { LoggedResource } from '../../event-log/log-header.ts';
import { identityIn } from '../../event-log/logged-identity.ts';
import { ReplayedResource } from '../../replay/replayed-resource.ts';
import type { Turn } from '../../replay/turn.ts';
import type { Listener, TurnSource } from '../../replay/turn-source.ts';

/** A watch told of one object. */
export interface WrittenOnTape {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: LoggedObject;
  readonly sequence: number;
}

/** A server gave a whole list. */
export interface ListedOnTape {
  readonly type: 'LISTED';
  readonly objects: readonly LoggedObject[];
  readonly resourceVersion: string;
  readonly sequence: number;
}

/** The server has reached a resource version. */
export interface ReachedOnTape {
  readonly type: 'BOOKMARK';
  readonly resourceVersion: string;
  readonly sequence: number;
}

/** What a server told a client. */
export type TapeEvent = WrittenOnTape | ListedOnTape | ReachedOnTape;

/** What came of one resource together. */
export interface TapeTurn extends Pick<Turn, 'resource' | 'time' | 'monotonic' | 'sequence'> {
  readonly events: readonly TapeEvent[];
  /** What no server told: calls, and what the watch said of itself. There are no events then. */
  readonly aside?: readonly LogEvent[];
}

/** A run. */
export interface Tape {
  readonly resources: Readonly<Record<string, LoggedResource>>;
  readonly turns: readonly TapeTurn[];
}

/** The place of an object among those of its resource. */
export function keyOf(object: LoggedObject): string {
  const { namespace, name } = identityIn(object);
  return `${namespace}/${name}`;
}

/**
 * Reads a run to its end.
 *
 * @throws {EventLogError} what is wrong with the log.
 */
export async function readTape(source: TurnSource): Promise<Tape> {
  const listeners = new Map<string, Listener>(
    Object.entries(source.resources).map(([name, description]) => [
      name,
      { empty: new ReplayedResource(description).snapshot },
    ]),
  );
  const reader = new TapeReader();
  for await (const turns of source.turns(listeners)) for (const turn of turns) reader.take(turn);
  return { resources: source.resources, turns: reader.turns };
}

/** Puts lists together, and tells what a server said from what else was recorded. */
class TapeReader {
  readonly turns: TapeTurn[] = [];
  readonly #lists = new Map<string, Map<string, LoggedObject>>();
  /** Resources of which a list by a call is under way. */
  readonly #called = new Set<string>();

  take({ resource, time, monotonic, sequence, events, restored }: Turn): void {
    const at = { resource, time, monotonic, sequence };
    if (restored !== undefined) this.turns.push({ ...at, events: [listOf(restored, sequence)] });
    const [only] = events;
    if (only?.type === 'REPLACED' && events.length === 1) {
      this.#takePart(only, at);
      return;
    }
    const written = events.map((event, i) => asWritten(event, sequence - (events.length - 1 - i)));
    if (written.every((event) => event !== undefined)) {
      if (written.length > 0) this.turns.push({ ...at, events: written });
    } else this.turns.push({ ...at, events: [], aside: events });
  }

  #takePart(part: LoggedList, at: Omit<TapeTurn, 'events'>): void {
    const { resource, sequence } = at;
    if (part.part === 'begin' && part.origin === 'call') this.#called.add(resource);
    if (this.#called.has(resource)) {
      this.turns.push({ ...at, events: [], aside: [part] });
      if (part.part === 'end') this.#called.delete(resource);
      return;
    }
    const list = this.#lists.get(resource);
    if (part.part === 'begin') this.#lists.set(resource, new Map());
    else if (part.part === 'discarded') this.#lists.delete(resource);
    else if (part.part === 'removed') list?.delete(`${part.namespace}/${part.name}`);
    else if (part.part === 'items') for (const object of part.objects) list?.set(keyOf(object), object);
    else if (list !== undefined) {
      const { resourceVersion } = part;
      const objects = [...list.values()];
      this.turns.push({ ...at, events: [{ type: 'LISTED', objects, resourceVersion, sequence }] });
      this.#lists.delete(resource);
    }
  }
}

/** What a watch told; undefined for all else. */
function asWritten(event: LogEvent, sequence: number): TapeEvent | undefined {
  if (event.type === 'BOOKMARK') return { ...event, sequence };
  if (event.type !== 'ADDED' && event.type !== 'MODIFIED' && event.type !== 'DELETED') return undefined;
  const { type, object, origin = 'watch', keys } = event;
  return origin === 'watch' && keys === undefined ? { type, object, sequence } : undefined;
}

function listOf(snapshot: Snapshot<KubernetesObject>, sequence: number): ListedOnTape {
  const { keepsResources } = stateOf(snapshot).shape;
  const objects = JSON.parse(
    JSON.stringify(keepsResources ? snapshot.list() : snapshot.refs()),
  ) as LoggedObject[];
  return { type: 'LISTED', objects, resourceVersion: snapshot.resourceVersion ?? '', sequence };
}
