/** Owns the state of the world at one moment. */
import { type GroupVersionResource, type KubernetesObject, parseGvr } from '@firn/core';
import type { ObjectTree } from '../api-server/object-table.ts';
import { type ResourceType, tableName } from '../api-server/resource-type.ts';
import { objectKey, readObject } from '../api-server/stored-object.ts';

/** What the world truly was like, whatever the controller could see of it. */
export class Truth {
  readonly #trees: ReadonlyMap<string, { readonly type: ResourceType; readonly tree: ObjectTree }>;
  readonly #gvrOf: (resource: string) => string;

  constructor(
    trees: ReadonlyMap<string, { readonly type: ResourceType; readonly tree: ObjectTree }>,
    gvrOf: (resource: string) => string,
  ) {
    this.#trees = trees;
    this.#gvrOf = gvrOf;
  }

  /** All objects of a resource: its name in the log, or `group/version/resource`. */
  list<T extends KubernetesObject = KubernetesObject>(resource: string | GroupVersionResource): readonly T[] {
    const found = this.#find(resource);
    if (found === undefined) return [];
    return [...found.tree.values()].map((stored) => readObject(found.type, stored) as unknown as T);
  }

  /** One object; undefined if there was none. */
  find<T extends KubernetesObject = KubernetesObject>(
    resource: string | GroupVersionResource,
    namespace: string,
    name: string,
  ): T | undefined {
    const found = this.#find(resource);
    const stored = found?.tree.get(objectKey(namespace, name));
    return found && stored && (readObject(found.type, stored) as unknown as T);
  }

  #find(resource: string | GroupVersionResource): { type: ResourceType; tree: ObjectTree } | undefined {
    const gvr = typeof resource === 'string' ? parseGvr(this.#gvrOf(resource)) : resource;
    return this.#trees.get(tableName(gvr));
  }
}
