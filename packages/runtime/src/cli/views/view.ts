/** Owns what a view is told: changes, states and remarks, whatever it makes of them. */
import type { ChangeCause, ChangeType, GroupVersionResource, ResourceRef } from '@firn/core';
import type { CacheStats } from '@firn/stores';
import type { WatchState } from '../../watcher/watch-state.ts';

/** UTF-16 code units of a remark that are shown: enough for any sentence and a long path. */
export const LONGEST_REMARK = 2000;

/** A resource type that a view shows. */
export interface WatchedName {
  /** As the user calls it. */
  readonly name: string;
  readonly gvr: GroupVersionResource;
}

/** One change of a watched resource. Objects are read only when they are shown. */
export interface ShownChange {
  readonly type: ChangeType;
  readonly cause: ChangeCause | undefined;
  readonly ref: ResourceRef;
  readonly modCount: number;
  readonly resourceVersion?: string;
  /** Absent where a store holds references only. */
  readonly object?: unknown;
  readonly previous?: unknown;
}

/** How an on-demand store has got its resources. */
export interface ShownCache extends CacheStats {
  /** References in the store. */
  readonly references: number;
  /** Resources that are kept at the moment. */
  readonly cached: number;
}

/** Shows what happens until it is closed. */
export interface View {
  /** `size`: resources in the store. */
  change(watched: WatchedName, change: ShownChange, size: number): void;
  state(watched: WatchedName, state: WatchState, size: number): void;
  cache(watched: WatchedName, cache: ShownCache): void;
  /** Something for people: on a screen a line, in a pipe a line of the error output. */
  remark(text: string): void;
  close(): void;
}

/** The numbers of a cache in words. */
export function cacheText({ references, cached, hits, misses, shared, evictions }: ShownCache): string {
  return `${cached} of ${references} kept · hits ${hits} · misses ${misses} · shared ${shared} · evictions ${evictions}`;
}
