/** Owns the way from the resources of a command line to their types, by asking the server. */
import { ConfigError, FirnError, type GroupVersionResource, parseGvr } from '@firn/core';
import type { KubeConfig } from '@kubernetes/client-node';
import { createDiscovery } from '../discovery/create-discovery.ts';
import type { Logger } from '../logger.ts';
import { createTransport } from '../transport/create-transport.ts';
import { UsageError } from './usage-error.ts';

/** A resource of a command line. */
export interface NamedResource {
  /** Unique among those of the command line: the plural, with the group where it would be ambiguous. */
  readonly name: string;
  readonly gvr: GroupVersionResource;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** A server that says nothing for so long is not waited for. */
const LONGEST_SILENCE_MS = 30_000;

/** `pods,services ingresses` as three names. */
export function splitNames(operands: readonly string[], command: string): readonly string[] {
  const names = operands.flatMap((operand) => operand.split(',')).filter((name) => name !== '');
  if (names.length > 0) return names;
  throw new UsageError('name at least one resource, such as ingresses.', { command });
}

/** The type as it is written, where the server cannot be asked about it. */
function asWritten(name: string): GroupVersionResource | undefined {
  try {
    return parseGvr(name);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/**
 * Resolves names such as `ing`, `Ingress`, `ingresses.networking.k8s.io` or `v1/pods`; the same type twice is one.
 *
 * @throws {ConfigError} `UNKNOWN_RESOURCE` with the nearest names.
 * @throws {FirnError} when the server cannot be asked, or the signal is aborted, and a name is not complete.
 */
export async function resolveResources(
  kubeConfig: KubeConfig,
  names: readonly string[],
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<readonly NamedResource[]> {
  const transport = createTransport(kubeConfig, { logger, headersTimeout: LONGEST_SILENCE_MS });
  const interrupt = (): void => void transport.close();
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  const found = new Map<string, NamedResource>();
  try {
    const discovery = createDiscovery(transport, { logger });
    for (const name of names) {
      const resource = await resolveOne(name, async () => {
        const { gvr, kind, namespaced } = await discovery.resolve(name);
        return { gvr, kind, namespaced };
      });
      const id = `${resource.gvr.resource}.${resource.gvr.group}/${resource.gvr.version}`;
      if (!found.has(id)) found.set(id, { ...resource, name: id });
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    await transport.close();
  }
  return withShortNames([...found.values()]);
}

async function resolveOne(
  name: string,
  resolve: () => Promise<Omit<NamedResource, 'name'>>,
): Promise<Omit<NamedResource, 'name'>> {
  try {
    return await resolve();
  } catch (error) {
    const gvr = asWritten(name);
    // An unknown type is the server's answer; anything else means that it could not be asked.
    if (gvr === undefined || !(error instanceof FirnError) || error.code === 'UNKNOWN_RESOURCE') throw error;
    return { gvr, kind: '', namespaced: true };
  }
}

function withShortNames(resources: readonly NamedResource[]): readonly NamedResource[] {
  const plurals = resources.map(({ gvr }) => gvr.resource);
  return resources.map((resource) => {
    const { gvr } = resource;
    const alone = plurals.filter((plural) => plural === gvr.resource).length === 1;
    return alone ? { ...resource, name: gvr.resource } : resource;
  });
}
