/** Owns what is read: a store that a watcher has filled, and what it is known to hold. */
import type { KubernetesObject } from '@firn/core';
import type { MemoryStore } from '@firn/stores';
import { identityOf, type Load, objectOf } from '../../objects/kinds.ts';
import { slotsOf } from '../../objects/slots.ts';

type Identity = ReturnType<typeof identityOf>;

interface NewVersion {
  readonly object: KubernetesObject;
  readonly resourceVersion: string;
}

/** A store, and the identities and versions of all in it. */
export class ReadSubject {
  readonly store: MemoryStore<KubernetesObject>;
  readonly load: Load;
  readonly #identities: Identity[] = [];
  #nextVersion: number;

  constructor(store: MemoryStore<KubernetesObject>, load: Load) {
    this.store = store;
    this.load = load;
    this.#nextVersion = load.objects;
    if (store.size !== load.objects) throw new Error(`${store.size} objects`);
  }

  /** Who the object of an index is; always the same strings. */
  identity(index: number): Identity {
    const identity = this.#identities[index] ?? identityOf(this.load, index);
    this.#identities[index] = identity;
    return identity;
  }

  /** Indexes by namespace, in the order of the names. */
  byNamespace(): ReadonlyMap<string, readonly number[]> {
    const indexes = Array.from({ length: this.load.objects }, (_, index) => index);
    return Map.groupBy(indexes, (index) => this.identity(index).namespace);
  }

  /** An object in a version that is newer than all before; it is not stored. */
  newVersion(index: number): NewVersion {
    const { load } = this;
    const version = this.#nextVersion++;
    const object = objectOf(load, index, version) as KubernetesObject;
    return { object, resourceVersion: slotsOf(index, version, load.oneNamespace).resourceVersion };
  }

  /** Stores an object in a new version; gives that version. */
  change(index: number): string {
    const { object, resourceVersion } = this.newVersion(index);
    this.store.update(object);
    return resourceVersion;
  }

  readAll(): void {
    const { length } = this.store.list();
    if (length !== this.load.objects) throw new Error(`${length} were read`);
  }
}

/** Whether a resource has its creation time: a look at a field that all have. */
export function isRead(resource: KubernetesObject | undefined): boolean {
  return (
    (resource as { metadata?: { creationTimestamp?: string } } | undefined)?.metadata?.creationTimestamp !==
    undefined
  );
}

/** Throws unless so many were read. */
export function checkCount(count: unknown, expected: number, what: string): void {
  if (count !== expected) throw new Error(`${what}: ${count} instead of ${expected}`);
}
