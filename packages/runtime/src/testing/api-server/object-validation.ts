/** Owns what makes an object acceptable to the server. */
import { checkMetadataShape } from './metadata-shape.ts';
import type { ResourceType } from './resource-type.ts';
import { badRequest, invalid, type StatusCause } from './status-error.ts';
import type { ApiObject } from './stored-object.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

function isNameAllowed(type: ResourceType, name: string): boolean {
  // Roles and their bindings are named by path segments such as `system:admin`.
  if (type.group === 'rbac.authorization.k8s.io') return !/[/%]/.test(name) && name !== '.' && name !== '..';
  return name.length <= 253 && SUBDOMAIN.test(name);
}

function nameCauses(type: ResourceType, name: string): StatusCause[] {
  if (name === '') {
    const message = 'Required value: name or generateName is required';
    return [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }];
  }
  if (isNameAllowed(type, name)) return [];
  const message = `Invalid value: ${JSON.stringify(name.slice(0, 300))}: ${SUBDOMAIN_RULE}`;
  return [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }];
}

function labelCauses(labels: unknown): StatusCause[] {
  const wrong = Object.entries((labels ?? {}) as Record<string, unknown>).find(
    ([key, value]) =>
      !LABEL_KEY.test(key) || typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value),
  );
  if (!wrong) return [];
  const shown = LABEL_KEY.test(wrong[0]) ? wrong[1] : wrong[0];
  return [
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(shown)}: a valid label must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      field: 'metadata.labels',
    },
  ];
}

/** @throws {StatusError} 422 when name or labels are not allowed. */
export function validateMetadata(type: ResourceType, object: ApiObject): void {
  const name = object.metadata.name ?? '';
  const causes = [...nameCauses(type, name), ...labelCauses(object.metadata.labels)];
  if (causes.length > 0) throw invalid(type, name, causes);
}

/**
 * Takes parsed JSON as an object of a type.
 *
 * @throws {StatusError} 400 when it is none, or one of another kind.
 */
export function asObjectOf(type: ResourceType, value: unknown): ApiObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('the body of the request is not a JSON object');
  const object = value as Partial<ApiObject>;
  const { apiVersion = type.apiVersion, kind = type.kind, metadata = {} } = object;
  if (apiVersion !== type.apiVersion || kind !== type.kind) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${type.kind}): it is ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}, not of ${JSON.stringify(type.apiVersion)}`,
    );
  }
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    throw badRequest('metadata is not an object');
  checkMetadataShape(type, metadata as Readonly<Record<string, unknown>>);
  const given = Object.entries(metadata).filter(([, value]) => value !== null);
  return { ...object, metadata: Object.fromEntries(given) };
}

/** @throws {StatusError} 400 when the namespace of the object is another than that of the request. */
export function agreeOnNamespace(type: ResourceType, object: ApiObject, namespace: string): void {
  const own = object.metadata.namespace ?? '';
  if (!type.namespaced) {
    if (own !== '') delete object.metadata.namespace;
    return;
  }
  if (own !== '' && own !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  object.metadata.namespace = namespace;
}

/** @throws {StatusError} 400 when the object has another name than the request. */
export function agreeOnName(object: ApiObject, name: string): void {
  const own = object.metadata.name ?? '';
  if (own === name) return;
  throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
}

/** @throws {StatusError} 422 for a custom resource that is updated without saying which version it was made from. */
export function requireVersion(type: ResourceType, object: ApiObject, name: string): void {
  if (type.builtIn || object.metadata.resourceVersion) return;
  throw invalid(type, name, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    },
  ]);
}
