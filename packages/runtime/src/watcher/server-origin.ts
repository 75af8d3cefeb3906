/** Owns what the watchers of one API server share: a way to it, time, randomness, a logger. */
import { type Clock, systemClock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import { silentLogger } from '../logger.ts';
import { createReflector } from '../reflector/reflector.ts';
import { SharedTimers } from '../reflector/shared-timers.ts';
import { createWatchListSupport, type WatchListSupport } from '../reflector/watch-list-support.ts';
import { clusterEndpoint } from '../transport/cluster-endpoint.ts';
import { createTransport } from '../transport/create-transport.ts';
import { loadConnectionPools } from '../transport/load-connection-pools.ts';
import type { Transport } from '../transport/transport.ts';
import { LeasedClient, type TransportLease } from './leased-client.ts';
import type { Connection } from './resource-watcher.ts';
import {
  type GivenSurroundings,
  ORIGIN,
  type Reading,
  type Surroundings,
  type WatchedPlace,
  type WatchOrigin,
  type WatchTarget,
} from './watch-origin.ts';

/**
 * Makes what the watchers of one place share.
 *
 * @throws {ConfigError} when the kubeconfig cannot be used; one that breaks later is a failure of a start.
 */
export function originOf(place: WatchedPlace, own: GivenSurroundings): WatchOrigin {
  if (typeof place === 'object' && place !== null && ORIGIN in place) return place[ORIGIN](own);
  const { clock = systemClock, random = Math.random, logger = silentLogger } = own;
  return new ServerOrigin(place, { clock, random, logger });
}

/** Shares one transport among all who hold a lease; the last one to release it closes it. */
class ServerOrigin implements WatchOrigin {
  readonly #kubeConfig: KubeConfig;
  readonly #shared: Surroundings;
  /** The clock of the reflectors: a watch at rest has timers, and hundreds of watches shall have one. */
  readonly #reflectorClock: Clock;
  readonly #watchListSupport: WatchListSupport = createWatchListSupport();
  #held: { readonly transport: Transport; leases: number } | undefined;

  constructor(kubeConfig: KubeConfig, shared: Surroundings) {
    clusterEndpoint(kubeConfig);
    void loadConnectionPools();
    this.#kubeConfig = kubeConfig;
    this.#shared = shared;
    this.#reflectorClock = new SharedTimers(shared.clock);
  }

  surroundings(own: GivenSurroundings): Surroundings {
    const { clock = this.#shared.clock, random = this.#shared.random, logger = this.#shared.logger } = own;
    return { clock, random, logger };
  }

  client({ options }: WatchTarget): LeasedClient {
    return new LeasedClient(() => this.#lease(), options);
  }

  debounce({ surroundings }: WatchTarget): Clock {
    return surroundings.clock;
  }

  /** A reflector over a leased transport for each start. */
  connect({ gvr, options, surroundings }: WatchTarget, reading: Reading): () => Connection {
    const { clock, random, logger } = surroundings;
    const reflectorClock = clock === this.#shared.clock ? this.#reflectorClock : new SharedTimers(clock);
    const { namespace, namespaced = true, labelSelector, fieldSelector, initialList, pageSize } = options;
    const { watchTimeout, idleTimeout, backoff } = options;
    const { packer, metadataOnly } = reading;
    return () => {
      const { transport, release } = this.#lease();
      return {
        createSource: (sink, resume) =>
          createReflector({
            resume,
            target: { gvr, namespaced, namespace },
            labelSelector,
            fieldSelector,
            initialList,
            pageSize,
            watchTimeout,
            idleTimeout,
            backoff,
            transport,
            sink,
            clock: reflectorClock,
            random,
            logger,
            watchListSupport: this.#watchListSupport,
            packer,
            metadataOnly,
          }),
        close: release,
      };
    };
  }

  #lease(): TransportLease {
    const { clock, logger } = this.#shared;
    this.#held ??= { transport: createTransport(this.#kubeConfig, { clock, logger }), leases: 0 };
    const held = this.#held;
    held.leases++;
    return {
      transport: held.transport,
      release: async () => {
        held.leases--;
        if (held.leases > 0) return;
        if (this.#held === held) this.#held = undefined;
        await held.transport.close();
      },
    };
  }
}
