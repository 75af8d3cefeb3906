/** Owns the answers to create, update, patch, apply, delete and deletecollection. */
import type { Clock } from '@firn/stores';
import { isTrue } from './api-request.ts';
import { chooseRepresentation } from './choose-representation.ts';
import type { Exchange } from './exchange.ts';
import type { ObjectStore } from './object-store.ts';
import { asPatched, requireVersion } from './object-validation.ts';
import type { ObjectAddress, ObjectWriter, WriteResult } from './object-writer.ts';
import { choosePatch, parseYaml } from './patch.ts';
import { decodeProtobufBody } from './protobuf-body.ts';
import type { ResourceType } from './resource-type.ts';
import { readSelection } from './selection.ts';
import type { ServerSideApply } from './server-side-apply.ts';
import { badRequest, notFound, StatusError } from './status-error.ts';
import { type ApiObject, readObject, type StoredObject } from './stored-object.ts';
import {
  checkDeleteBody,
  checkWriteOptions,
  type DeleteBody,
  isDryRun,
  type WriteKind,
} from './write-options.ts';

/** What the write handlers need of the server. */
export interface WriteContext {
  readonly store: ObjectStore;
  readonly writer: ObjectWriter;
  readonly apply: ServerSideApply;
  readonly clock: Clock;
}

function sendObject(
  context: WriteContext,
  exchange: Exchange,
  type: ResourceType,
  stored: StoredObject,
  status: number,
): void {
  const representation = chooseRepresentation(type, exchange.request, 'object', context.clock.now());
  exchange.respond(
    status,
    'application/json',
    Buffer.concat([...representation.object(stored), Buffer.from('\n')]),
  );
}

function sendCreated(
  context: WriteContext,
  exchange: Exchange,
  type: ResourceType,
  stored: StoredObject,
  dryRun: boolean,
): void {
  if (!dryRun) {
    sendObject(context, exchange, type, stored, 201);
    return;
  }
  // What was never stored has no version.
  const tried = readObject(type, stored);
  delete tried.metadata.resourceVersion;
  exchange.json(201, tried);
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

async function readBody(exchange: Exchange): Promise<unknown> {
  const contentType = exchange.request.headers['content-type'] ?? 'application/json';
  if (contentType.startsWith('application/yaml')) return parseYaml((await exchange.body()).toString());
  if (contentType.startsWith(PROTOBUF)) return decodeProtobufBody(await exchange.body());
  if (/^(application\/json|\*\/\*|text\/plain|application\/x-www-form-urlencoded)/.test(contentType))
    return exchange.jsonBody();
  throw new StatusError({
    code: 415,
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    details: {},
  });
}

async function create(context: WriteContext, exchange: Exchange, address: ObjectAddress): Promise<void> {
  const { type, namespace } = address;
  const body = await readBody(exchange);
  const dryRun = isDryRun(exchange.request);
  const { stored } = context.writer.create(type, namespace, body, { dryRun });
  sendCreated(context, exchange, type, stored, dryRun);
}

function partOf(exchange: Exchange): 'spec' | 'status' {
  return exchange.request.target?.subresource === 'status' ? 'status' : 'spec';
}

async function update(context: WriteContext, exchange: Exchange, address: ObjectAddress): Promise<void> {
  const body = (await readBody(exchange)) as ApiObject;
  if (typeof body === 'object' && body?.metadata) requireVersion(address.type, body, address.name);
  const result = context.writer.update(address, body, {
    dryRun: isDryRun(exchange.request),
    part: partOf(exchange),
  });
  sendObject(context, exchange, address.type, result.stored, 200);
}

function current(context: WriteContext, address: ObjectAddress): ApiObject {
  const stored = context.store.table(address.type).get(address.namespace, address.name);
  if (!stored) throw notFound(address.type, address.name);
  return readObject(address.type, stored);
}

async function patch(context: WriteContext, exchange: Exchange, address: ObjectAddress): Promise<void> {
  const applyPatch = choosePatch(address.type, exchange.request.headers['content-type'] ?? '');
  const body = await exchange.jsonBody();
  const before = current(context, address);
  const after = asPatched(address.type, before, applyPatch(before, body));
  const result = context.writer.update(address, after, {
    dryRun: isDryRun(exchange.request),
    part: partOf(exchange),
  });
  sendObject(context, exchange, address.type, result.stored, 200);
}

async function serverSideApply(
  context: WriteContext,
  exchange: Exchange,
  address: ObjectAddress,
): Promise<void> {
  const { fieldManager = '', force } = exchange.request.query;
  const body = parseYaml((await exchange.body()).toString());
  const dryRun = isDryRun(exchange.request);
  const { stored, outcome } = context.apply.apply(address, body, {
    fieldManager,
    force: force !== undefined && isTrue(force),
    dryRun,
    part: partOf(exchange),
  });
  if (outcome === 'created') sendCreated(context, exchange, address.type, stored, dryRun);
  else sendObject(context, exchange, address.type, stored, 200);
}

async function readDeleteBody(exchange: Exchange): Promise<DeleteBody> {
  const bytes = await exchange.body();
  const text = bytes.toString().trim();
  const isProtobuf = exchange.request.headers['content-type']?.startsWith(PROTOBUF) === true;
  const parse = (): unknown => (isProtobuf ? decodeProtobufBody(bytes) : parseYaml(text));
  const body = text === '' ? {} : parse();
  if (typeof body !== 'object' || body === null)
    throw badRequest('the body of the request is no DeleteOptions');
  checkDeleteBody(exchange.request, body);
  return body;
}

function sendDeleted(
  context: WriteContext,
  exchange: Exchange,
  address: ObjectAddress,
  result: WriteResult,
): void {
  const { type, name } = address;
  const graceful = type.group === '' && (type.resource === 'pods' || type.resource === 'namespaces');
  if (graceful || result.outcome === 'terminating') {
    sendObject(context, exchange, type, result.stored, 200);
    return;
  }
  const { uid } = readObject(type, result.stored).metadata;
  exchange.json(200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(type.group !== '' && { group: type.group }), kind: type.resource, uid },
  });
}

