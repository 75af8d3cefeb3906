/** Owns what a player knows of each resource: its state, whether it is known yet, and what earlier runs left. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import type { LoggedResource } from '../event-log/log-header.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import { type Applied, ReplayedResource } from './replayed-resource.ts';

type State = Snapshot<KubernetesObject>;

/** One resource while it is played. */
export interface Track {
  readonly resource: ReplayedResource;
  /** Set while its state is still being read from a checkpoint: what came meanwhile waits. */
  waiting: { readonly events: readonly Applied[]; readonly record: LogRecord }[] | undefined;
  /** The state when a checkpoint began that is met on the way. */
  met: State | undefined;
  /** It began with what an earlier run left, which has not been played: nothing is known until the next checkpoint. */
  isLost: boolean;
}

/** A state that a run had, and what was recorded of its resource. */
export interface Known {
  readonly snapshot: State;
  readonly description: LoggedResource;
}

type Resources = Readonly<Record<string, LoggedResource>>;

/** The resources of a log, by name. */
export class PlayedTracks {
  readonly #wanted: ReadonlyMap<string, State | undefined> | undefined;
  readonly #tracks = new Map<string, Track>();
  /** What runs before the current one left. */
  readonly #left = new Map<string, Known>();

  /** @param wanted - whose states are made, and what they begin with; all if left out. */
  constructor(wanted?: ReadonlyMap<string, State | undefined>) {
    this.#wanted = wanted;
  }

  get names(): Iterable<string> {
    return this.#tracks.keys();
  }

  isWanted(name: string): boolean {
    return this.#wanted === undefined || this.#wanted.has(name);
  }

  get(name: string): Track | undefined {
    return this.#tracks.get(name);
  }

  /** A state with a resource version: a list had been complete. That of the current run, if it got there. */
  lastKnown(name: string): Known | undefined {
    const track = this.#tracks.get(name);
    return track !== undefined && isKnown(track) ? knownOf(track) : this.#left.get(name);
  }

  join(name: string, description: LoggedResource): void {
    if (!this.isWanted(name)) return;
    const resource = new ReplayedResource(description, this.#wanted?.get(name));
    this.#tracks.set(name, { resource, waiting: undefined, met: undefined, isLost: false });
  }

  /** A segment begins, with a checkpoint of what its header names. */
  beginSegment(resources: Resources, isFirst: boolean): void {
    this.#joinAll(resources);
    for (const track of this.#tracks.values()) {
      track.met = track.isLost ? undefined : track.resource.snapshot;
      // Earlier segments may have been dropped: what came before is in the checkpoint, or there was nothing.
      if (isFirst || track.isLost) track.waiting = [];
      track.isLost = false;
    }
  }

  /** Goes on from a state. */
  resume(name: string, { snapshot, description }: Known): void {
    this.join(name, description);
    const track = this.#tracks.get(name);
    track?.resource.adopt(snapshot);
  }

  /** Another process begins, with empty stores. */
  beginRun(resources: Resources): void {
    for (const [name, track] of this.#tracks) if (isKnown(track)) this.#left.set(name, knownOf(track));
    this.#tracks.clear();
    this.#joinAll(resources);
    for (const track of this.#tracks.values()) track.waiting = [];
  }

  #joinAll(resources: Resources): void {
    for (const [name, description] of Object.entries(resources))
      if (!this.#tracks.has(name)) this.join(name, description);
  }
}

function isKnown({ resource, waiting, isLost }: Track): boolean {
  return waiting === undefined && !isLost && resource.snapshot.resourceVersion !== undefined;
}

function knownOf({ resource: { snapshot, description } }: Track): Known {
  return { snapshot, description };
}
