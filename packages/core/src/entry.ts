/** Owns what a snapshot holds of one resource: who it is, where it is filed, and the resource, perhaps not yet read. */
import { freeze } from 'immer';
import { StoreError } from './errors.ts';
import { inspectAsJson } from './inspection.ts';
import { freezeJson } from './packed/freeze-json.ts';
import type { Resource } from './resource.ts';
import type { ResourceRef } from './resource-ref.ts';
import { shownValue } from './shown-value.ts';

/** A resource that has not been read yet: checked when it arrived, built when somebody looks. */
export interface ResourceSource<T> {
  /** Gives the plain object, which nobody else holds. Must not fail. */
  materialise(): T;
  /**
   * The current state needs this source no more: what it takes may be let go of, but it stays readable. Absent where
   * there is nothing to let go of.
   */
  release?(): void;
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

/**
 * One resource of a snapshot. The resource is frozen when it is first read and is the same object from then on.
 *
 * Frozen shallowly; shows only its reference to `JSON.stringify` and `inspect`, so that looking at it does not
 * materialise anything.
 */
export class Entry<T> implements ResourceRef {
  readonly namespace: string;
  readonly name: string;
  declare readonly uid?: string;
  declare readonly resourceVersion?: string;
  readonly secondary: readonly (readonly (readonly string[])[])[] | undefined;
  readonly #keys: readonly string[] | undefined;
  #source: ResourceSource<T> | undefined;
  #resource: Resource<T> | undefined;

  constructor(parts: EntryParts<T>) {
    this.namespace = parts.namespace;
    this.name = parts.name;
    (this as { uid?: string | undefined }).uid = parts.uid;
    (this as { resourceVersion?: string | undefined }).resourceVersion = parts.resourceVersion;
    this.secondary = parts.secondary;
    this.#keys = parts.keys;
    this.#source = parts.source;
    Object.freeze(this);
  }

  static {
    inspectAsJson(Entry.prototype);
  }

  /** An entry lies where it lies; probes lie before or after what they name. */
  get bound(): 0 {
    return 0;
  }

  /** Those of most entries are not kept: they are the identity. */
  get keys(): readonly string[] {
    return this.#keys ?? Object.freeze([this.namespace, this.name]);
  }

  get isFiledByIdentity(): boolean {
    const keys = this.#keys;
    return keys === undefined || (keys.length === 2 && keys[0] === this.namespace && keys[1] === this.name);
  }

  get hasResource(): boolean {
    return this.#resource !== undefined || this.#source !== undefined;
  }

  /** The resource, deeply frozen. Throws `StoreError` `NO_RESOURCE` on a mere reference. */
  get resource(): Resource<T> {
    if (this.#resource !== undefined) return this.#resource;
    if (this.#source === undefined) {
      throw new StoreError(
        `Only a reference of ${shownValue(`${this.namespace}/${this.name}`)} is stored, not the resource. Fetch it, or watch it with store: 'full'.`,
        { code: 'NO_RESOURCE', operation: 'get', keys: this.keys },
      );
    }
    const source = this.#source;
    const resource = (
      source.release === undefined ? freeze(source.materialise(), true) : freezeJson(source.materialise())
    ) as Resource<T>;
    this.#resource = resource;
    this.#source = undefined;
    source.release?.();
    return resource;
  }

  /** The resource for one look: not kept, and perhaps not frozen, if nobody has read it. Throws as `resource` does. */
  get glimpse(): unknown {
    return this.#resource ?? this.#source?.materialise() ?? this.resource;
  }

  /** The entry left the current state; whoever holds it can go on reading it. */
  release(): void {
    this.#source?.release?.();
  }

  /** The reference as a plain frozen object. */
  get ref(): ResourceRef {
    const { namespace, name, uid, resourceVersion, keys } = this;
    return Object.freeze({
      namespace,
      name,
      ...(uid === undefined ? undefined : { uid }),
      ...(resourceVersion === undefined ? undefined : { resourceVersion }),
      keys,
    });
  }

  /** The same resource as the same object, filed under other keys. */
  refiled(keys: readonly string[]): Entry<T> {
    const { namespace, name, uid, resourceVersion, secondary } = this;
    const source = this.hasResource ? { materialise: () => this.resource as T } : undefined;
    return new Entry({ namespace, name, uid, resourceVersion, keys, secondary, source });
  }

  toJSON(): ResourceRef {
    return this.ref;
  }
}

/** What tells the versions of a resource apart. */
interface Version {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Whether two entries hold the same version of the same resource; two missing versions are not the same (rule 21). */
export function isSameVersion(a: Version, b: Version): boolean {
  return a.resourceVersion !== undefined && a.resourceVersion === b.resourceVersion && a.uid === b.uid;
}

/** Whether the second is another resource that took the name of the first (rule 20). */
export function isRecreated(older: Version, newer: Version): boolean {
  return older.uid !== undefined && newer.uid !== undefined && older.uid !== newer.uid;
}
