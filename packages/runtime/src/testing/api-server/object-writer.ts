/** Owns create, update and delete: what they check, fill in and store. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@firn/stores';
import { applyDefaults } from './object-defaults.ts';
import type { ObjectStore } from './object-store.ts';
import {
  agreeOnName,
  agreeOnNamespace,
  asObjectOf,
  refuseNewFinalizers,
  validateMetadata,
} from './object-validation.ts';
import type { RandomSource } from './random-source.ts';
import type { ResourceType } from './resource-type.ts';
import { alreadyExists, conflict, notFound, outdated, StatusError } from './status-error.ts';
import { type ApiMetadata, type ApiObject, readObject, type StoredObject } from './stored-object.ts';

/** Names one object. */
export interface ObjectAddress {
  readonly type: ResourceType;
  /** `''` for cluster-scoped ones. */
  readonly namespace: string;
  readonly name: string;
}

/** How a write is done. */
export interface WriteOptions {
  /** Check and answer, but store nothing. */
  readonly dryRun?: boolean;
  /** Which part of the object is written; a controller of the test itself writes both. */
  readonly part?: 'spec' | 'status' | 'both';
}

/** What a delete insists on. */
export interface DeleteOptions {
  readonly dryRun?: boolean;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** The state after a write, and whether the object is still there. */
export interface WriteResult {
  readonly stored: StoredObject;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'terminating' | 'deleted';
}

// Both as in the real server; a name that is taken after so many tries is a conflict.
const LONGEST_BASE = 58;
const NAME_TRIES = 8;

function contents(object: ApiObject): unknown {
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = object;
  return rest;
}

function checkDeletePreconditions(type: ResourceType, metadata: ApiMetadata, options: DeleteOptions): void {
  const { name = '', uid, resourceVersion } = metadata;
  // Here, and only here, the real server names the kind in place of the resource.
  const named = { ...type, resource: type.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      named,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/** The only writer of the store. */
export class ObjectWriter {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #random: RandomSource;

  constructor(store: ObjectStore, clock: Clock, random: RandomSource) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
  }

  /** Completes an object that was there before the server started, and loads it. */
  load(type: ResourceType, value: object): ApiObject {
    const object = this.#newObject(type, (value as ApiObject).metadata?.namespace ?? '', value, 'both');
    this.#store.load(type, object);
    return object;
  }

  /** @throws {StatusError} 400, 409 AlreadyExists, 422. */
  create(type: ResourceType, namespace: string, value: unknown, options: WriteOptions = {}): WriteResult {
    const object = this.#newObject(type, namespace, value, options.part ?? 'spec');
    const { name = '', resourceVersion } = object.metadata;
    if (resourceVersion) {
      // The real server answers this with 500 and no reason, too.
      throw new StatusError({
        code: 500,
        reason: '',
        message: 'resourceVersion should not be set on objects to be created',
      });
    }
    if (this.#store.table(type).get(namespace, name)) throw alreadyExists(type, name);
    const stored = options.dryRun
      ? this.#store.preview(type, object, this.#store.versions.current)
      : this.#store.add(type, object);
    return { stored, outcome: 'created' };
  }

  /** @throws {StatusError} 400, 404, 409 Conflict, 422. */
  update(address: ObjectAddress, value: unknown, options: WriteOptions = {}): WriteResult {
    const { type, namespace, name } = address;
    const object = asObjectOf(type, value);
    agreeOnNamespace(type, object, namespace);
    agreeOnName(object, name);
    const stored = this.#store.table(type).get(namespace, name);
    if (!stored) throw notFound(type, name);
    const current = readObject(type, stored);
    this.#checkPreconditions(address, object, current);
    const next = this.#merged(type, current, object, options.part ?? 'spec');
    validateMetadata(type, next);
    refuseNewFinalizers(type, current, next);
    return this.#writeOver(type, stored, next, options.dryRun === true);
  }

  /** @throws {StatusError} 404, 409 when a precondition does not hold. */
  delete(address: ObjectAddress, options: DeleteOptions = {}): WriteResult {
    const { type, namespace, name } = address;
    const stored = this.#store.table(type).get(namespace, name);
    if (!stored) throw notFound(type, name);
    const object = readObject(type, stored);
    const { metadata } = object;
    checkDeletePreconditions(type, metadata, options);
    if ((metadata.finalizers ?? []).length > 0) {
      if (metadata.deletionTimestamp !== undefined) return { stored, outcome: 'terminating' };
      metadata.deletionTimestamp = this.#timestamp();
      metadata.deletionGracePeriodSeconds = 0;
      const written = this.#writeOver(type, stored, object, options.dryRun === true);
      return { stored: written.stored, outcome: 'terminating' };
    }
    return { stored: options.dryRun ? stored : this.#store.remove(type, stored), outcome: 'deleted' };
  }

  #newObject(type: ResourceType, namespace: string, value: unknown, part: WriteOptions['part']): ApiObject {
    const object = asObjectOf(type, value);
    agreeOnNamespace(type, object, namespace);
    const { metadata } = object;
    if (!metadata.name && metadata.generateName)
      metadata.name = this.#makeName(type, namespace, metadata.generateName);
    validateMetadata(type, object);
    if (part !== 'both' && type.status) delete object.status;
    applyDefaults(type, object);
    metadata.uid = part === 'both' ? (metadata.uid ?? this.#random.uid()) : this.#random.uid();
    metadata.creationTimestamp =
      (part === 'both' ? metadata.creationTimestamp : undefined) ?? this.#timestamp();
    if (type.generations) metadata.generation = 1;
    else delete metadata.generation;
    delete metadata.deletionTimestamp;
    return object;
  }

  #makeName(type: ResourceType, namespace: string, base: string): string {
    const table = this.#store.table(type);
    let name = '';
    for (let tries = 0; tries < NAME_TRIES; tries += 1) {
      name = base.slice(0, LONGEST_BASE) + this.#random.suffix();
      if (!table.get(namespace, name)) break;
    }
    return name;
  }

  #checkPreconditions(address: ObjectAddress, object: ApiObject, current: ApiObject): void {
    const { type, name } = address;
    const { resourceVersion, uid } = object.metadata;
    if (uid !== undefined && uid !== current.metadata.uid) {
      throw conflict(
        type,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
      );
    }
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw outdated(type, name);
  }

  #merged(type: ResourceType, current: ApiObject, object: ApiObject, part: WriteOptions['part']): ApiObject {
    if (part === 'status') return { ...current, status: object.status };
    const next: ApiObject = { ...object };
    if (part === 'spec' && type.status) {
      if (current.status === undefined) delete next.status;
      else next.status = current.status;
    }
    const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } =
      current.metadata;
    next.metadata = { ...object.metadata };
    const kept = {
      uid,
      creationTimestamp,
      deletionTimestamp,
      deletionGracePeriodSeconds,
      generation,
    };
    for (const [field, value] of Object.entries(kept)) {
      if (value === undefined) delete next.metadata[field];
      else next.metadata[field] = value;
    }
    applyDefaults(type, next);
    if (generation !== undefined && !isDeepStrictEqual(contents(next), contents(current)))
      next.metadata.generation = generation + 1;
    return next;
  }

  #writeOver(type: ResourceType, stored: StoredObject, next: ApiObject, dryRun: boolean): WriteResult {
    const same = this.#store.preview(type, next, stored.version);
    if (same.body.equals(stored.body)) return { stored, outcome: 'unchanged' };
    if (dryRun) return { stored: same, outcome: 'updated' };
    const { deletionTimestamp, finalizers = [] } = next.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) {
      // Watchers see the state before this write, whoever made it sees what it came to.
      this.#store.remove(type, stored);
      return { stored: same, outcome: 'deleted' };
    }
    return { stored: this.#store.modify(type, same), outcome: 'updated' };
  }

  #timestamp(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}
