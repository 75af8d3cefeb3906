/** Owns in which form objects are sent: whole, metadata only, or as a table for kubectl. */

import type { ApiRequest } from './api-request.ts';
import type { Representation } from './representation.ts';
import type { ResourceType } from './resource-type.ts';
import { StatusError } from './status-error.ts';
import { readRowObject, TableRepresentation } from './table-representation.ts';

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
const PARTIAL_PREFIX = Buffer.from(`${JSON.stringify(PARTIAL).slice(0, -1)},`);

function wholeObjects(type: ResourceType): Representation {
  return {
    cacheKey: `${type.version} whole`,
    list: { kind: `${type.kind}List`, apiVersion: type.apiVersion, members: '', items: 'items' },
    object: (stored) => [type.prefix, stored.body],
    // Items of built-in types have neither apiVersion nor kind; those of custom resources have both.
    item: (stored) => [type.builtIn ? OPEN : type.prefix, stored.body],
    bookmark: (resourceVersion, annotations) =>
      JSON.stringify({
        kind: type.kind,
        apiVersion: type.apiVersion,
        metadata: { resourceVersion, ...(annotations && { annotations }) },
      }),
  };
}

const METADATA_ONLY: Representation = {
  cacheKey: 'metadata',
  list: { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', members: '', items: 'items' },
  object: (stored) => [PARTIAL_PREFIX, stored.body.subarray(0, stored.metadataEnd), CLOSE],
  item: (stored) => [PARTIAL_PREFIX, stored.body.subarray(0, stored.metadataEnd), CLOSE],
  bookmark: (resourceVersion, annotations) =>
    JSON.stringify({ ...PARTIAL, metadata: { resourceVersion, ...(annotations && { annotations }) } }),
};

interface AcceptedForm {
  readonly type: string;
  readonly as: string | undefined;
}

function acceptedForms(accept: string): AcceptedForm[] {
  return accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const as = parameters.find((parameter) => parameter.startsWith('as='));
    return { type, as: as?.slice(3) };
  });
}

const JSON_TYPES = new Set(['', '*/*', 'application/*', 'application/json']);

/**
 * Chooses the form that the `Accept` header asks for.
 *
 * @throws {StatusError} 406 when JSON is not acceptable, or a list is asked for as a single object; 400 for a table
 * whose rows should carry something unknown.
 */
export function chooseRepresentation(
  type: ResourceType,
  request: ApiRequest,
  asked: 'object' | 'list' | 'watch',
  now: number,
): Representation {
  const form = acceptedForms(request.headers.accept ?? '').find(({ type }) => JSON_TYPES.has(type));
  if (!form) {
    throw new StatusError({
      code: 406,
      message: 'only the following media types are accepted: application/json',
      details: {},
    });
  }
  if (form.as === 'Table') return new TableRepresentation(type, now, readRowObject(request));
  if (form.as === undefined) return wholeObjects(type);
  const expected = asked === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  if (form.as !== expected) {
    throw new StatusError({
      code: 406,
      message: `you requested ${form.as.slice(0, 64)}, but the requested object is ${asked === 'list' ? 'a list' : 'one object'}`,
    });
  }
  return METADATA_ONLY;
}
