/**
 * Owns server-side apply in a simple form: what a manager applies is merged in, what it applied before and leaves
 * out now is removed; other managers' fields are never in conflict, and `force` changes nothing.
 */

import { mergePatch } from './merge-patch.ts';
import type { ObjectStore } from './object-store.ts';
import { agreeOnName, asObjectOf } from './object-validation.ts';
import type { ObjectAddress, ObjectWriter, WriteOptions, WriteResult } from './object-writer.ts';
import { type ResourceType, tableName } from './resource-type.ts';
import { badRequest, invalidOptions } from './status-error.ts';
import { type ApiObject, objectKey, readObject } from './stored-object.ts';
import { mergeKeyOf, strategicMergePatch } from './strategic-merge-patch.ts';

/** How an object is applied. */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  readonly force: boolean;
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items of a keyed list that are in `before` and not in `now`, marked for deletion. */
function removedItems(field: string, before: readonly unknown[], now: readonly unknown[]): Fields[] {
  const key = mergeKeyOf(field, [...before, ...now]);
  if (key === undefined) return [];
  return (before as Fields[]).flatMap((item) => {
    const kept = (now as Fields[]).find((other) => other[key] === item[key]);
    if (!kept) return [{ [key]: item[key], $patch: 'delete' }];
    const inner = removals(item, kept, true);
    return Object.keys(inner).length > 0 ? [{ ...inner, [key]: item[key] }] : [];
  });
}

/** A patch that removes what is in `before` and not in `now`; without `strategic`, lists are none of its business. */
function removals(before: Fields, now: Fields, strategic: boolean): Fields {
  const patch: Fields = {};
  for (const [field, value] of Object.entries(before)) {
    const left = now[field];
    if (!Object.hasOwn(now, field)) patch[field] = null;
    else if (isFields(value) && isFields(left)) {
      const inner = removals(value, left, strategic);
      if (Object.keys(inner).length > 0) patch[field] = inner;
    } else if (strategic && Array.isArray(value) && Array.isArray(left)) {
      const items = removedItems(field, value, left);
      if (items.length > 0) patch[field] = items;
    }
  }
  return patch;
}

function asApplied(type: ResourceType, value: unknown): ApiObject {
  const object = asObjectOf(type, value);
  if (object.apiVersion === undefined || object.kind === undefined)
    throw badRequest('invalid object type: what is applied has to name its apiVersion and kind');
  if (object.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  return object;
}

/** Applies objects and remembers what each manager applied. */
export class ServerSideApply {
  readonly #store: ObjectStore;
  readonly #writer: ObjectWriter;
  readonly #applied = new Map<string, Fields>();

  constructor(store: ObjectStore, writer: ObjectWriter) {
    this.#store = store;
    this.#writer = writer;
  }

  /** @throws {StatusError} 422 without a manager, 400 for another name, and as create and update do. */
  apply(address: ObjectAddress, value: unknown, options: ApplyOptions): WriteResult {
    const { type, namespace, name } = address;
    if (options.fieldManager === '') {
      const message = 'Required value: is required for apply patch';
      throw invalidOptions('PatchOptions', [
        { reason: 'FieldValueRequired', message, field: 'fieldManager' },
      ]);
    }
    const stored = this.#store.table(type).get(namespace, name);
    const wanted = asApplied(type, value);
    if (stored) wanted.metadata.name ??= name;
    agreeOnName(wanted, name);
    if (!stored) {
      const result = this.#writer.create(type, namespace, wanted, options);
      this.#remember(address, readObject(type, result.stored), wanted, options);
      return result;
    }
    const current = readObject(type, stored);
    const before = this.#applied.get(this.#key(address, current, options)) ?? {};
    const { metadata, ...rest } = wanted;
    const { resourceVersion, uid, ...kept } = metadata;
    const patch = {
      ...rest,
      metadata: { ...kept, ...(resourceVersion && { resourceVersion }), ...(uid && { uid }) },
    };
    const merge = type.builtIn ? strategicMergePatch : mergePatch;
    const merged = merge(merge(current, removals(before, patch, type.builtIn)), patch);
    const result = this.#writer.update(address, merged, options);
    this.#remember(address, current, patch as ApiObject, options);
    return result;
  }

  #key(address: ObjectAddress, object: ApiObject, options: ApplyOptions): string {
    const identity = objectKey(address.namespace, address.name);
    return `${tableName(address.type)}/${identity}/${object.metadata.uid}/${options.fieldManager}`;
  }

  #remember(address: ObjectAddress, object: ApiObject, applied: ApiObject, options: ApplyOptions): void {
    if (options.dryRun !== true)
      this.#applied.set(this.#key(address, object, options), structuredClone(applied));
  }
}
