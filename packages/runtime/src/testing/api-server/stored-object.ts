/** Owns one version of one object as the server keeps it: its JSON bytes and what selectors need of it. */
import type { ResourceType } from './resource-type.ts';

/** Plain JSON with the metadata that the server itself reads. */
export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata: ApiMetadata;
  [field: string]: unknown;
}

/** The metadata that the server itself reads and writes. */
export interface ApiMetadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  [field: string]: unknown;
}

/** One version of one object; never changed once it is made. */
export interface StoredObject {
  readonly namespace: string;
  readonly name: string;
  /** Position in the order of versions of the whole server. */
  readonly version: number;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Values of the type's selectable fields, in their order. */
  readonly fields: readonly string[];
  /** The JSON text after apiVersion and kind: `"metadata":{…},…}`. */
  readonly body: Buffer;
  /** Where the metadata ends in `body`. */
  readonly metadataEnd: number;
  /** Where the digits of the resource version begin in `body`. */
  readonly versionStart: number;
  readonly versionEnd: number;
}

/** `namespace/name`, or the name alone: the order in which a real server lists objects. */
export function objectKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

const BEFORE_VERSION = ['name', 'generateName', 'namespace', 'uid'];
const AFTER_VERSION = [
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

function members(metadata: ApiMetadata, names: readonly string[]): string {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (metadata[name] !== undefined) picked[name] = metadata[name];
  return JSON.stringify(picked).slice(1, -1);
}

// What a real server fills in where a field is missing.
const FIELD_DEFAULTS: Readonly<Record<string, string>> = {
  'spec.hostNetwork': 'false',
  'spec.unschedulable': 'false',
};

function fieldText(object: ApiObject, path: string): string {
  let value: unknown = object;
  for (const part of path.replace(/^\./, '').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return FIELD_DEFAULTS[path] ?? '';
    value = (value as Record<string, unknown>)[part];
  }
  return typeof value === 'object' ? '' : String(value);
}

interface Version {
  readonly number: number;
  readonly text: string;
}

/** Serialises an object once, for every list and watch that will send this version of it. */
export function storeObject(type: ResourceType, object: ApiObject, version: Version): StoredObject {
  return storeWith(type, object, version, AFTER_VERSION);
}

/** The same for an object whose metadata are kept whatever they are, its resource version too. */
export function storeAsItIs(type: ResourceType, object: ApiObject, position: number): StoredObject {
  const { resourceVersion: text = '', ...others } = object.metadata;
  const after = Object.keys(others).filter((name) => !BEFORE_VERSION.includes(name));
  return storeWith(type, object, { number: position, text }, after);
}

function storeWith(
  type: ResourceType,
  object: ApiObject,
  version: Version,
  afterVersion: readonly string[],
): StoredObject {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const before = `"metadata":{${members(metadata, BEFORE_VERSION)},"resourceVersion":"`;
  const after = members(metadata, afterVersion);
  const head = `${before}${version.text}"${after === '' ? '' : `,${after}`}}`;
  const tail = JSON.stringify(rest);
  const versionStart = Buffer.byteLength(before);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    version: version.number,
    labels: metadata.labels,
    fields: type.selectableFields.map((path) => fieldText(object, path)),
    body: Buffer.from(tail === '{}' ? `${head}}` : `${head},${tail.slice(1)}`),
    metadataEnd: Buffer.byteLength(head),
    versionStart,
    versionEnd: versionStart + version.text.length,
  };
}

/** The same contents at another version. */
export function atVersion(stored: StoredObject, version: Version): StoredObject {
  const grown = version.text.length - (stored.versionEnd - stored.versionStart);
  return {
    ...stored,
    version: version.number,
    body: Buffer.concat([
      stored.body.subarray(0, stored.versionStart),
      Buffer.from(version.text),
      stored.body.subarray(stored.versionEnd),
    ]),
    metadataEnd: stored.metadataEnd + grown,
    versionEnd: stored.versionEnd + grown,
  };
}

/** Parses a stored object; the result is the caller's own. */
export function readObject(type: ResourceType, stored: StoredObject): ApiObject {
  const rest = JSON.parse(`{${stored.body.toString()}`) as ApiObject;
  return { kind: type.kind, apiVersion: type.apiVersion, ...rest };
}
