/** Owns the current state of a store: applies batches to it and publishes what they did. */
import {
  type Change,
  type FirnError,
  type Resource,
  type ResourceEvent,
  Snapshot,
  StoreError,
} from '@firn/core';
import {
  Draft,
  type EntryContext,
  entryOf,
  previousEntryOf,
  type SnapshotState,
  StagedList,
  stateOf,
} from '@firn/core/engine';
import { Observable, type Subscriber } from 'rxjs';
import { BackgroundWork } from './background-work.ts';
import { type Applied, allChanges, departure, greeting, isWhole, publish } from './batch.ts';
import type { Clock } from './clock.ts';
import { ExactReads } from './exact-reads.ts';
import { deliver, HotStream } from './hot-stream.ts';
import { type Journal, journalingFor } from './journal.ts';
import { LiveQueries, type LiveQuery } from './live-queries.ts';
import { PublicationQueue } from './publication.ts';
import { publishedEvent, replacedEvent } from './published-event.ts';

/** Hears of what was applied, before anybody is told; of no changes one by one where everything was replaced. */
export type AcceptedHook<T> = (changes: Iterable<Change<T>> | undefined) => void;

/** The state behind a store: resources, or references where the first snapshot is one of those. */
export class StoreEngine<T> {
  readonly changes: HotStream<Change<T>> = new HotStream();
  readonly events: HotStream<ResourceEvent<T>> = new HotStream();
  readonly errors: HotStream<FirnError> = new HotStream();
  readonly exactReads: ExactReads<T> = new ExactReads();
  readonly publications: PublicationQueue;
  readonly #background: BackgroundWork;
  readonly #snapshots: HotStream<Snapshot<T>> = new HotStream();
  readonly #queries: LiveQueries<T> = new LiveQueries();
  /** For what firn decoded itself and hands over: nobody else holds it. */
  readonly #owned: EntryContext;
  readonly #accepted: AcceptedHook<T> | undefined;
  #journal: Journal<T> | undefined;
  #snapshot: Snapshot<T>;
  /** Whether anybody but this engine may hold the current snapshot: if not, its trees are edited in place. */
  #isShown = true;
  #closed = false;

