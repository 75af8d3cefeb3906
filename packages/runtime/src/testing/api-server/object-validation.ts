/** Owns what makes an object acceptable to the server. */
import { checkMetadataShape } from './metadata-shape.ts';
import type { ResourceType } from './resource-type.ts';
import { badRequest, invalid, type StatusCause, StatusError } from './status-error.ts';
import type { ApiObject } from './stored-object.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const QUALIFIED_NAME =
  /^((?=[^/]{1,253}\/)[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?(?!.*[^/]{64}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const STANDARD_FINALIZERS = new Set(['foregroundDeletion', 'kubernetes', 'orphan']);
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

function isNameAllowed(type: ResourceType, name: string): boolean {
  // Roles and their bindings are named by path segments such as `system:admin`.
  if (type.group === 'rbac.authorization.k8s.io') return !/[/%]/.test(name) && name !== '.' && name !== '..';
  if (type.group === '' && type.resource === 'namespaces')
    return name.length <= 63 && SUBDOMAIN.test(name) && !name.includes('.');
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
      !QUALIFIED_NAME.test(key) || typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value),
  );
  if (!wrong) return [];
  const shown = QUALIFIED_NAME.test(wrong[0]) ? wrong[1] : wrong[0];
  return [
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(shown)}: a valid label must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      field: 'metadata.labels',
    },
  ];
}

function annotationCauses(annotations: object | undefined): StatusCause[] {
  const wrong = Object.keys(annotations ?? {}).find((key) => !QUALIFIED_NAME.test(key.toLowerCase()));
  if (wrong === undefined) return [];
  const message = `Invalid value: ${JSON.stringify(wrong.slice(0, 300))}: ${NAME_RULE}`;
  return [{ reason: 'FieldValueInvalid', message, field: 'metadata.annotations' }];
}

function finalizerCauses(finalizers: readonly string[] | undefined): StatusCause[] {
  const wrong = finalizers?.findIndex(
    (name) => !STANDARD_FINALIZERS.has(name) && !(QUALIFIED_NAME.test(name) && name.includes('/')),
  );
  if (wrong === undefined || wrong < 0) return [];
  const shown = JSON.stringify(finalizers?.[wrong]?.slice(0, 300));
  const message = `Invalid value: ${shown}: name is neither a standard finalizer name nor is it fully qualified`;
  return [{ reason: 'FieldValueInvalid', message, field: `metadata.finalizers[${wrong}]` }];
}

/** @throws {StatusError} 422 when name, labels, annotations or finalizers are not allowed. */
export function validateMetadata(type: ResourceType, object: ApiObject): void {
  const { name = '', labels, annotations, finalizers } = object.metadata;
  const causes = [
    ...nameCauses(type, name),
    ...labelCauses(labels),
    ...annotationCauses(annotations),
    ...finalizerCauses(finalizers),
  ];
  if (causes.length > 0) throw invalid(type, name, causes);
}

/** @throws {StatusError} 422 when an object that is being deleted would get finalizers that it did not have. */
export function refuseNewFinalizers(type: ResourceType, current: ApiObject, next: ApiObject): void {
  if (current.metadata.deletionTimestamp === undefined) return;
  const { name = '', finalizers = [] } = current.metadata;
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !finalizers.includes(finalizer));
  if (added.length === 0) return;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  throw invalid(type, name, [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }]);
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

/**
 * Takes what a patch made of an object as an object of its type.
 *
 * @throws {StatusError} 422 when it is none any more, or has another uid.
 */
export function asPatched(type: ResourceType, before: ApiObject, value: unknown): ApiObject {
  const { name = '', uid } = before.metadata;
  try {
    const after = asObjectOf(type, value);
    if ((after.metadata.uid ?? uid) === uid) return after;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const cause = { reason: 'FieldValueInvalid', message: `Invalid value: ${error.message}`, field: 'patch' };
    throw invalid(type, name, [cause]);
  }
  const message = 'Invalid value: field is immutable';
  throw invalid(type, name, [{ reason: 'FieldValueInvalid', message, field: 'metadata.uid' }]);
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
