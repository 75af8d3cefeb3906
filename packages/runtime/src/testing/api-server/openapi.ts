/** Owns as much OpenAPI as kubectl needs: which types take which patches, and that fields are checked by the server. */
import type { Registry } from './registry.ts';
import type { ResourceType } from './resource-type.ts';
import { noSuchResource } from './status-error.ts';

const PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

// What `kubectl explain` shows.
const NO_SCHEMA = 'The API server embedded in this test has no schemas: it keeps any field that it is given.';

function path(type: ResourceType): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  return type.namespaced
    ? `${root}/namespaces/{namespace}/${type.resource}/{name}`
    : `${root}/${type.resource}/{name}`;
}

function pathDocument(type: ResourceType): object {
  const { group, version, kind } = type;
  const patches = [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/apply-patch+yaml',
  ];
  // Strategic merge is left out: kubectl would look for its keys in the schema instead of knowing them itself.
  const content = Object.fromEntries(patches.map((name) => [name, { schema: { type: 'object' } }]));
  return {
    patch: {
      operationId: `patch${kind}`,
      parameters: PARAMETERS,
      requestBody: { content },
      responses: { 200: { description: 'OK' } },
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind },
    },
  };
}

function document(types: readonly ResourceType[]): object {
  const schemas = types.map((type) => {
    const { group, version, kind } = type;
    const schema = {
      type: 'object',
      description: NO_SCHEMA,
      'x-kubernetes-preserve-unknown-fields': true,
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    };
    return [`${group === '' ? 'core' : group}.${version}.${kind}`, schema];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'firn', version: 'v1.37.0' },
    paths: Object.fromEntries(types.map((type) => [path(type), pathDocument(type)])),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
// `swagger`, the document's first field, and nothing else.
const V2_PROTOBUF = Buffer.from('\n\x032.0');

/** What the server answers to a request for OpenAPI, and in which form. */
export interface OpenApiAnswer {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

// kubectl reads version 2 in protobuf only, and needs it to take a `List` apart.
function versionTwo(accept: string): OpenApiAnswer {
  if (/proto-openapi\.spec\.v2@?.*\+protobuf/.test(accept))
    return { contentType: PROTOBUF, body: V2_PROTOBUF };
  return json({ swagger: '2.0', info: { title: 'firn', version: 'v1.37.0' }, paths: {}, definitions: {} });
}

function json(value: object): OpenApiAnswer {
  return { contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}

function groupVersionPath(type: ResourceType): string {
  return type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`;
}

/**
 * Answers `/openapi/v3` and what lies below; `/openapi/v2` is a document without definitions.
 *
 * @throws {StatusError} 404 for anything else.
 */
export function answerOpenApi(registry: Registry, requested: string, accept: string): OpenApiAnswer {
  const types = registry.all().toArray();
  if (requested === '/openapi/v2') return versionTwo(accept);
  if (requested === '/openapi/v3') {
    const paths = types.map((type) => {
      const name = groupVersionPath(type);
      return [name, { serverRelativeURL: `/openapi/v3/${name}` }];
    });
    return json({ paths: Object.fromEntries(paths) });
  }
  const wanted = types.filter((type) => requested === `/openapi/v3/${groupVersionPath(type)}`);
  if (wanted.length === 0) throw noSuchResource();
  return json(document(wanted));
}
