/** Owns the calls that every store answers alike, whatever it keeps of a resource. */
import {
  type Resource,
  type ResourceEvent,
  type ResourceWritten,
  StoreError,
  type StoreOperation,
} from '@firn/core';
import { checkKeys, type EntryContext, keysForError, stateOf } from '@firn/core/engine';
import type { StoreEngine } from './store-engine.ts';

/** Turns calls into events; refuses them once the store is closed. */
export class StoreCalls<T> {
  readonly #engine: StoreEngine<T>;

  constructor(engine: StoreEngine<T>) {
    this.#engine = engine;
  }

  /** The engine, unless the store is closed. Throws `StoreError` `CLOSED`. */
  open(operation: StoreOperation, keys: readonly string[] = []): StoreEngine<T> {
    if (!this.#engine.closed) return this.#engine;
    throw new StoreError(`${operation}: the store is closed. Make a new one.`, {
      code: 'CLOSED',
      operation,
      keys: keysForError(keys),
    });
  }

  /** `owned`: nobody else holds the object, and it need not be copied. */
  write(
    operation: 'add' | 'update',
    object: T | Resource<T>,
    keys: readonly string[] | undefined,
    owned = false,
  ): void {
    const engine = this.open(operation, keys);
    if (keys !== undefined) checkKeys(keys, engine.current.numKeys, operation);
    const event = {
      type: operation === 'add' ? 'ADDED' : 'MODIFIED',
      object,
      ...(keys === undefined ? undefined : { keys }),
    } as const;
    engine.apply([event], { ...this.#byCall(operation), owned });
  }

  delete(keys: readonly string[]): void {
    const engine = this.open('delete', keys);
    checkKeys(keys, engine.current.numKeys, 'delete');
    const stored = engine.current.refs(...keys);
    if (stored.length === 0) return;
    // Without their versions: which one the deletion has is not known.
    const events = stored.map(({ namespace, name }) => deletion(namespace, name));
    engine.apply(events, this.#byCall('delete'));
  }

  remove(identity: { readonly namespace: string; readonly name: string }): void {
    const engine = this.open('remove');
    const { namespace, name } = identity ?? {};
    engine.apply([deletion(namespace, name)], this.#byCall('remove'));
  }

  clear(): void {
    this.open('clear').apply([{ type: 'CLEARED' }], this.#byCall('clear'));
  }

  apply(event: ResourceEvent<T> | readonly ResourceEvent<T>[]): void {
    const events = Array.isArray(event)
      ? (event as readonly ResourceEvent<T>[])
      : [event as ResourceEvent<T>];
    this.open('apply').apply(events, this.#byCall('apply'));
  }

  #byCall(operation: StoreOperation): EntryContext {
    const needsResource = stateOf(this.#engine.current).shape.keepsResources;
    return { operation, owned: false, needsResource };
  }
}

function deletion(namespace: string, name: string): ResourceWritten<never> {
  return { type: 'DELETED', object: { namespace, name, keys: [] } };
}
