/** Owns the resolution of names to resource types, and the cache behind it. */
import { type Clock, systemClock } from '@firn/stores';
import { type Logger, silentLogger } from '../logger.ts';
import type { Transport } from '../transport/transport.ts';
import { type DiscoverySource, fetchDiscovery } from './fetch-discovery.ts';
import { matchResource, unknownResource } from './match-resource.ts';
import type { DiscoveredResources, ResolvedResource } from './resolved-resource.ts';

/** Finds out what names mean on one server. */
export interface Discovery {
  /**
   * Resolves `'v1/secrets'`, `'networking.k8s.io/v1/ingresses'`, `'ingresses'`, `'ing'`, `'Ingress'`,
   * `'ingresses.networking.k8s.io'`, `'deployments.v1.apps'`.
   *
   * A name that the cache does not have is looked up anew once: its CRD may have come since.
   *
   * @throws {ConfigError} `UNKNOWN_RESOURCE` with the nearest names.
   * @throws {TransportError} when the server cannot be reached.
   * @throws {ProtocolError} `DISCOVERY_FAILED` when it refuses.
   */
  resolve(name: string): Promise<ResolvedResource>;
}

/** Options of `createDiscovery`. */
export interface DiscoveryOptions {
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Milliseconds that what was found stays valid; 10 min when left out. */
  readonly ttl?: number;
}

class CachedDiscovery implements Discovery {
  readonly #source: DiscoverySource;
  readonly #ttl: number;
  #loaded: Promise<DiscoveredResources> | undefined;
  #loadedAt = 0;

  constructor(transport: Transport, options: DiscoveryOptions) {
    const { logger = silentLogger, clock = systemClock } = options;
    this.#source = { transport, logger, clock };
    this.#ttl = options.ttl ?? 600_000;
  }

  async resolve(name: string): Promise<ResolvedResource> {
    const cached = this.#fresh();
    const first = cached ?? this.#load();
    const discovered = await first;
    const found = matchResource(discovered, name);
    if (found !== undefined) return found;
    if (cached === undefined) throw unknownResource(discovered, name);
    // Others who miss at the same time share the first one's look-up.
    const again = await (this.#loaded === first ? this.#load() : (this.#loaded ?? this.#load()));
    const late = matchResource(again, name);
    if (late === undefined) throw unknownResource(again, name);
    return late;
  }

  #fresh(): Promise<DiscoveredResources> | undefined {
    const expired = this.#source.clock.monotonic() - this.#loadedAt >= this.#ttl;
    return expired ? undefined : this.#loaded;
  }

  #load(): Promise<DiscoveredResources> {
    const loading = fetchDiscovery(this.#source).catch((error: unknown) => {
      if (this.#loaded === loading) this.#loaded = undefined;
      throw error;
    });
    this.#loaded = loading;
    this.#loadedAt = this.#source.clock.monotonic();
    return loading;
  }
}

/**
 * Discovery of one server's resource types, cached.
 *
 * @example
 * ```ts
 * const { gvr, namespaced } = await createDiscovery(transport).resolve('ing');
 * resourcePath(gvr, { namespaced }); // '/apis/networking.k8s.io/v1/ingresses'
 * ```
 */
export function createDiscovery(transport: Transport, options: DiscoveryOptions = {}): Discovery {
  return new CachedDiscovery(transport, options);
}
