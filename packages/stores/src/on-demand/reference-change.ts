/** Owns what subscribers of an on-demand store are told about one reference. */
import type { Change, ChangeCause, ChangeType, Resource, ResourceRef } from '@firn/core';
import { entryOf, inspectAsJson, previousEntryOf } from '@firn/core/engine';
import type { RefChange } from '../store.ts';

/** Fetches the resource that a reference is about; `undefined` if it is gone. */
export type FetchReference<T> = (ref: ResourceRef) => Promise<Resource<T> | undefined>;

/** A change of a reference; fetches only when asked to. */
export class ReferenceChange<T> implements RefChange<T> {
  readonly type: ChangeType;
  readonly ref: ResourceRef;
  declare readonly previousRef?: ResourceRef;
  readonly cause: ChangeCause | undefined;
  readonly modCount: number;
  readonly #fetch: FetchReference<T>;

  constructor(change: Change<T>, fetch: FetchReference<T>) {
    this.type = change.type;
    this.ref = entryOf(change).ref;
    const previous = previousEntryOf(change);
    if (previous !== undefined) (this as { previousRef?: ResourceRef }).previousRef = previous.ref;
    this.cause = change.cause;
    this.modCount = change.modCount;
    this.#fetch = fetch;
    Object.freeze(this);
  }

  static {
    inspectAsJson(ReferenceChange.prototype);
  }

  /**
   * Fetches the resource as it is now; `undefined` if it, or this one of its name, is gone.
   *
   * @throws {StoreError} as `get` of the store does.
   */
  fetch(): Promise<Resource<T> | undefined> {
    return this.type === 'deleted' ? Promise.resolve(undefined) : this.#fetch(this.ref);
  }

  /** What `JSON.stringify` and `inspect` show: references only. */
  toJSON(): object {
    const { type, ref, previousRef, cause, modCount } = this;
    return { type, ref, previousRef, cause, modCount };
  }
}
