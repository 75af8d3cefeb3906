/** Owns the formats of discovery documents: from JSON to resource types; what is malformed is left out. */
import { isJsonObject } from '../transport/parse-json-bytes.ts';
import type { ResolvedResource } from './resolved-resource.ts';

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

interface Described {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly singular: string;
  readonly entry: Record<string, unknown>;
}

function resolved(described: Described): ResolvedResource[] {
  const { group, version, resource, kind, namespaced, singular, entry } = described;
  if (version === '' || resource === '' || resource.includes('/') || kind === '') return [];
  return [
    Object.freeze({
      gvr: Object.freeze({ group, version, resource }),
      kind,
      namespaced,
      verbs: Object.freeze(texts(entry.verbs)),
      shortNames: Object.freeze(texts(entry.shortNames)),
      singular,
    }),
  ];
}

/** One group and version, and where its resources stand unless they are given. */
export interface DiscoveredVersion {
  /** `networking.k8s.io/v1`, `v1`. */
  readonly groupVersion: string;
  readonly group: string;
  readonly version: string;
  /** `undefined`: ask `/apis/<groupVersion>`. */
  readonly resources: readonly ResolvedResource[] | undefined;
  /** The server could not ask the API server behind it. */
  readonly stale: boolean;
}

function versionOf(
  group: string,
  version: string,
  more: { resources?: readonly ResolvedResource[]; stale?: boolean } = {},
): DiscoveredVersion {
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { groupVersion, group, version, resources: more.resources, stale: more.stale ?? false };
}

/** The versions in an `APIGroupDiscoveryList`: preferred ones first, resources included. */
function aggregated(document: Record<string, unknown>): DiscoveredVersion[] {
  return objects(document.items).flatMap((item) => {
    const group = isJsonObject(item.metadata) ? text(item.metadata.name) : '';
    return objects(item.versions).map((entry) => {
      const version = text(entry.version);
      const resources = objects(entry.resources).flatMap((resource) =>
        resolved({
          group,
          version,
          resource: text(resource.resource),
          kind: isJsonObject(resource.responseKind) ? text(resource.responseKind.kind) : '',
          namespaced: resource.scope === 'Namespaced',
          singular: text(resource.singularResource),
          entry: resource,
        }),
      );
      return versionOf(group, version, { resources, stale: entry.freshness === 'Stale' });
    });
  });
}

/** The versions in an `APIGroupList`: preferred ones first, without resources. */
function groups(document: Record<string, unknown>): DiscoveredVersion[] {
  return objects(document.groups).flatMap((entry) => {
    const preferred = isJsonObject(entry.preferredVersion) ? text(entry.preferredVersion.version) : '';
    const versions = objects(entry.versions).map(({ version }) => text(version));
    const ordered = [...versions.filter((v) => v === preferred), ...versions.filter((v) => v !== preferred)];
    return ordered.map((version) => versionOf(text(entry.name), version));
  });
}

/** The groups and versions of a discovery document, or `undefined` if it is none. */
export function readVersions(document: unknown): DiscoveredVersion[] | undefined {
  if (!isJsonObject(document)) return undefined;
  switch (document.kind) {
    case 'APIGroupDiscoveryList':
      return aggregated(document);
    case 'APIGroupList':
      return groups(document);
    case 'APIVersions':
      return texts(document.versions).map((version) => versionOf('', version));
    default:
      return undefined;
  }
}

/** The resource types of an `APIResourceList`, or `undefined` if it is none. */
export function readResources(
  document: unknown,
  { group, version }: { readonly group: string; readonly version: string },
): ResolvedResource[] | undefined {
  if (!isJsonObject(document) || document.kind !== 'APIResourceList') return undefined;
  return objects(document.resources).flatMap((entry) =>
    resolved({
      group,
      version,
      resource: text(entry.name),
      kind: text(entry.kind),
      namespaced: entry.namespaced === true,
      singular: text(entry.singularName),
      entry,
    }),
  );
}