async function remove(context: WriteContext, exchange: Exchange, address: ObjectAddress): Promise<void> {
  const body = await readDeleteBody(exchange);
  const result = context.writer.delete(address, {
    dryRun: isDryRun(exchange.request, body),
    uid: body.preconditions?.uid,
    resourceVersion: body.preconditions?.resourceVersion,
  });
  sendDeleted(context, exchange, address, result);
}

async function removeCollection(
  context: WriteContext,
  exchange: Exchange,
  address: ObjectAddress,
): Promise<void> {
  const { type } = address;
  const body = await readDeleteBody(exchange);
  const dryRun = isDryRun(exchange.request, body);
  const selection = readSelection(type, exchange.request);
  const items = [...context.store.table(type).objects.values()].filter(selection.matches).map((stored) => {
    const { namespace, name } = stored;
    return readObject(type, context.writer.delete({ type, namespace, name }, { dryRun }).stored);
  });
  exchange.json(200, {
    kind: `${type.kind}List`,
    apiVersion: type.apiVersion,
    metadata: { resourceVersion: context.store.versions.text(context.store.versions.current) },
    items,
  });
}

type WriteHandler = (context: WriteContext, exchange: Exchange, address: ObjectAddress) => Promise<void>;

const HANDLERS: Readonly<Record<WriteKind, WriteHandler>> = {
  create,
  update,
  patch,
  apply: serverSideApply,
  delete: remove,
  deletecollection: removeCollection,
};

/** Whether a request writes. */
export function isWriteKind(kind: string): kind is WriteKind {
  return Object.hasOwn(HANDLERS, kind);
}

/** Answers a request that writes. */
export function handleWrite(
  context: WriteContext,
  exchange: Exchange,
  kind: WriteKind,
  address: ObjectAddress,
): Promise<void> {
  checkWriteOptions(exchange.request, kind);
  return HANDLERS[kind](context, exchange, address);
}

/** Answers a get. */
export function handleGet(context: WriteContext, exchange: Exchange, address: ObjectAddress): void {
  const stored = context.store.table(address.type).get(address.namespace, address.name);
  if (!stored) throw notFound(address.type, address.name);
  sendObject(context, exchange, address.type, stored, 200);
}
