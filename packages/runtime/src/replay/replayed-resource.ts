/** Owns the state of one recorded resource while its log is read: the same fold that made it when it was recorded. */
import {
  createIndexer,
  emptySnapshot,
  type IndexerOptions,
  type KubernetesObject,
  type ResourceEvent,
  Snapshot,
} from '@firn/core';
import {
  Draft,
  departedEntries,
  type EntryContext,
  emptyReferences,
  Packer,
  previousEntryOf,
  type SnapshotState,
  StagedList,
  stateOf,
} from '@firn/core/engine';
import type { LoggedCheckpoint, LoggedList, LoggedObject, LoggedWrite } from '../event-log/log-event.ts';
import type { LoggedResource } from '../event-log/log-header.ts';
import { RecordDecoder } from './record-decoder.ts';

/** Nobody else holds what was parsed from a record. */
const OWNED: EntryContext = { operation: 'apply', owned: true };

type State = Snapshot<KubernetesObject>;
type Event = ResourceEvent<KubernetesObject>;
type Restoring = Extract<LoggedCheckpoint, { part: 'begin' }>;

/** What changes the state of a resource. */
export type Applied =
  | LoggedWrite
  | LoggedList
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  | { readonly type: 'CLEARED' };

/** The state that a recorded resource begins with: that of a store which is made as the recorded one was. */
function emptyAs({ gvr, store, indexBy, ignoreFields, indexes }: LoggedResource): State {
  const indexer = createIndexer({ gvr, indexBy, ignoreFields, indexes } as IndexerOptions);
  return store === 'on-demand' ? emptyReferences({ indexer }) : emptySnapshot({ indexer });
}

/** Applies what a log says of one resource. */
export class ReplayedResource {
  readonly description: LoggedResource;
  readonly decoder: RecordDecoder | undefined;
  readonly #empty: State;
  readonly #keyed: LoggedWrite[] = [];
  #snapshot: State;
  /** What was applied since somebody asked for the state. */
  #draft: Draft<KubernetesObject> | undefined;
  #list: StagedList<KubernetesObject> | undefined;
  #restoring: { readonly begin: Restoring; readonly list: StagedList<KubernetesObject> } | undefined;

  /** @param empty - the state to begin with, of the store that the states are for; as the recorded one was, if left out. */
  constructor(description: LoggedResource, empty: State = emptyAs(description)) {
    this.description = description;
    this.#empty = empty;
    this.#snapshot = empty;
    const { indexer, keepsResources } = stateOf(empty).shape;
    // References are recorded as such, and are small.
    const isPackable = indexer !== undefined && keepsResources && description.store !== 'on-demand';
    if (isPackable) this.decoder = new RecordDecoder(new Packer(indexer), description.gvr);
  }

  get snapshot(): State {
    const draft = this.#draft;
    if (draft !== undefined) this.#snapshot = new Snapshot(draft.state());
    this.#draft = undefined;
    return this.#snapshot;
  }

  /** Whether a checkpoint has begun that has not ended. */
  get isRestoring(): boolean {
    return this.#restoring !== undefined;
  }

  /** Whether a list has begun that has not ended. */
  get isListing(): boolean {
    return this.#list !== undefined;
  }

  /** What one turn brought. */
  apply(events: readonly Applied[]): void {
    for (const event of events) {
      if (event.type === 'REPLACED') {
        this.#listed(event);
        continue;
      }
      this.#draft ??= new Draft(stateOf(this.#snapshot), OWNED);
      for (const change of this.#draft.apply(asEvent(event))) previousEntryOf(change)?.release();
    }
  }

  /** Takes over a state that was known before. */
  adopt(snapshot: State): void {
    this.#draft = undefined;
    this.#snapshot = snapshot;
  }

  /** A part of a checkpoint that the state is to be made from; true when it is complete. */
  restore(part: LoggedCheckpoint): boolean {
    if (part.part === 'begin') {
      this.#restoring = { begin: part, list: new StagedList(stateOf(this.#empty), OWNED) };
      this.#keyed.length = 0;
    } else if (part.part === 'items') {
      this.#restoring?.list.append(part.objects as Iterable<KubernetesObject>);
      for (const [i, keys] of (part.keys ?? []).entries())
        if (keys !== null) this.#keyed.push({ type: 'ADDED', object: part.objects[i] as LoggedObject, keys });
    } else if (part.part === 'end' && this.#restoring !== undefined) {
      const { begin, list } = this.#restoring;
      const draft = new Draft(list.commit('', stateOf(this.#empty)).state, OWNED);
      for (const event of this.#keyed) draft.apply(asEvent({ ...event, origin: 'call' }));
      const { modCount, resourceVersion } = begin;
      this.adopt(new Snapshot({ ...draft.state(), modCount, resourceVersion }));
      this.#restoring = undefined;
      return true;
    }
    return false;
  }

  #listed(event: LoggedList): void {
    switch (event.part) {
      case 'begin':
        this.#list = new StagedList(stateOf(this.snapshot), OWNED);
        break;
      case 'items':
        this.#list?.append(event.objects as Iterable<KubernetesObject>);
        break;
      case 'removed':
        this.#list?.remove(event);
        break;
      case 'discarded':
        this.#list = undefined;
        break;
      case 'end':
        if (this.#list !== undefined) this.#replace(this.#list, event.resourceVersion);
        this.#list = undefined;
    }
  }

  #replace(list: StagedList<KubernetesObject>, resourceVersion: string): void {
    const before: SnapshotState<KubernetesObject> = stateOf(this.snapshot);
    const { state } = list.commit(resourceVersion, before);
    for (const entry of departedEntries(before, state)) entry?.release();
    this.#snapshot = new Snapshot(state);
  }
}

/** What a store is told of an event that changes one resource, or none. */
export function asEvent(event: LoggedWrite | Exclude<Applied, LoggedWrite | LoggedList>): Event {
  if (event.type === 'BOOKMARK' || event.type === 'CLEARED') return event;
  const { type, object, keys, origin = 'watch' } = event;
  return { type, object: object as LoggedObject as KubernetesObject, origin, ...(keys && { keys }) } as Event;
}