  constructor(snapshot: Snapshot<T>, clock: Clock, accepted?: AcceptedHook<T>) {
    this.#snapshot = snapshot;
    this.#accepted = accepted;
    this.#owned = {
      operation: 'apply',
      owned: true,
      needsResource: stateOf(snapshot).shape.keepsResources,
    };
    this.publications = new PublicationQueue(clock);
    this.#background = new BackgroundWork(clock, () => this.publications.busy);
  }

  /** The current snapshot, for whoever may keep it. */
  get snapshot(): Snapshot<T> {
    this.#isShown = true;
    return this.#snapshot;
  }

  /** The same, to be read at once and not to be kept: what comes next may change it. */
  get current(): Snapshot<T> {
    return this.#snapshot;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Applies events as one batch: all of them, or none if one is refused.
   *
   * @throws {StoreError} when an event is refused.
   */
  apply(events: readonly ResourceEvent<T>[], context: EntryContext = this.#owned): void {
    const before = this.#snapshot;
    const state = stateOf(before);
    // What a caller gives may run code of the caller's, which may look at the store.
    const adopts = context.owned && !this.#isShown && !events.some(isWhole);
    const draft = new Draft<T>(state, context, adopts);
    const shown = this.events.observed ? { draft, context, shape: state.shape } : undefined;
    // Most batches are told as one piece.
    const isApart = shown !== undefined || events.some(isWhole);
    const applied: Applied<T>[] = [];
    const all: Change<T>[] = [];
    const journaling = journalingFor(this.#journal, draft, context);
    try {
      for (const event of events) {
        const changes = draft.apply(event);
        journaling.applied(event, changes);
        if (isApart) {
          const told = shown && publishedEvent(event, changes, shown);
          applied.push({ event: told, changes, whole: isWhole(event) });
        } else for (const change of changes) all.push(change);
      }
    } catch (error) {
      if (adopts) draft.undo(isApart ? [...allChanges(applied)] : all);
      throw error;
    }
    if (!isApart) applied.push({ event: undefined, changes: all, whole: false });
    if (this.#snapshot !== before) throw writtenMeanwhile(context);
    this.#accept(applied, draft.state(), draft.errors, () => journaling.accepted());
  }

  /** From now on the journal hears of everything; undefined ends that. */
  record(journal: Journal<T> | undefined): void {
    this.#journal = journal;
  }

  beginList(): StagedList<T> {
    const list = new StagedList<T>(stateOf(this.snapshot), this.#owned);
    this.#journal?.listBegun(list);
    return list;
  }

  appendToList(list: StagedList<T>, objects: Parameters<Journal<T>['listItems']>[1]): void {
    this.#journal?.listItems(list, objects);
    list.append(objects);
  }

  removeFromList(list: StagedList<T>, identity: { readonly namespace: string; readonly name: string }): void {
    this.#journal?.listItemRemoved(list, identity);
    list.remove(identity);
  }

  discardList(list: StagedList<T>): void {
    this.#journal?.listDiscarded(list);
  }

  commitList(list: StagedList<T>, resourceVersion: string): void {
    const { state, changes, errors } = list.commit(resourceVersion, stateOf(this.#snapshot));
    const event = this.events.observed ? replacedEvent(new Snapshot(state), resourceVersion) : undefined;
    const journaled = (): void => this.#journal?.listCommitted(list, resourceVersion);
    this.#accept([{ event, changes, whole: true }], state, errors, journaled);
  }

  /**
   * Takes over a state that was known before, in place of having nothing: no change is told, since nothing happened.
   *
   * @returns false, and does nothing, where something happened to the store already.
   */
  restore(snapshot: Snapshot<T>): boolean {
    const { modCount, resourceVersion } = this.#snapshot;
    if (this.#closed || modCount > 0 || resourceVersion !== undefined) return false;
    this.#accept([], stateOf(snapshot), [], () => this.#journal?.restored(snapshot), true);
    return true;
  }

  /** The current snapshot, then each new one at the end of its batch. */
  observeSnapshots(): Observable<Snapshot<T>> {
    return new Observable((subscriber) => {
      const current = this.snapshot;
      this.#snapshots.observable.subscribe(subscriber);
      this.#greet(subscriber, current);
    });
  }

  /** The result now, then after each batch that changed it. */
  observeQuery(keys: readonly string[]): Observable<readonly Resource<T>[]> {
    return new Observable((subscriber) => {
      this.#greet(subscriber, this.#queries.begin(keys, subscriber, this.#snapshot));
    });
  }

  /** Completes all streams and drops what is on its way. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.publications.stop();
    this.#background.stop();
    this.events.complete();
    this.changes.complete();
    this.errors.complete();
    this.#snapshots.complete();
    this.#queries.complete();
  }

  /** Tells a new subscriber the present, so that what it writes in answer is published afterwards, not inside. */
  #greet<V>(subscriber: Subscriber<V>, value: V): void {
    if (this.publications.busy) deliver([subscriber], value);
    else this.publications.add(greeting(subscriber, value));
  }

  /**
   * @param journaled tells the journal: the state is that after the batch, and no subscriber has heard of it.
   * @param whole - whether it is about everything.
   */
  #accept(
    applied: readonly Applied<T>[],
    state: SnapshotState<T>,
    errors: readonly FirnError[],
    journaled: () => void,
    whole: boolean = applied.some((one) => one.whole),
  ): void {
    const before = this.#snapshot;
    const changed = state.modCount !== before.modCount;
    const same = !changed && state.resourceVersion === before.resourceVersion;
    const snapshot = same ? before : new Snapshot(state);
    this.#snapshot = snapshot;
    if (changed) this.#letGo(applied, whole);
    // That a list says the same as before is news to whoever knows more than it says.
    if (changed || whole) this.#accepted?.(whole ? undefined : allChanges(applied));
    const departing = whole && changed && before.size > 0 ? departure(stateOf(before), state) : undefined;
    const queries = changed ? this.#queriesTouched(applied, whole) : NOBODY;
    const snapshotAudience = changed ? this.#snapshots.audience() : NOBODY;
    // Whoever is told of a whole list walks the trees later, and so does what lets go of the older ones.
    this.#isShown = (same && this.#isShown) || whole || snapshotAudience.length > 0 || queries.length > 0;
    journaled();
    if (this.#isObserved(changed, queries, errors)) {
      this.publications.add(
        publish({
          applied,
          errors,
          snapshot,
          whole,
          changeAudience: this.changes.audience(),
          eventAudience: this.events.audience(),
          errorAudience: this.errors.audience(),
          snapshotAudience,
          queries,
        }),
      );
    }
    if (departing !== undefined) this.#background.add(departing);
  }

  #isObserved(changed: boolean, queries: readonly unknown[], errors: readonly FirnError[]): boolean {
    return (
      this.changes.observed ||
      this.events.observed ||
      (changed && this.#snapshots.observed) ||
      queries.length > 0 ||
      (errors.length > 0 && this.errors.observed)
    );
  }

  #queriesTouched(applied: readonly Applied<T>[], whole: boolean): readonly LiveQuery<T>[] {
    if (!this.#queries.observed) return NOBODY;
    return whole ? this.#queries.all() : this.#queries.touchedBy(allChanges(applied));
  }

  /** Forgets what was read under keys whose contents changed, and the bytes that only older snapshots need. */
  #letGo(applied: readonly Applied<T>[], whole: boolean): void {
    if (whole) {
      this.exactReads.forgetAll();
      return;
    }
    const nothingRead = this.exactReads.isEmpty;
    for (const { changes } of applied) {
      for (const change of changes) {
        const previous = previousEntryOf(change);
        previous?.release();
        if (nothingRead) continue;
        this.exactReads.forget(entryOf(change).keys);
        if (previous !== undefined) this.exactReads.forget(previous.keys);
      }
    }
  }
}

const NOBODY: readonly never[] = Object.freeze([]);

/** Reading what a caller gave ran code of the caller's (an iterator, a `toJSON`) that wrote into the store. */
function writtenMeanwhile({ operation }: EntryContext): StoreError {
  return new StoreError(
    `${operation}: the store was written to while what was given was being read. Do not write from an iterator or toJSON.`,
    { code: 'WRITTEN_MEANWHILE', operation },
  );
}
