/** Owns what a reflector delivers, and to whom: the one way from the network into a store. */
import type { FirnError, KubernetesObject, ResourceEvent } from '@firn/core';
import type { PackedObject } from '../transport/object-decoder.ts';

/**
 * The receiving end of a reflector. Every call is synchronous, cheap and never throws; the sink never makes the
 * reflector wait, so the socket is always drained.
 */
export interface ReflectorSink {
  /** A list begins; what an unfinished one had staged is thrown away. */
  listStarted(): void;
  /** Items of the list under way, in the order they came; of two with one identity the later one counts. */
  listItems(objects: readonly (KubernetesObject | PackedObject)[]): void;
  /** A DELETED event arrived before a streaming list ended (rule 2). */
  listItemDeleted(identity: { readonly namespace: string; readonly name: string }): void;
  /** The list is complete: it replaces the store's contents atomically, at this resource version (rule 19). */
  listCommitted(resourceVersion: string): void;
  /** The list failed: nothing of it may become visible (rule 9). */
  listDiscarded(): void;
  /**
   * Watch events that arrived in one chunk, in order, `origin: 'watch'`; bookmarks among them. `bytes` is what they
   * took on the wire.
   */
  batch(events: readonly ResourceEvent<KubernetesObject>[], bytes: number): void;
  /** The reflector's own state changed. */
  status(status: ReflectorStatus): void;
  /** Something went wrong; the reflector goes on by itself. */
  error(error: FirnError): void;
}

/** What a reflector says of itself. Times are wall-clock milliseconds. */
export interface ReflectorStatus {
  readonly phase: 'idle' | 'listing' | 'watching' | 'backoff' | 'stopped';
  /** True from the loss of contact until the first successful one (rule 29). */
  readonly stale: boolean;
  /** Where a watch would resume. */
  readonly resourceVersion?: string;
  readonly connectedSince?: number;
  /** When the last byte-carrying event or bookmark came. */
  readonly lastEventAt?: number;
  readonly lastError?: FirnError;
  readonly nextAttemptAt?: number;
  /** Items received so far by a list under way. */
  readonly listed?: number;
}
