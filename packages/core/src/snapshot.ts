/** Owns what readers see of a store at one moment: an immutable, ordered, indexed set of resources. */
import { digestOf, digestOfAsync } from './digest.ts';
import type { Entry } from './entry.ts';
import { findEntry } from './entry-tree.ts';
import { nextTurn, YIELD_EVERY } from './event-loop.ts';
import { inspectAsJson } from './inspection.ts';
import type { Resource } from './resource.ts';
import { ResourceIterator } from './resource-iterator.ts';
import type { ResourceRef } from './resource-ref.ts';
import { entriesUnder, findIndex } from './snapshot-reading.ts';
import { createShape, emptyState, type SnapshotOptions, type SnapshotState } from './snapshot-state.ts';

/** A secondary index of a snapshot or a store. */
export interface ResourceIndex<T> {
  /**
   * The resources indexed under these keys, or under tuples that start with them, by namespace and name.
   *
   * @throws {StoreError} `INVALID_KEYS` for no keys or more than the index has.
   */
  get(...keys: string[]): readonly Resource<T>[];
}

// Assigned by the class below: the only way to its private field.
let readState: <T>(snapshot: Snapshot<T>) => SnapshotState<T>;

/**
 * The immutable state of one store at one `modCount`. Taking one costs nothing; an old one stays valid for ever.
 *
 * Order everywhere is namespace, then name, by UTF-16 code units. Result arrays and resources are frozen.
 *
 * @example
 * ```ts
 * const { snapshot } = reduce(emptySnapshot<V1Ingress>({ numKeys: 2 }), { type: 'ADDED', object: ingress });
 * snapshot.get('shop');          // everything in the namespace
 * snapshot.get('shop', 'front'); // one, or none
 * ```
 */
export class Snapshot<T> {
  readonly #state: SnapshotState<T>;
  #list: readonly Resource<T>[] | undefined;

  constructor(state: SnapshotState<T>) {
    this.#state = state;
    Object.freeze(this);
  }

  static {
    inspectAsJson(Snapshot.prototype);
    readState = (snapshot) => snapshot.#state;
  }

  /** Counts the events that changed the store's contents. */
  get modCount(): number {
    return this.#state.modCount;
  }

  /** The last resource version the server named; absent before the first. */
  get resourceVersion(): string | undefined {
    return this.#state.resourceVersion;
  }

  /** How many resources there are. */
  get size(): number {
    return this.#state.identity.size;
  }

  /** How many index keys each resource has. */
  get numKeys(): number {
    return this.#state.shape.numKeys;
  }

  /**
   * The resources under all keys, or under the first ones; costs what it returns.
   *
   * @throws {StoreError} `INVALID_KEYS` for no keys, too many, one that is not a string or has a NUL.
   */
  get(...keys: string[]): readonly Resource<T>[] {
    return resourcesOf(entriesUnder(this.#state, keys));
  }

  /** Everything, as the same array every time. For large stores iterate instead. */
  list(): readonly Resource<T>[] {
    this.#list ??= resourcesOf(this.#state.identity.toArray());
    return this.#list;
  }

  /** Everything, in order, in one go. */
  [Symbol.iterator](): IterableIterator<Resource<T>> {
    return this.#list?.values() ?? new ResourceIterator(this.#state.identity.leaves());
  }

  /**
   * Everything, in order, giving the event loop its turn after every 64 resources. Shows this snapshot, whatever
   * happens to the store meanwhile.
   */
  async *iterate(): AsyncIterableIterator<Resource<T>> {
    let count = 0;
    for (const resource of this) {
      yield resource;
      if (++count % YIELD_EVERY === 0) await nextTurn();
    }
  }

  /** One resource by identity, whatever its keys. */
  find(namespace: string, name: string): Resource<T> | undefined {
    return findEntry(this.#state.identity, namespace, name)?.resource;
  }

  /**
   * References of the resources under these keys, of all without keys; never reads a resource.
   *
   * @throws {StoreError} `INVALID_KEYS`.
   */
  refs(...keys: string[]): readonly ResourceRef[] {
    const entries = keys.length === 0 ? this.#state.identity.toArray() : entriesUnder(this.#state, keys);
    return Object.freeze(entries.map((entry) => entry.ref));
  }

  /**
   * A secondary index.
   *
   * @throws {ConfigError} `UNKNOWN_INDEX` with the names there are.
   * @example
   * ```ts
   * snapshot.index('byHost').get('shop.example.com');
   * ```
   */
  index(name: string): ResourceIndex<T> {
    const index = findIndex(this.#state, name);
    return Object.freeze({ get: (...keys: string[]) => resourcesOf(index.entries(keys)) });
  }

  /**
   * The sum modulo 2^256 of SHA-256 over the canonical JSON (RFC 8785) of `[keys, resource]` of every entry, as 64
   * hex digits: independent of order and history. Costs what changed since it was last asked for.
   *
   * Keeps the contents that it was last computed for. modCount and resource version of the snapshot are not in it.
   *
   * @throws {StoreError} `NO_RESOURCE` when a mere reference is stored.
   */
  digest(): string {
    return digestOf(this.#state);
  }

  /** The same as `digest()`, giving the event loop its turn on the way. */
  digestAsync(): Promise<string> {
    return digestOfAsync(this.#state);
  }

  /** What `JSON.stringify` and `inspect` show: counts, never resources. */
  toJSON(): object {
    const { modCount, resourceVersion, size, numKeys } = this;
    return { modCount, resourceVersion, size, numKeys };
  }
}

/** The inside of a snapshot, for the rest of this package and for stores. */
export function stateOf<T>(snapshot: Snapshot<T>): SnapshotState<T> {
  return readState(snapshot);
}

/** The frozen resources of entries. */
export function resourcesOf<T>(entries: readonly Entry<T>[]): readonly Resource<T>[] {
  return entries.length === 0 ? NOTHING : Object.freeze(entries.map((entry) => entry.resource));
}

const NOTHING: readonly never[] = Object.freeze([]);

/**
 * A snapshot that nothing has happened to.
 *
 * @throws {ConfigError} `INVALID_NUM_KEYS` when neither numKeys nor indexer is given, or they disagree.
 * @example
 * ```ts
 * emptySnapshot<V1Pod>({ numKeys: 2 });
 * emptySnapshot<V1Pod>({ indexer: createIndexer({ indexes: { node: ['spec.nodeName'] } }) });
 * ```
 */
export function emptySnapshot<T>(options: SnapshotOptions): Snapshot<T> {
  return new Snapshot(emptyState<T>(createShape(options)));
}

/** The same for a store that keeps references only: whatever is put into it, its resources cannot be read. */
export function emptyReferences<T>(options: SnapshotOptions): Snapshot<T> {
  return new Snapshot(emptyState<T>(createShape(options, false)));
}
