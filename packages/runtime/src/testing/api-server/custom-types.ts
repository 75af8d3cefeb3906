/** Owns the resource types that a CustomResourceDefinition brings. */
import { defineResourceType, type ResourceType } from './resource-type.ts';
import type { ApiObject } from './stored-object.ts';

interface DefinitionVersion {
  readonly name: string;
  readonly served?: boolean;
  readonly subresources?: { readonly status?: object };
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

interface DefinitionSpec {
  readonly group: string;
  readonly scope?: string;
  readonly names: {
    readonly plural: string;
    readonly kind: string;
    readonly singular?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  };
  readonly versions?: readonly DefinitionVersion[];
}

/** One type for each version that is served. */
export function customTypes(definition: ApiObject): ResourceType[] {
  const spec = definition.spec as DefinitionSpec | undefined;
  if (!spec?.names?.plural || !spec.names.kind || !spec.group) return [];
  const { names } = spec;
  const versions = (spec.versions ?? []).filter((version) => version.served !== false);
  return versions.map((version) =>
    defineResourceType({
      gvr: { group: spec.group, version: version.name, resource: names.plural },
      kind: names.kind,
      namespaced: spec.scope !== 'Cluster',
      ...(names.singular !== undefined && { singular: names.singular }),
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      status: version.subresources?.status !== undefined,
      selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    }),
  );
}
