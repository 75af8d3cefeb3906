/** Owns what can happen to a store: the only input of `reduce`. */
import type { Resource } from './resource.ts';
import type { ResourceRef } from './resource-ref.ts';

/** Who caused an event: a watch, whose events are compared with what is stored, or a call, which always counts. */
export type EventOrigin = 'watch' | 'call';

/**
 * One resource was added, modified or deleted. ADDED and MODIFIED mean the same: the resource is there now. DELETED
 * removes by identity, whatever keys are given, and a reference will do for it.
 */
export interface ResourceWritten<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Copied as JSON would copy it. A full store takes a reference for DELETED only. */
  readonly object: T | Resource<T> | ResourceRef;
  /** Stored under these, even beside an indexer; without either, under namespace and name where there are two keys. */
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

/**
 * An event: what a snapshot is reduced from.
 *
 * @example
 * ```ts
 * const events: ResourceEvent<V1Ingress>[] = [
 *   { type: 'REPLACED', objects: list.items, resourceVersion: '1042' },
 *   { type: 'MODIFIED', object: ingress, origin: 'watch' },
 *   { type: 'DELETED', object: { namespace: 'shop', name: 'front', keys: [] } },
 *   { type: 'BOOKMARK', resourceVersion: '1050' },
 * ];
 * ```
 */
export type ResourceEvent<T> = ResourceWritten<T> | ResourcesReplaced<T> | Bookmark | Cleared;
