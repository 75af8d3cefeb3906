/** Owns which resource types the server serves, now. */
import type { ResourceType } from './resource-type.ts';

function gvrKey(group: string, version: string, resource: string): string {
  return `${group}/${version}/${resource}`;
}

/** The resource types by path and by kind. */
export class Registry {
  readonly #byGvr = new Map<string, ResourceType>();
  readonly #byKind = new Map<string, ResourceType>();

  /** Adds a type, or replaces the one of the same group, version and plural. */
  add(type: ResourceType): void {
    this.#byGvr.set(gvrKey(type.group, type.version, type.resource), type);
    this.#byKind.set(`${type.apiVersion}/${type.kind}`, type);
  }

  remove(type: ResourceType): void {
    this.#byGvr.delete(gvrKey(type.group, type.version, type.resource));
    this.#byKind.delete(`${type.apiVersion}/${type.kind}`);
  }

  find(group: string, version: string, resource: string): ResourceType | undefined {
    return this.#byGvr.get(gvrKey(group, version, resource));
  }

  findKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** All types, in the order in which they were added. */
  all(): IteratorObject<ResourceType> {
    return this.#byGvr.values();
  }

  hasGroup(group: string): boolean {
    return this.all().some((type) => type.group === group);
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.all().some((type) => type.group === group && type.version === version);
  }
}
