/** Owns what a request to the API server asks for, read from method, path and query. */
import type { GroupVersionResource } from '@firn/core';

/** What a request does, as the request log and faults name it. */
export type RequestKind =
  | 'list'
  | 'watch'
  | 'watch-list'
  | 'get'
  | 'create'
  | 'update'
  | 'patch'
  | 'apply'
  | 'delete'
  | 'deletecollection'
  | 'discovery'
  | 'openapi'
  | 'version'
  | 'health'
  | 'other';

/** Where a request points to when it points to resources. */
export interface ResourcePath extends GroupVersionResource {
  readonly namespace: string;
  /** `''` for a collection. */
  readonly name: string;
  /** `''` for the object itself. */
  readonly subresource: string;
}

/** A request, taken apart. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case; without the value of `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly kind: RequestKind;
  readonly target: ResourcePath | undefined;
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

function resourcePath(path: string): ResourcePath | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const [group, version] = core ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(core ? 2 : 3);
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? '');
  const [resource = '', name = '', subresource = '', ...more] = inNamespace ? rest.slice(2) : rest;
  if (more.length > 0) return undefined;
  return { group, version, resource, namespace: inNamespace ? (rest[1] ?? '') : '', name, subresource };
}

function readKind(query: Readonly<Record<string, string>>): RequestKind {
  if (!isTrue(query.watch)) return 'list';
  return isTrue(query.sendInitialEvents) ? 'watch-list' : 'watch';
}

/** Whether a query parameter says yes: whatever is there does, except `false` and `0`. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value.toLowerCase() !== 'false';
}

function resourceKind(
  method: string,
  target: ResourcePath,
  query: Readonly<Record<string, string>>,
  contentType: string,
): RequestKind {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return target.name === '' ? readKind(query) : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return contentType.startsWith('application/apply-patch') ? 'apply' : 'patch';
    case 'DELETE':
      return target.name === '' ? 'deletecollection' : 'delete';
    default:
      return 'other';
  }
}

function plainKind(path: string): RequestKind {
  if (/^\/(api|apis)(\/|$)/.test(path)) return 'discovery';
  if (path.startsWith('/openapi')) return 'openapi';
  if (path === '/version') return 'version';
  return /^\/(readyz|livez|healthz)(\/|$)/.test(path) ? 'health' : 'other';
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Takes a request apart; `url` is the path with its query. */
export function readApiRequest(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ApiRequest {
  const [rawPath = '/', ...queryParts] = url.split('?');
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(queryParts.join('?'))) query[name] ??= value;
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    plain[name] = name === 'authorization' ? '(not kept)' : String(value);
  }
  const path = decodePath(rawPath) ?? rawPath;
  const target = resourcePath(path);
  const kind = target ? resourceKind(method, target, query, plain['content-type'] ?? '') : plainKind(path);
  return Object.freeze({
    method,
    path,
    query: Object.freeze(query),
    headers: Object.freeze(plain),
    kind,
    target,
  });
}
