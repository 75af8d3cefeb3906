/** Owns what stands behind watchers, as they see it: an API server, or a recorded log in its place. */
import type { GroupVersionResource, KubernetesObject } from '@firn/core';
import type { Packer } from '@firn/core/engine';
import type { Clock, ResourceClient } from '@firn/stores';
import type { StoreWriter } from '@firn/stores/engine';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from '../logger.ts';
import type { Connection } from './resource-watcher.ts';
import type { WatchedResourceOptions } from './watched-resource-options.ts';

/** Time, randomness, a logger. */
export interface Surroundings {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/** What options say of surroundings, whatever else they say. */
export type GivenSurroundings = { readonly [K in keyof Surroundings]?: Surroundings[K] | undefined };

/** Who is watched. */
export interface WatchTarget {
  /** Its name in a runtime, or `group/version/resource`. */
  readonly name: string;
  readonly gvr: GroupVersionResource;
  readonly options: WatchedResourceOptions;
  readonly surroundings: Surroundings;
}

/** What is read of objects, and what is asked for. */
export interface Reading {
  readonly packer: Packer;
  /** Ask for metadata only; the packer then keeps references. */
  readonly metadataOnly: boolean;
  readonly writer: StoreWriter<KubernetesObject>;
}

/** Where watchers get what they watch. */
export interface WatchOrigin {
  /** What a watcher lives in, where it says something else than its runtime. */
  surroundings(own: GivenSurroundings): Surroundings;
  /** The client of an on-demand store. */
  client(target: WatchTarget): ResourceClient;
  /** Gives what connects a watcher at each of its starts. */
  connect(target: WatchTarget, reading: Reading): () => Connection;
  /** Who times `onChange`. */
  debounce(target: WatchTarget): Clock;
}

/** Makes the origin of something that stands in the place of a kubeconfig. */
export const ORIGIN: unique symbol = Symbol('origin');

/** Stands where an API server would: what `replay` gives as `source`. */
export interface WatchSource {
  /** @internal */
  [ORIGIN](surroundings: GivenSurroundings): WatchOrigin;
}

/** Where watchers can be told to get what they watch. */
export type WatchedPlace = KubeConfig | WatchSource;
