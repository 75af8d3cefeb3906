/** Owns the way of a request through the server: log, faults, authentication, handler, failure. */
import { formatGvr } from '@firn/core';
import type { RequestKind } from './api-request.ts';
import { chooseRepresentation } from './choose-representation.ts';
import { answerDiscovery } from './discovery.ts';
import type { Exchange } from './exchange.ts';
import type { FaultRules } from './fault.ts';
import { type InjectedFaults, injectFaults } from './fault-injection.ts';
import { handleList } from './list-handler.ts';
import type { ObjectAddress } from './object-writer.ts';
import { answerOpenApi } from './openapi.ts';
import type { Registry } from './registry.ts';
import type { RequestLog } from './request-log.ts';
import type { ResourceType } from './resource-type.ts';
import { handleScale } from './scale-handler.ts';
import { readSelection } from './selection.ts';
import { badRequest, methodNotAllowed, noSuchResource, StatusError } from './status-error.ts';
import { handleWatch, type WatchContext } from './watch-handler.ts';
import { handleGet, handleWrite, isWriteKind, type WriteContext } from './write-handler.ts';

/** Everything that requests are answered from. */
export interface RouterContext extends WatchContext, WriteContext {
  readonly registry: Registry;
  readonly faults: FaultRules;
  readonly log: RequestLog;
  /** The bearer tokens that are let in; undefined: everybody is. */
  readonly tokens: () => readonly string[] | undefined;
  /** Why nothing may be written; undefined: it may. */
  readonly readOnly: string | undefined;
}

// What may be done with a status.
const STATUS_KINDS: ReadonlySet<RequestKind> = new Set(['get', 'update', 'patch', 'apply']);

const VERSION = {
  major: '1',
  minor: '37',
  gitVersion: 'v1.37.0+firn',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform}/${process.arch}`,
};

function authenticate(context: RouterContext, exchange: Exchange): void {
  const tokens = context.tokens();
  if (tokens === undefined) return;
  const token = /^Bearer\s+(\S+)\s*$/i.exec(exchange.authorization ?? '')?.[1];
  if (token === undefined || !tokens.includes(token))
    throw new StatusError({ code: 401, message: 'Unauthorized' });
}

/** Before anything else is looked at, so that no path, known or not, leads to a write. */
function refuseWrite({ readOnly }: RouterContext, { request }: Exchange): void {
  if (readOnly === undefined || request.method === 'GET' || request.method === 'HEAD') return;
  throw methodNotAllowed(readOnly);
}

function findType(context: RouterContext, exchange: Exchange): ResourceType {
  const { target } = exchange.request;
  const type = target && context.registry.find(target.group, target.version, target.resource);
  if (!target || !type) throw noSuchResource();
  const { subresource, namespace, name } = target;
  const hasSubresource = (subresource === 'status' && type.status) || (subresource === 'scale' && type.scale);
  if (subresource !== '' && !hasSubresource) throw noSuchResource();
  if (!type.namespaced && namespace !== '') throw noSuchResource();
  if (type.namespaced && namespace === '' && name !== '') throw noSuchResource();
  return type;
}

async function answerResource(
  context: RouterContext,
  exchange: Exchange,
  faults: InjectedFaults,
): Promise<void> {
  const type = findType(context, exchange);
  const { kind, target } = exchange.request;
  const { namespace = '', name = '' } = target ?? {};
  const address: ObjectAddress = { type, namespace, name };
  if (target?.subresource === 'scale') return handleScale(context, exchange, address);
  if (target?.subresource && !STATUS_KINDS.has(kind)) throw methodNotAllowed();
  if (isWriteKind(kind)) {
    const toCollection = kind === 'create' || kind === 'deletecollection';
    if (toCollection !== (name === '')) throw methodNotAllowed();
    if (kind === 'deletecollection' && !type.verbs.includes(kind)) throw methodNotAllowed();
    if (kind === 'create' && type.namespaced && namespace === '') throw methodNotAllowed();
    return handleWrite(context, exchange, kind, address);
  }
  if (kind === 'get') return handleGet(context, exchange, address);
  if (kind === 'other') throw methodNotAllowed();
  const form = kind === 'list' ? 'list' : 'watch';
  const representation = chooseRepresentation(type, exchange.request, form, context.clock.now());
  const selection = readSelection(type, exchange.request);
  if (kind !== 'list')
    return handleWatch(context, exchange, { type, selection, representation, wrap: faults.wrapFrames });
  const staleAt =
    faults.staleAt === undefined ? undefined : context.store.versionsOf(type).parse(faults.staleAt);
  return handleList(context, exchange, { type, selection, representation, staleAt });
}

function answerPlain(context: RouterContext, exchange: Exchange): void {
  const { kind, path, headers, method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  switch (kind) {
    case 'version':
      exchange.json(200, VERSION);
      break;
    case 'health':
      exchange.respond(200, 'text/plain; charset=utf-8', 'ok');
      break;
    case 'discovery': {
      const address = headers.host ?? '';
      const answer = answerDiscovery(context.registry, path, headers.accept ?? '', address);
      exchange.respond(200, answer.contentType, `${JSON.stringify(answer.document)}\n`);
      break;
    }
    case 'openapi': {
      const answer = answerOpenApi(context.registry, path, headers.accept ?? '');
      exchange.respond(200, answer.contentType, answer.body);
      break;
    }
    default:
      throw noSuchResource();
  }
}

function isOutsideAllGroups(context: RouterContext, exchange: Exchange): boolean {
  const [, root, group] = exchange.request.path.split('/');
  if (root === 'api') return false;
  return root !== 'apis' || (group !== undefined && !context.registry.hasGroup(group));
}

function sendFailure(context: RouterContext, exchange: Exchange, error: unknown): void {
  const refused =
    error instanceof StatusError
      ? error
      : new StatusError({ code: 500, message: `the embedded API server failed: ${String(error)}` });
  const { status } = refused;
  // A real server knows nothing of paths outside its groups, and says so in plain text.
  if (status.code === 404 && isOutsideAllGroups(context, exchange)) {
    exchange.respond(404, 'text/plain; charset=utf-8', '404 page not found\n');
    return;
  }
  const retryAfter = status.details?.retryAfterSeconds;
  exchange.json(status.code, status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}

/** Answers one request. */
export async function answerRequest(context: RouterContext, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  context.log.add(request, request.target && formatGvr(request.target));
  try {
    const faults = await injectFaults(exchange, context.clock, context.faults.take(request));
    if (faults.answered || exchange.isOver) return;
    authenticate(context, exchange);
    refuseWrite(context, exchange);
    if (/%(?![0-9A-Fa-f]{2})/.test(request.path)) throw badRequest('the path is not well-formed');
    if (request.target) await answerResource(context, exchange, faults);
    else answerPlain(context, exchange);
  } catch (error) {
    if (exchange.hasBegun) exchange.close();
    else sendFailure(context, exchange, error);
  }
}
