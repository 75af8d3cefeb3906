/** Owns the requests of discovery: aggregated where the server can, else group by group. */
import { ProtocolError } from '@firn/core';
import type { Clock } from '@firn/stores';
import type { Logger } from '../logger.ts';
import { parseJsonBytes } from '../transport/parse-json-bytes.ts';
import { readBody } from '../transport/read-body.ts';
import { readStatus } from '../transport/read-status.ts';
import type { Transport, TransportResponse } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';
import { isTooDeep } from '../transport/value-scanner.ts';
import { type DiscoveredVersion, readResources, readVersions } from './read-discovery.ts';
import type { DiscoveredResources, ResolvedResource } from './resolved-resource.ts';

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
/** Group by group: this many requests at a time. */
const PARALLEL = 8;

/** How long one document may take, in milliseconds. */
const DEADLINE_MS = 60_000;

/** Where documents come from. */
export interface DiscoverySource {
  readonly transport: Transport;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Gets one document; `undefined` where there is none (404). */
async function fetchDocument({ transport, clock }: DiscoverySource, path: string): Promise<unknown> {
  const life = new AbortController();
  const timer = clock.setTimeout(() => life.abort(overdue(path)), DEADLINE_MS);
  try {
    return await readDocument(
      await transport.request({ path, accept: AGGREGATED, signal: life.signal }),
      path,
    );
  } finally {
    clock.clearTimeout(timer);
  }
}

async function readDocument(response: TransportResponse, path: string): Promise<unknown> {
  if (response.status === 200) {
    const bytes = await readBody(response.body);
    if (isTooDeep(bytes)) throw unreadable(path);
    return parseJsonBytes(bytes, `The discovery document ${path}`);
  }
  const status = await readStatus(response);
  if (response.status === 404) return undefined;
  throw new ProtocolError(`Discovery of ${path} failed: ${status.message}.`, {
    code: 'DISCOVERY_FAILED',
    status: status.code,
    reason: status.reason,
    retryable: status.code >= 500 || status.code === 429,
  });
}

function overdue(path: string): TransportError {
  const message = `The server did not give the discovery document ${path} within ${DEADLINE_MS / 1000} s.`;
  return new TransportError(message, { code: 'TIMEOUT' });
}

function unreadable(path: string): ProtocolError {
  return new ProtocolError(
    `The server's answer to ${path} is not a discovery document. Check the server's address and any proxy in between.`,
    { code: 'DISCOVERY_FAILED' },
  );
}

async function fetchVersions(source: DiscoverySource, path: string): Promise<DiscoveredVersion[]> {
  const document = await fetchDocument(source, path);
  if (document === undefined) return [];
  const versions = readVersions(document);
  if (versions === undefined) throw unreadable(path);
  return versions;
}

/** A document, asked for once more with fresh credentials if the server does not know the old ones any longer. */
async function withFreshCredentials<T>(transport: Transport, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.status !== 401) throw error;
    await transport.refreshCredentials();
    return ask();
  }
}

async function fetchResources(
  source: DiscoverySource,
  version: DiscoveredVersion,
): Promise<readonly ResolvedResource[]> {
  const root = version.group === '' ? '/api' : '/apis';
  const path = `${root}/${version.groupVersion}`;
  const document = await fetchDocument(source, path);
  if (document === undefined) return [];
  const resources = readResources(document, version);
  if (resources === undefined) throw unreadable(path);
  return resources;
}

/**
 * Asks a server for all its resource types. A group that cannot be read is left out, logged and named in `missing`.
 *
 * @throws {TransportError} when the server cannot be reached, or a document takes longer than 60 s.
 * @throws {ProtocolError} `DISCOVERY_FAILED` when it refuses, `MALFORMED_JSON`, `FRAME_TOO_LARGE`.
 */
export async function fetchDiscovery(source: DiscoverySource): Promise<DiscoveredResources> {
  const { transport, logger } = source;
  const versions = await withFreshCredentials(transport, async () =>
    (await Promise.all([fetchVersions(source, '/api'), fetchVersions(source, '/apis')])).flat(),
  );
  const found: (readonly ResolvedResource[] | undefined)[] = versions.map(({ resources }) => resources);
  const missing = versions.filter(({ stale }) => stale).map(({ groupVersion }) => groupVersion);
  const waiting = versions.entries();
  const work = async (): Promise<void> => {
    for (const [index, version] of waiting) {
      if (version.resources !== undefined) continue;
      try {
        found[index] = await fetchResources(source, version);
      } catch (error) {
        missing.push(version.groupVersion);
        logger.warn({ groupVersion: version.groupVersion, err: error }, 'discovery of an API group failed');
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { resources: found.flatMap((resources) => resources ?? []), missing };
}
