/** Owns the entry of a resource that is an object already, or will be one when somebody asks, or of a mere reference. */
import { freeze } from 'immer';
import { Entry } from './entry.ts';
import { StoreError } from './errors.ts';
import type { Resource } from './resource.ts';
import { shownValue } from './shown-value.ts';

/** A resource that has not been read yet: checked when it arrived, built when somebody looks. */
export interface ResourceSource<T> {
  /** Gives the plain object, which nobody else holds. Must not fail. */
  materialise(): T;
}

/** What an entry is made from. */
export interface EntryParts<T> {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** Frozen; left out where they are namespace and name. */
  readonly keys: readonly string[] | undefined;
  /** One list of key tuples for each secondary index, in the order of the indexes. */
  readonly secondary: readonly (readonly (readonly string[])[])[] | undefined;
  /** Absent for a reference, which has no resource. */
  readonly source: ResourceSource<T> | undefined;
}

/** An entry whose parts are known. */
export class ParsedEntry<T> extends Entry<T> {
  readonly #uid: string | undefined;
  readonly #resourceVersion: string | undefined;
  #source: ResourceSource<T> | undefined;

  constructor({ namespace, name, uid, resourceVersion, keys, secondary, source }: EntryParts<T>) {
    super(namespace, name, keys === undefined && secondary === undefined ? undefined : { keys, secondary });
    this.#uid = uid;
    this.#resourceVersion = resourceVersion;
    this.#source = source;
    Object.freeze(this);
  }

  get uid(): string | undefined {
    return this.#uid;
  }

  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  get hasResource(): boolean {
    return this.held !== undefined || this.#source !== undefined;
  }

  get glimpse(): unknown {
    return this.held ?? this.#source?.materialise() ?? this.resource;
  }

  /** There is nothing outside of the heap to give back. */
  release(): void {}

  protected build(): Resource<T> {
    if (this.#source !== undefined) return freeze(this.#source.materialise(), true) as Resource<T>;
    throw new StoreError(
      `Only a reference of ${shownValue(`${this.namespace}/${this.name}`)} is stored, not the resource. Fetch it, or watch it with store: 'full'.`,
      { code: 'NO_RESOURCE', operation: 'get', keys: this.keys },
    );
  }

  protected letGo(): void {
    this.#source = undefined;
  }
}

/** The same resource as the same object, filed under other keys. */
export function refiled<T>(entry: Entry<T>, keys: readonly string[]): Entry<T> {
  const { namespace, name, uid, resourceVersion, secondary } = entry;
  const source = entry.hasResource ? { materialise: () => entry.resource as T } : undefined;
  return new ParsedEntry({ namespace, name, uid, resourceVersion, keys, secondary, source });
}
