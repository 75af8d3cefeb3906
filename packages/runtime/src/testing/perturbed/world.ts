/** Owns the true state of the world in a closed loop: an embedded API server without sockets, in step with a run. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { LoggedObject } from '../../event-log/log-event.ts';
import { identityIn } from '../../event-log/logged-identity.ts';
import { LogClock } from '../../replay/log-clock.ts';
import { ClusterState } from '../api-server/cluster-state.ts';
import type { TableEvent } from '../api-server/object-table.ts';
import { type ResourceType, type ResourceTypeOptions, tableName } from '../api-server/resource-type.ts';
import { type ApiObject, objectKey, readObject, type StoredObject } from '../api-server/stored-object.ts';
import { KnownTypes } from './known-types.ts';
import type { Ownership } from './ownership.ts';
import type { Tape, TapeEvent, TapeTurn, WrittenOnTape } from './tape.ts';
import type { Moment } from './told-turns.ts';
import { Truth } from './truth.ts';
import { WatchedPart } from './watched-part.ts';

/** What a world is made of. */
export interface WorldOptions {
  readonly tape: Tape;
  readonly ownership: Ownership;
  readonly types: readonly ResourceTypeOptions[];
}

/** The world: what others do comes from the run, what the controller does from the controller. */
export class World {
  readonly clock: LogClock = new LogClock();
  readonly state: ClusterState;
  readonly types: KnownTypes;
  readonly #ownership: Ownership;
  readonly #parts: ReadonlyMap<string, WatchedPart>;
  readonly #followed = new Set<string>();
  /** The recorded versions that objects have been brought to. */
  readonly #recorded = new Map<string, string | undefined>();
  #at: Moment;
  /** The object that is brought to what was recorded of it: nobody has to be told of that. */
  #place: string | undefined;
  #written: TapeTurn[] = [];

  constructor({ tape, ownership, types }: WorldOptions) {
    const { clock } = this;
    const { time = 0, monotonic = 0 } = tape.turns[0] ?? {};
    this.#at = { time, monotonic, sequence: 0 };
    clock.begin(time, monotonic);
    const settings = { clock, seed: 1, history: 0, versionBase: 0n };
    this.state = new ClusterState({ ...settings, resources: types, objects: [] });
    this.types = new KnownTypes(this.state.parts.registry);
    this.#ownership = ownership;
    const parts = Object.entries(tape.resources).map(([name, given]) => new WatchedPart(name, given));
    this.#parts = new Map(parts.map((part) => [part.name, part]));
    for (const { gvr } of parts) this.#follow(this.types.find(gvr));
    this.#begin(tape);
  }

  /** The number of the recorded turn that happened last. */
  get sequence(): number {
    return this.#at.sequence;
  }

  /** When it is. */
  get at(): Moment {
    return this.#at;
  }

  /** Time passes, and fires timers. */
  passTo(time: number, monotonic: number): void {
    this.#at = { time, monotonic, sequence: this.#at.sequence };
    this.clock.moveTo(time, monotonic);
  }

