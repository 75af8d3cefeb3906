/** Owns what can happen to a store: the only input of `reduce`. */
import type { Resource } from './resource.ts';
import type { ResourceRef } from './resource-ref.ts';

/** Who caused an event: a watch, whose events are compared with what is stored, or a call, which always counts. */
export type EventOrigin = 'watch' | 'call';

/** One resource was added, modified or deleted. */
export interface ResourceWritten<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T | Resource<T> | ResourceRef;
  /** Stored under these, even beside an indexer. */
  readonly keys?: readonly string[];
  /** `'call'` when left out. */
  readonly origin?: EventOrigin;
}

/** A whole list took the place of everything, atomically. */
export interface ResourcesReplaced<T> {
  readonly type: 'REPLACED';
  readonly objects: Iterable<T | Resource<T>> & { readonly length: number };
  readonly resourceVersion: string;
}

/** The server has reached a resource version; contents are unchanged. */
export interface Bookmark {
  readonly type: 'BOOKMARK';
  readonly resourceVersion: string;
}

/** Everything was removed. */
export interface Cleared {
  readonly type: 'CLEARED';
}

/** An event: what a snapshot is reduced from. */
export type ResourceEvent<T> = ResourceWritten<T> | ResourcesReplaced<T> | Bookmark | Cleared;
