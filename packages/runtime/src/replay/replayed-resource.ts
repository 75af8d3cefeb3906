/** Owns the state of one recorded resource while its log is read: the same fold that made it when it was recorded. */
import {
  createIndexer,
  emptySnapshot,
  type IndexerOptions,
  type KubernetesObject,
  type ResourceEvent,
  Snapshot,
} from '@firn/core';
import { Draft, type EntryContext, emptyReferences, StagedList, stateOf } from '@firn/core/engine';
import type { LoggedCheckpoint, LoggedList, LoggedObject, LoggedWrite } from '../event-log/log-event.ts';
import type { LoggedResource } from '../event-log/log-header.ts';

/** Nobody else holds what was parsed from a record. */
const OWNED: EntryContext = { operation: 'apply', owned: true };

type State = Snapshot<KubernetesObject>;
type Event = ResourceEvent<KubernetesObject>;

/** What changes the state of a resource. */
export type Applied =
  | LoggedWrite
  | LoggedList
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  | { readonly type: 'CLEARED' };

/** Applies what a log says of one resource. */
export class ReplayedResource {
  readonly description: LoggedResource;
  #snapshot: State;
  readonly #empty: State;
  #list: StagedList<KubernetesObject> | undefined;
  #restoring: Draft<KubernetesObject> | undefined;
  #restored: Extract<LoggedCheckpoint, { part: 'begin' }> | undefined;

  constructor(description: LoggedResource) {
    this.description = description;
    const { gvr, store, indexBy, ignoreFields, indexes } = description;
    const indexer = createIndexer({ gvr, indexBy, ignoreFields, indexes } as IndexerOptions);
    this.#empty = store === 'on-demand' ? emptyReferences({ indexer }) : emptySnapshot({ indexer });
    this.#snapshot = this.#empty;
  }

  get snapshot(): State {
    return this.#snapshot;
  }

  /** Whether a checkpoint has begun that has not ended. */
  get isRestoring(): boolean {
    return this.#restoring !== undefined;
  }

  /** What one turn brought: applied as one batch. */
  apply(events: readonly Applied[]): void {
    let draft: Draft<KubernetesObject> | undefined;
    const settle = (): void => {
      if (draft !== undefined) this.#snapshot = new Snapshot(draft.state());
      draft = undefined;
    };
    for (const event of events) {
      if (event.type === 'REPLACED') {
        settle();
        this.#listed(event);
        continue;
      }
      draft ??= new Draft(stateOf(this.#snapshot), OWNED);
      draft.apply(asEvent(event));
    }
    settle();
  }

  /** A part of a checkpoint that the state is to be made from; true when it is complete. */
  restore(part: LoggedCheckpoint): boolean {
    if (part.part === 'begin') {
      this.#restored = part;
      this.#restoring = new Draft(stateOf(this.#empty), OWNED);
    } else if (part.part === 'items') {
      for (const [i, object] of part.objects.entries()) {
        const keys = part.keys?.[i] ?? undefined;
        this.#restoring?.apply(asEvent({ type: 'ADDED', object, origin: 'call', ...(keys && { keys }) }));
      }
    } else if (part.part === 'end' && this.#restoring !== undefined && this.#restored !== undefined) {
      const { modCount, resourceVersion } = this.#restored;
      this.#snapshot = new Snapshot({ ...this.#restoring.state(), modCount, resourceVersion });
      this.#restoring = undefined;
      return true;
    }
    return false;
  }

  #listed(event: LoggedList): void {
    switch (event.part) {
      case 'begin':
        this.#list = new StagedList(stateOf(this.#snapshot), OWNED);
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
        if (this.#list === undefined) break;
        this.#snapshot = new Snapshot(
          this.#list.commit(event.resourceVersion, stateOf(this.#snapshot)).state,
        );
        this.#list = undefined;
    }
  }
}

function asEvent(event: LoggedWrite | Exclude<Applied, LoggedWrite | LoggedList>): Event {
  if (event.type === 'BOOKMARK' || event.type === 'CLEARED') return event;
  const { type, object, keys, origin = 'watch' } = event;
  return { type, object: object as LoggedObject as KubernetesObject, origin, ...(keys && { keys }) } as Event;
}
