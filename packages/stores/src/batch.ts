/** Owns what becomes of a batch that was applied: who is told what, in which order. */
import type { Change, FirnError, ResourceEvent, Snapshot } from '@firn/core';
import { departedEntries, type SnapshotState } from '@firn/core/engine';
import type { Subscriber } from 'rxjs';
import { type Audience, deliver } from './hot-stream.ts';
import { type LiveQuery, publishQueries } from './live-queries.ts';
import type { Publication } from './publication.ts';

/** What one event of a batch did, or several of which nothing else has to be known. */
export interface Applied<T> {
  /** The event in the form subscribers see; absent if nobody looks. */
  readonly event: ResourceEvent<T> | undefined;
  readonly changes: Iterable<Change<T>>;
  /** Whether it was about everything at once: then its changes are built while they are read. */
  readonly whole: boolean;
}

/** A batch that has been applied and is to be published, to those who had subscribed by then. */
export interface Batch<T> {
  readonly applied: readonly Applied<T>[];
  readonly errors: readonly FirnError[];
  readonly snapshot: Snapshot<T>;
  readonly whole: boolean;
  readonly changeAudience: Audience<Change<T>>;
  readonly eventAudience: Audience<ResourceEvent<T>>;
  readonly errorAudience: Audience<FirnError>;
  readonly snapshotAudience: Audience<Snapshot<T>>;
  readonly queries: readonly LiveQuery<T>[];
}

/** One step is one batch; a batch that is about everything takes a step for each change. */
export function* publish<T>(batch: Batch<T>): Publication {
  for (const { event, changes } of batch.applied) {
    if (event !== undefined) deliver(batch.eventAudience, event);
    if (batch.changeAudience.length === 0) continue;
    for (const change of changes) {
      deliver(batch.changeAudience, change);
      if (batch.whole) yield;
    }
  }
  for (const error of batch.errors) deliver(batch.errorAudience, error);
  deliver(batch.snapshotAudience, batch.snapshot);
  publishQueries(batch.queries, batch.snapshot);
}

/** What a list replaced needs its bytes no more. One step is one resource. */
export function* departure<T>(
  older: SnapshotState<T>,
  newer: SnapshotState<T>,
): Generator<undefined, undefined> {
  for (const entry of departedEntries(older, newer)) {
    entry?.release();
    yield;
  }
}

/** One step: the present, to one subscriber. */
export function greeting<V>(subscriber: Subscriber<V>, value: V): Publication {
  return {
    next() {
      deliver([subscriber], value);
      return { done: true, value: undefined };
    },
  };
}

/** Whether an event is about everything at once. */
export function isWhole(event: ResourceEvent<unknown>): boolean {
  return event?.type === 'REPLACED' || event?.type === 'CLEARED';
}

/** The changes of a batch, in order. */
export function* allChanges<T>(applied: readonly Applied<T>[]): Iterable<Change<T>> {
  for (const { changes } of applied) yield* changes;
}