  /** A recorded turn happens, as far as others did it; gives what watches tell of it. */
  happen(turn: TapeTurn): TapeTurn {
    const { time, monotonic, sequence, resource } = turn;
    this.#at = { time, monotonic, sequence };
    const part = this.#parts.get(resource);
    const { aside, ...told } = turn;
    // What the recorded program called itself was its own doing.
    if (aside?.every(({ type }) => type === 'STATE' || type === 'ERROR')) return turn;
    if (part === undefined) return told;
    return {
      ...told,
      events: turn.events.flatMap((event) => this.#tell(part, event)),
    };
  }

  /** What watches tell of what the controller has written since the last call. */
  written(): readonly TapeTurn[] {
    const written = this.#written;
    this.#written = [];
    return written;
  }

  /** How it is now; stays so, whatever happens. */
  truth(): Truth {
    const trees = new Map(
      [...this.types.used].map((type) => [
        tableName(type),
        { type, tree: this.state.parts.store.table(type).objects.clone() },
      ]),
    );
    return new Truth(trees, (resource) => this.#parts.get(resource)?.gvr ?? resource);
  }

  /** The stored object of a type. */
  find(gvr: GroupVersionResource, namespace: string, name: string): ApiObject | undefined {
    const type = this.types.find(gvr);
    const stored = type && this.state.parts.store.table(type).get(namespace, name);
    return type && stored && readObject(type, stored);
  }

  /** What the first lists brought was there before. */
  #begin(tape: Tape): void {
    const begun = new Set<string>();
    for (const { resource, events } of tape.turns)
      for (const event of events) {
        const part = this.#parts.get(resource);
        if (event.type !== 'LISTED' || part === undefined || begun.has(resource)) continue;
        begun.add(resource);
        for (const object of event.objects) this.#put(part, object);
      }
  }

  #tell(part: WatchedPart, event: TapeEvent): readonly TapeEvent[] {
    if (event.type === 'LISTED') return [this.#relist(part, event)];
    if (event.type === 'BOOKMARK') return [{ ...event, resourceVersion: this.state.resourceVersion }];
    const before = this.#stored(part, event.object);
    const [type, stored] = before ?? [];
    const last = type && stored ? readObject(type, stored) : (event.object as ApiObject);
    const object = (event.type === 'DELETED' ? last : event.object) as KubernetesObject;
    if (this.#ownership.isOwned(part.name, { type: event.type, object })) return [];
    if (event.type !== 'DELETED') return [{ ...event, object: this.#put(part, event.object) }];
    const removed = this.#remove(part, event);
    return removed === undefined ? [] : [{ ...event, object: removed }];
  }

  #relist(part: WatchedPart, event: Extract<TapeEvent, { type: 'LISTED' }>): TapeEvent {
    const { sequence } = event;
    const listed = new Set(event.objects.map((object) => this.#placeOf(part, object)));
    for (const object of event.objects) this.#tell(part, { type: 'MODIFIED', object, sequence });
    const type = this.types.find(part.gvr);
    const objects: LoggedObject[] = [];
    const here = type === undefined ? [] : [...this.state.parts.store.table(type).objects.clone().values()];
    for (const stored of here) {
      if (type === undefined || !part.has(type, stored)) continue;
      const object = readObject(type, stored);
      const place = this.#placeOf(part, object);
      const isGone = this.#recorded.has(place) && !listed.has(place);
      if (isGone) this.#tell(part, { type: 'DELETED', object, sequence });
      if (this.#stored(part, object) !== undefined) objects.push(object);
    }
    return { type: 'LISTED', objects, resourceVersion: this.state.resourceVersion, sequence };
  }

  /** Brings an object to what was recorded of it; gives it as it is stored. */
  #put(part: WatchedPart, recorded: LoggedObject): ApiObject {
    const { store } = this.state.parts;
    const object = structuredClone(recorded) as ApiObject;
    const type = this.types.ofRecorded(part.gvr, object);
    this.#follow(type);
    const { namespace, name, resourceVersion: version } = identityIn(recorded);
    const place = this.#placeOf(part, recorded);
    const stored = store.table(type).get(namespace, name);
    const isThere = stored !== undefined && version !== undefined && this.#recorded.get(place) === version;
    if (isThere) return readObject(type, stored);
    this.#recorded.set(place, version);
    const written = this.#quietly(place, () =>
      stored === undefined
        ? store.add(type, object)
        : store.modify(type, store.preview(type, object, stored.version)),
    );
    return readObject(type, written);
  }

  /** A deletion counts for the object that it was of; what is gone already is told as gone. */
  #remove(part: WatchedPart, { object }: WrittenOnTape): LoggedObject | undefined {
    const place = this.#placeOf(part, object);
    this.#recorded.delete(place);
    const [type, stored] = this.#stored(part, object) ?? [];
    const { resourceVersion } = this.state;
    const { namespace, name, uid } = identityIn(object);
    if (type === undefined || stored === undefined) return { namespace, name, keys: [], resourceVersion };
    if (uid !== undefined && uid !== readObject(type, stored).metadata.uid) return undefined;
    const removed = this.#quietly(place, () => this.state.parts.store.remove(type, stored));
    return readObject(type, removed);
  }

  #stored(part: WatchedPart, object: LoggedObject): readonly [ResourceType, StoredObject] | undefined {
    const type = this.types.find(part.gvr);
    const { namespace, name } = identityIn(object);
    const stored = type && this.state.parts.store.table(type).get(namespace, name);
    return type && stored && [type, stored];
  }

  #placeOf({ table }: WatchedPart, object: LoggedObject): string {
    const { namespace, name } = identityIn(object);
    return placeIn(table, namespace, name);
  }

  /** What the controller writes comes to the watches of the type. */
  #follow(type: ResourceType | undefined): void {
    if (type === undefined || this.#followed.has(tableName(type))) return;
    this.#followed.add(tableName(type));
    this.state.parts.store.table(type).subscribe((event) => {
      const { namespace, name } = event.object;
      if (this.#place !== placeIn(tableName(type), namespace, name)) this.#tellAll(type, event);
    });
  }

  #tellAll(type: ResourceType, event: TableEvent): void {
    const { time, monotonic, sequence } = this.#at;
    for (const part of this.#parts.values()) {
      const told = part.table === tableName(type) ? part.typeOf(type, event) : undefined;
      if (told === undefined) continue;
      const object = readObject(type, event.object) as LoggedObject;
      const events = [{ type: told, object, sequence }];
      this.#written.push({ resource: part.name, time, monotonic, sequence, events });
    }
  }

  #quietly<V>(place: string, write: () => V): V {
    this.#place = place;
    try {
      return write();
    } finally {
      this.#place = undefined;
    }
  }
}

function placeIn(table: string, namespace: string, name: string): string {
  return `${table} ${objectKey(namespace, name)}`;
}
