/** Owns everything the server knows, and the writes that a test makes directly. */
import { ConfigError, formatGvr, type GroupVersionResource, type KubernetesObject } from '@firn/core';
import type { Clock } from '@firn/stores';
import { builtInTypes } from './built-in-types.ts';
import { customTypes } from './custom-types.ts';
import { mergePatch } from './merge-patch.ts';
import { ObjectStore } from './object-store.ts';
import { type ObjectAddress, ObjectWriter } from './object-writer.ts';
import { RandomSource } from './random-source.ts';
import { Registry } from './registry.ts';
import { defineResourceType, type ResourceType, type ResourceTypeOptions } from './resource-type.ts';
import { ServerSideApply } from './server-side-apply.ts';
import { notFound } from './status-error.ts';
import { type ApiObject, readObject } from './stored-object.ts';
import { VersionCounter } from './version-counter.ts';

/** What the state begins with. */
export interface ClusterStateOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly history: number;
  readonly versionBase: bigint;
  readonly resources: readonly ResourceTypeOptions[];
  readonly objects: Iterable<KubernetesObject>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Resource types, objects, and who writes them. */
export class ClusterState {
  readonly #registry = new Registry();
  readonly #store: ObjectStore;
  readonly #writer: ObjectWriter;
  readonly #apply: ServerSideApply;

  constructor(options: ClusterStateOptions) {
    this.#store = new ObjectStore(new VersionCounter(options.versionBase, 1), options.history);
    this.#writer = new ObjectWriter(this.#store, options.clock, new RandomSource(options.seed));
    this.#apply = new ServerSideApply(this.#store, this.#writer);
    for (const type of builtInTypes()) this.#registry.add(type);
    for (const resource of options.resources) this.#registry.add(defineResourceType(resource));
    for (const name of NAMESPACES) this.#load({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const object of options.objects) this.#load(object);
    this.#followDefinitions();
    this.#store.compact();
  }

  /** What handlers work with. */
  get parts(): { registry: Registry; store: ObjectStore; writer: ObjectWriter; apply: ServerSideApply } {
    return { registry: this.#registry, store: this.#store, writer: this.#writer, apply: this.#apply };
  }

  get resourceVersion(): string {
    return this.#store.versions.text(this.#store.versions.current);
  }

  create(object: KubernetesObject): ApiObject {
    const { type, namespace } = this.#address(object);
    return readObject(type, this.#writer.create(type, namespace, object, { part: 'both' }).stored);
  }

  update(object: KubernetesObject): ApiObject {
    const address = this.#address(object);
    return readObject(address.type, this.#writer.update(address, object, { part: 'both' }).stored);
  }

  patch(object: KubernetesObject): ApiObject {
    const address = this.#address(object);
    const stored = this.#store.table(address.type).get(address.namespace, address.name);
    if (!stored) throw notFound(address.type, address.name);
    const merged = mergePatch(readObject(address.type, stored), object);
    return readObject(address.type, this.#writer.update(address, merged, { part: 'both' }).stored);
  }

  delete(object: KubernetesObject): ApiObject {
    const address = this.#address(object);
    return readObject(address.type, this.#writer.delete(address).stored);
  }

  list(gvr: GroupVersionResource): ApiObject[] {
    const type = this.#registry.find(gvr.group, gvr.version, gvr.resource);
    if (!type) {
      throw new ConfigError(
        `The embedded API server does not know ${formatGvr(gvr)}; name it in resources.`,
        {
          code: 'UNKNOWN_RESOURCE',
        },
      );
    }
    return [...this.#store.table(type).objects.values()].map((stored) => readObject(type, stored));
  }

  compact(): void {
    this.#store.compact();
  }

  #load(object: KubernetesObject): void {
    const { type } = this.#address(object);
    const loaded = this.#writer.load(type, object);
    if (type.resource === 'customresourcedefinitions') this.#define(loaded);
  }

  #address(object: KubernetesObject): ObjectAddress {
    const { apiVersion = '', kind = '', metadata = {} } = object;
    const type: ResourceType | undefined = this.#registry.findKind(apiVersion, kind);
    if (!type) {
      throw new ConfigError(
        `The embedded API server does not know kind ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}; name it in resources, or create its CustomResourceDefinition first.`,
        { code: 'UNKNOWN_KIND' },
      );
    }
    const { namespace, name = '' } = metadata;
    return { type, namespace: type.namespaced ? (namespace ?? 'default') : '', name };
  }

  #define(definition: ApiObject): void {
    for (const type of customTypes(definition)) this.#registry.add(type);
  }

  #followDefinitions(): void {
    const definitions = this.#registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
    const namespaces = this.#registry.find('', 'v1', 'namespaces');
    if (!definitions || !namespaces) return;
    this.#store.table(definitions).subscribe((event) => {
      if (event.previous)
        this.#undefine(customTypes(readObject(definitions, event.previous)), event.type === 'DELETED');
      if (event.type !== 'DELETED') this.#define(readObject(definitions, event.object));
    });
    this.#store.table(namespaces).subscribe((event) => {
      if (event.type === 'DELETED') this.#removeContents(event.object.name);
    });
  }

  #undefine(types: readonly ResourceType[], withObjects: boolean): void {
    for (const type of types) {
      if (withObjects)
        for (const stored of this.#store.table(type).objects.clone().values())
          this.#store.remove(type, stored);
      this.#registry.remove(type);
    }
  }

  #removeContents(namespace: string): void {
    for (const type of this.#registry.all().toArray()) {
      if (!type.namespaced) continue;
      for (const stored of this.#store.table(type).objects.clone().values())
        if (stored.namespace === namespace) this.#writer.delete({ type, namespace, name: stored.name });
    }
  }
}
