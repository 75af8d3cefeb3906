/** Owns the few fields that the server fills in for built-in types. */
import type { ResourceType } from './resource-type.ts';
import type { ApiObject } from './stored-object.ts';

type Fields = Record<string, unknown>;

function base64Values(values: Fields): Fields {
  const encoded = Object.entries(values).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return Object.fromEntries(encoded);
}

function acceptDefinition(object: ApiObject): void {
  const { names, versions = [] } = (object.spec ?? {}) as { names?: object; versions?: { name?: string }[] };
  // Ours is established the moment it is written; in a real server that takes a little longer.
  object.status = {
    acceptedNames: names,
    storedVersions: versions.map((version) => version.name),
    conditions: ['NamesAccepted', 'Established'].map((type) => ({
      type,
      status: 'True',
      reason: type === 'Established' ? 'InitialNamesAccepted' : 'NoConflicts',
      lastTransitionTime: object.metadata.creationTimestamp,
    })),
  };
}

const DEFAULTS: Readonly<Record<string, (object: ApiObject) => void>> = {
  'apiextensions.k8s.io/customresourcedefinitions': acceptDefinition,
  '/namespaces': (object) => {
    object.metadata.labels = {
      'kubernetes.io/metadata.name': object.metadata.name ?? '',
      ...object.metadata.labels,
    };
    object.spec ??= { finalizers: ['kubernetes'] };
    object.status ??= { phase: 'Active' };
  },
  '/secrets': (object) => {
    object.type ??= 'Opaque';
    const plain = object.stringData;
    if (plain === undefined) return;
    object.data = { ...(object.data as Fields), ...base64Values(plain as Fields) };
    delete object.stringData;
  },
  '/pods': (object) => {
    object.status = { phase: 'Pending', ...(object.status as Fields) };
  },
};

/** Fills in what a real server would, in place, as far as lists and selectors show it. */
export function applyDefaults(type: ResourceType, object: ApiObject): void {
  if (type.builtIn) DEFAULTS[`${type.group}/${type.resource}`]?.(object);
}
