/** Owns the objects of one resource type: the current ones, those of the recent past, and what happened. */

import sortedBTree from 'sorted-btree';
import { objectKey, type StoredObject } from './stored-object.ts';

/** What happened to one object. */
export interface TableEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The new state; of a deletion: the last one, at the version of the deletion. */
  readonly object: StoredObject;
  readonly previous: StoredObject | undefined;
  /** Encoded forms, shared by all watchers. */
  readonly frames: Map<string, Buffer>;
}

/** Objects in the order of their keys. */
export type ObjectTree = InstanceType<typeof sortedBTree.default<string, StoredObject>>;

type TreeConstructor = typeof sortedBTree.default<string, StoredObject>;

// CommonJS with `exports.default`: under Node's rules its default import is module.exports itself.
const Tree: TreeConstructor =
  (sortedBTree as { default?: TreeConstructor }).default ?? (sortedBTree as unknown as TreeConstructor);

const PAST_TREES = 16;

/** The objects of one resource type and their recent history. */
export class ObjectTable {
  readonly #historyLimit: number;
  #objects: ObjectTree = new Tree(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
  #events: TableEvent[] = [];
  #firstEvent = 0;
  #oldest: number;
  readonly #past = new Map<number, ObjectTree>();
  readonly #listeners = new Map<(event: TableEvent) => void, (() => void) | undefined>();

  /** `oldest` is the version from which on the past is known. */
  constructor(oldest: number, historyLimit: number) {
    this.#oldest = oldest;
    this.#historyLimit = historyLimit;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The oldest version that a list or a watch may ask for. */
  get oldest(): number {
    return this.#oldest;
  }

  get objects(): ObjectTree {
    return this.#objects;
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(objectKey(namespace, name));
  }

  /** Applies an event, keeps it in the history, and tells every listener. */
  apply(type: TableEvent['type'], object: StoredObject): void {
    const key = objectKey(object.namespace, object.name);
    const previous = this.#objects.get(key);
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
    const event: TableEvent = { type, object, previous, frames: new Map() };
    this.#remember(event);
    for (const listener of [...this.#listeners.keys()]) listener(event);
  }

  /** Puts an object in without history, as if it had been there before the server started. */
  load(object: StoredObject): void {
    this.#objects.set(objectKey(object.namespace, object.name), object);
    this.#oldest = object.version;
  }

  /** The events after `version`, oldest first; the caller has compared it with `oldest`. */
  since(version: number): TableEvent[] {
    return this.#events.slice(this.#indexAfter(version));
  }

  /** The objects as they were at `version`, or undefined if that is forgotten. */
  at(version: number): ObjectTree | undefined {
    if (version < this.#oldest) return undefined;
    const start = this.#indexAfter(version);
    if (start === this.#events.length) return this.#objects.clone();
    const known = this.#past.get(version);
    if (known) return known;
    const tree = this.#objects.clone();
    for (let i = this.#events.length - 1; i >= start; i--) {
      const event = this.#events[i];
      if (!event) continue;
      const key = objectKey(event.object.namespace, event.object.name);
      if (event.previous) tree.set(key, event.previous);
      else tree.delete(key);
    }
    this.#past.set(version, tree);
    if (this.#past.size > PAST_TREES) this.#past.delete(this.#past.keys().next().value ?? -1);
    return tree;
  }

  /** Forgets everything before `version`. */
  compact(version: number): void {
    this.#oldest = Math.max(this.#oldest, version);
    this.#events = this.since(version);
    this.#firstEvent = 0;
    this.#past.clear();
  }

  /** Has other objects from now on, to which no events lead: whoever follows has lost its way, and is told so. */
  restart(objects: Iterable<StoredObject>, version: number): void {
    this.#objects.clear();
    for (const object of objects) this.#objects.set(objectKey(object.namespace, object.name), object);
    this.#events = [];
    this.#firstEvent = 0;
    this.#past.clear();
    this.#oldest = version;
    for (const lost of [...this.#listeners.values()]) lost?.();
  }

  /** Calls the listener with every event from now on; gives the function that ends it. */
  subscribe(listener: (event: TableEvent) => void, lost?: () => void): () => void {
    this.#listeners.set(listener, lost);
    return () => this.#listeners.delete(listener);
  }

  #remember(event: TableEvent): void {
    this.#events.push(event);
    if (this.#events.length - this.#firstEvent <= this.#historyLimit) return;
    const forgotten = this.#events[this.#firstEvent++];
    if (forgotten) {
      this.#oldest = forgotten.object.version;
      for (const version of this.#past.keys()) if (version < this.#oldest) this.#past.delete(version);
    }
    // Dropping them one by one from the front would cost the length of the array each time.
    if (this.#firstEvent > 1024 && this.#firstEvent * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#firstEvent);
      this.#firstEvent = 0;
    }
  }

  #indexAfter(version: number): number {
    let low = this.#firstEvent;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.object.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
