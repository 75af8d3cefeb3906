/** Owns what the server knows about one resource type. */
import { type GroupVersionResource, parseGvr } from '@firn/core';

/** A resource type as `startApiServer({ resources })` takes it. */
export interface ResourceTypeOptions {
  /** Group, version and plural, such as `'example.com/v1/widgets'`. */
  readonly gvr: string | GroupVersionResource;
  readonly kind: string;
  /** `true` when left out. */
  readonly namespaced?: boolean;
  /** The kind in lower case when left out. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Whether there is a `status` subresource; `true` when left out. */
  readonly status?: boolean;
  /** Paths that field selectors may name beside `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: readonly string[];
}

/** One version of one resource type. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly status: boolean;
  /** Whether there is a `scale` subresource. */
  readonly scale: boolean;
  readonly selectableFields: readonly string[];
  /** Built-in types leave apiVersion and kind out of list items and take strategic merge patches. */
  readonly builtIn: boolean;
  readonly verbs: readonly string[];
  /** Whether the server counts the changes of an object's specification. */
  readonly generations: boolean;
  /** What an object of this type starts with in JSON: `{"kind":…,"apiVersion":…,`. */
  readonly prefix: Buffer;
}

/** `group/resource`: names the objects of a type whatever version they are asked for in. */
export function tableName(type: { readonly group: string; readonly resource: string }): string {
  return `${type.group}/${type.resource}`;
}

/** `resource.group`, as messages name a resource type. */
export function formatGroupResource(type: { readonly group: string; readonly resource: string }): string {
  return type.group === '' ? type.resource : `${type.resource}.${type.group}`;
}

/** What sets built-in types apart. */
export interface BuiltInTraits {
  readonly builtIn?: boolean;
  readonly scale?: boolean;
  readonly generations?: boolean;
  /** Whether its objects can be deleted one by one only. */
  readonly keepsCollection?: boolean;
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Completes the description of a resource type. */
export function defineResourceType(
  options: ResourceTypeOptions,
  { builtIn = false, scale = false, generations = true, keepsCollection = false }: BuiltInTraits = {},
): ResourceType {
  const gvr = typeof options.gvr === 'string' ? parseGvr(options.gvr) : options.gvr;
  const apiVersion = gvr.group === '' ? gvr.version : `${gvr.group}/${gvr.version}`;
  const typeMeta = JSON.stringify({ kind: options.kind, apiVersion });
  return {
    group: gvr.group,
    version: gvr.version,
    resource: gvr.resource,
    apiVersion,
    kind: options.kind,
    singular: options.singular ?? options.kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    namespaced: options.namespaced ?? true,
    status: options.status ?? true,
    scale,
    selectableFields: options.selectableFields ?? [],
    builtIn,
    verbs: keepsCollection ? VERBS.filter((verb) => verb !== 'deletecollection') : VERBS,
    generations,
    prefix: Buffer.from(`${typeMeta.slice(0, -1)},`),
  };
}
