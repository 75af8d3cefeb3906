/** Owns what a snapshot holds of one resource: who it is, where it is filed, and the resource, perhaps not yet read. */
import { inspectAsJson } from './inspection.ts';
import type { Resource } from './resource.ts';
import type { ResourceRef } from './resource-ref.ts';

/** Where an entry is filed, unless that is under namespace and name alone. */
export interface Filing {
  /** Frozen; left out where they are namespace and name. */
  readonly keys: readonly string[] | undefined;
  /** One list of key tuples for each secondary index, in the order of the indexes. */
  readonly secondary: readonly (readonly (readonly string[])[])[] | undefined;
}

/**
 * One resource of a snapshot, or a mere reference to it.
 *
 * Frozen shallowly; shows only its reference to `JSON.stringify` and `inspect`, so that looking at it does not
 * materialise anything.
 */
export abstract class Entry<T> {
  readonly namespace: string;
  readonly name: string;

  constructor(namespace: string, name: string) {
    this.namespace = namespace;
    this.name = name;
  }

  static {
    inspectAsJson(Entry.prototype);
  }

  /** An entry lies where it lies; probes lie before or after what they name. */
  get bound(): 0 {
    return 0;
  }

  abstract get uid(): string | undefined;
  abstract get resourceVersion(): string | undefined;

  /** Whether there is a resource; there is none of a mere reference. */
  abstract get hasResource(): boolean;

  /**
   * The resource as JSON in pieces of UTF-8, as it came where nobody has read it; the reference of a mere reference.
   * They are to be copied in the same turn: later the memory may hold something else.
   */
  abstract jsonPieces(): readonly Uint8Array[];

  /** The resource, deeply frozen. Throws `StoreError` `NO_RESOURCE` on a mere reference. */
  abstract get resource(): Resource<T>;

  /** The resource for one look: not kept, and perhaps not frozen, if nobody has read it. Throws as `resource` does. */
  abstract get glimpse(): unknown;

  /** The entry left the current state; whoever holds it can go on reading it. */
  abstract release(): void;

  protected abstract get filing(): Filing | undefined;

  /** Whether the newer one is another resource that took the name of this one (rule 20). */
  isRecreatedAs(newer: Entry<T>): boolean {
    const { uid } = this;
    if (uid === undefined) return false;
    const other = newer.uid;
    return other !== undefined && uid !== other;
  }

  /** Those of most entries are not kept: they are the identity. */
  get keys(): readonly string[] {
    return this.filing?.keys ?? Object.freeze([this.namespace, this.name]);
  }

  get secondary(): Filing['secondary'] {
    return this.filing?.secondary;
  }

  get isFiledByIdentity(): boolean {
    const keys = this.filing?.keys;
    return keys === undefined || (keys.length === 2 && keys[0] === this.namespace && keys[1] === this.name);
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
  const { resourceVersion } = a;
  return resourceVersion !== undefined && resourceVersion === b.resourceVersion && a.uid === b.uid;
}
