/** Owns which JSON types the fields of an object's metadata may have. */
import type { ResourceType } from './resource-type.ts';
import { badRequest } from './status-error.ts';

type Check = (value: unknown) => boolean;

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextMap(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value) && Object.values(value ?? {}).every(isText);
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isObjectList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && !Array.isArray(item));
}

const CHECKS: Readonly<Record<string, Check>> = {
  name: isText,
  generateName: isText,
  namespace: isText,
  uid: isText,
  resourceVersion: isText,
  labels: isTextMap,
  annotations: isTextMap,
  finalizers: isTextList,
  ownerReferences: isObjectList,
};

/** @throws {StatusError} 400 when a field of the metadata is of another type than it should be; `null` counts as left out. */
export function checkMetadataShape(type: ResourceType, metadata: Readonly<Record<string, unknown>>): void {
  const wrong = Object.keys(CHECKS).find((field) => {
    const value = metadata[field] ?? undefined;
    return value !== undefined && CHECKS[field]?.(value) !== true;
  });
  if (wrong === undefined) return;
  const { kind, version } = type;
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: metadata.${wrong} is of a wrong type`,
  );
}
