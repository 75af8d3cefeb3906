/** Owns what watchers share: a way to the API server, time, randomness, a logger. */
import type { GroupVersionResource } from '@firn/core';
import type { Packer } from '@firn/core/engine';
import type { Clock } from '@firn/stores';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from '../logger.ts';
import { createReflector } from '../reflector/reflector.ts';
import { SharedTimers } from '../reflector/shared-timers.ts';
import { createWatchListSupport, type WatchListSupport } from '../reflector/watch-list-support.ts';
import { clusterEndpoint } from '../transport/cluster-endpoint.ts';
import { createTransport } from '../transport/create-transport.ts';
import { loadConnectionPools } from '../transport/load-connection-pools.ts';
import type { Transport } from '../transport/transport.ts';
import type { Connection } from './resource-watcher.ts';
import type { WatchedResourceOptions } from './watched-resource-options.ts';

/** A transport for as long as a watcher runs. */
export interface TransportLease {
  readonly transport: Transport;
  release(): Promise<void>;
}

/** What the watchers of one server share. */
export interface WatchContext {
  /** A way to the server, from a start to its stop. */
  readonly lease: () => TransportLease;
  readonly watchListSupport: WatchListSupport;
  readonly clock: Clock;
  /** The clock of the reflectors: a watch at rest has timers, and hundreds of watches shall have one. */
  readonly reflectorClock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Shares one transport among all who hold a lease; the last one to release it closes it.
 *
 * @throws {ConfigError} when the kubeconfig cannot be used; one that breaks later is a failure of a start.
 */
export function createWatchContext(
  kubeConfig: KubeConfig,
  options: { readonly clock: Clock; readonly random: () => number; readonly logger: Logger },
): WatchContext {
  const { clock, logger } = options;
  clusterEndpoint(kubeConfig);
  void loadConnectionPools();
  let shared: { readonly transport: Transport; leases: number } | undefined;
  return {
    ...options,
    reflectorClock: new SharedTimers(clock),
    watchListSupport: createWatchListSupport(),
    lease: () => {
      shared ??= { transport: createTransport(kubeConfig, { clock, logger }), leases: 0 };
      const held = shared;
      held.leases++;
      return {
        transport: held.transport,
        release: async () => {
          held.leases--;
          if (held.leases > 0) return;
          if (shared === held) shared = undefined;
          await held.transport.close();
        },
      };
    },
  };
}

/** What is read of objects, and what is asked for. */
export interface Reading {
  readonly packer: Packer;
  /** Ask for metadata only; the packer then keeps references. */
  readonly metadataOnly: boolean;
}

/** Connects a watcher: a reflector over a leased transport for each start. */
export function connectTo(
  context: WatchContext,
  gvr: GroupVersionResource,
  options: WatchedResourceOptions,
  { packer, metadataOnly }: Reading,
): () => Connection {
  const { reflectorClock, random, logger, watchListSupport } = context;
  const { namespace, namespaced = true, labelSelector, fieldSelector, initialList, pageSize } = options;
  const { watchTimeout, idleTimeout, backoff } = options;
  return () => {
    const { transport, release } = context.lease();
    return {
      createSource: (sink) =>
        createReflector({
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
          watchListSupport,
          packer,
          metadataOnly,
        }),
      close: release,
    };
  };
}
