/** Owns the resource types of a closed loop: those that are built in, those that are named, those that a run shows. */
import { ConfigError, type GroupVersionResource, type KubernetesObject, parseGvr } from '@firn/core';
import type { Registry } from '../api-server/registry.ts';
import { defineResourceType, type ResourceType } from '../api-server/resource-type.ts';

/** Finds the types of recorded resources, and learns what it does not know yet. */
export class KnownTypes {
  readonly #registry: Registry;
  readonly #used = new Set<ResourceType>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Those that somebody has asked for. */
  get used(): Iterable<ResourceType> {
    return this.#used;
  }

  find(gvr: string | GroupVersionResource): ResourceType | undefined {
    const { group, version, resource } = typeof gvr === 'string' ? parseGvr(gvr) : gvr;
    return this.#use(this.#registry.find(group, version, resource));
  }

  /** @throws {ConfigError} `UNKNOWN_KIND`. */
  ofObject({ apiVersion = '', kind = '' }: KubernetesObject): ResourceType {
    const type = this.#use(this.#registry.findKind(apiVersion, kind));
    if (type !== undefined) return type;
    throw new ConfigError(
      `There is no kind ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)} here. Name it in types, as startApiServer has them in resources.`,
      { code: 'UNKNOWN_KIND' },
    );
  }

  /** The type of a recorded object: a custom one is what it looks like. */
  ofRecorded(gvr: string, object: KubernetesObject): ResourceType {
    const known = this.find(gvr);
    if (known !== undefined) return known;
    const { kind, metadata } = object;
    if (kind === undefined)
      throw new ConfigError(
        `The log has an object of ${gvr} without a kind. Name the type in types, as startApiServer has them in resources.`,
        { code: 'UNKNOWN_KIND' },
      );
    const type = defineResourceType({ gvr, kind, namespaced: (metadata?.namespace ?? '') !== '' });
    this.#registry.add(type);
    this.#used.add(type);
    return type;
  }

  #use(type: ResourceType | undefined): ResourceType | undefined {
    if (type !== undefined) this.#used.add(type);
    return type;
  }
}
