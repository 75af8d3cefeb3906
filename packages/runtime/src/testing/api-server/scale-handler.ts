/** Owns the `scale` subresource of the types that have replicas. */
import type { RequestKind } from './api-request.ts';
import type { Exchange } from './exchange.ts';
import type { ObjectAddress } from './object-writer.ts';
import { choosePatch } from './patch.ts';
import { badRequest, conflict, methodNotAllowed, notFound } from './status-error.ts';
import { type ApiObject, readObject } from './stored-object.ts';
import type { WriteContext } from './write-handler.ts';

const SCALE_KINDS: ReadonlySet<RequestKind> = new Set(['get', 'update', 'patch']);

interface Scale {
  readonly kind: 'Scale';
  readonly apiVersion: 'autoscaling/v1';
  readonly metadata: ApiObject['metadata'];
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number };
}

function replicasOf(part: unknown): number {
  const replicas = (part as { replicas?: unknown } | undefined)?.replicas;
  return typeof replicas === 'number' ? replicas : 0;
}

function scaleOf(object: ApiObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp } as ApiObject['metadata'];
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { replicas: replicasOf(object.spec) },
    status: { replicas: replicasOf(object.status) },
  };
}

async function readWanted(exchange: Exchange, address: ObjectAddress, scale: Scale): Promise<Scale> {
  const { kind, headers } = exchange.request;
  if (kind === 'update') return (await exchange.jsonBody()) as Scale;
  const patch = choosePatch(address.type, headers['content-type'] ?? '');
  return patch(scale, await exchange.jsonBody()) as Scale;
}

/** Answers a get, update or patch of `scale`. */
export async function handleScale(
  context: WriteContext,
  exchange: Exchange,
  address: ObjectAddress,
): Promise<void> {
  const { type, namespace, name } = address;
  if (!SCALE_KINDS.has(exchange.request.kind)) throw methodNotAllowed();
  const stored = context.store.table(type).get(namespace, name);
  if (!stored) throw notFound(type, name);
  const object = readObject(type, stored);
  const scale = scaleOf(object);
  if (exchange.request.kind === 'get') {
    exchange.json(200, scale);
    return;
  }
  const wanted = await readWanted(exchange, address, scale);
  const replicas = wanted?.spec?.replicas;
  if (!Number.isInteger(replicas)) throw badRequest('spec.replicas of the Scale is not a whole number');
  const expected = wanted.metadata?.resourceVersion;
  if (expected !== undefined && expected !== scale.metadata.resourceVersion)
    throw conflict(type, name, 'the object has been modified');
  const spec = { ...(object.spec as object | undefined), replicas };
  const result = context.writer.update(address, { ...object, spec });
  exchange.json(200, scaleOf(readObject(type, result.stored)));
}
