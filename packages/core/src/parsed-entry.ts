/** Owns the entry of a resource that is an object already, or will be one when somebody asks. */
import { freeze } from 'immer';
import type { Entry, Filing } from './entry.ts';
import { ReferenceEntry } from './reference-entry.ts';
import type { Resource } from './resource.ts';
import { ResourceEntry } from './resource-entry.ts';

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
  readonly source: ResourceSource<T>;
}

/** An entry whose parts are known. */
export class ParsedEntry<T> extends ResourceEntry<T> {
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

  get glimpse(): unknown {
    return this.held ?? this.#source?.materialise();
  }

  /** There is nothing outside of the heap to give back. */
  release(): void {}

  jsonPieces(): readonly Uint8Array[] {
    return [Buffer.from(JSON.stringify(this.glimpse))];
  }

  protected build(): Resource<T> {
    return freeze((this.#source as ResourceSource<T>).materialise(), true) as Resource<T>;
  }

  protected letGo(): void {
    this.#source = undefined;
  }
}

/** The same resource as the same object, or the same reference, filed under other keys. */
export function refiled<T>(entry: Entry<T>, keys: readonly string[]): Entry<T> {
  const { namespace, name, uid, resourceVersion, secondary } = entry;
  if (!entry.hasResource) return referenceTo(entry, { keys, secondary });
  const source = { materialise: () => entry.resource as T };
  return new ParsedEntry({ namespace, name, uid, resourceVersion, keys, secondary, source });
}

/** A mere reference to what an entry holds. */
export function referenceTo<T>(entry: Entry<T>, filing: Filing | undefined): ReferenceEntry<T> {
  const { namespace, name, uid, resourceVersion } = entry;
  return ReferenceEntry.of(namespace, name, filing, uid, resourceVersion);
}
