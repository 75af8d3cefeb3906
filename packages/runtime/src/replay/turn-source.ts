/** Owns the contract of what a replay is fed by: a recorded run, or one that was made up. */
import type { KubernetesObject, Snapshot } from '@firn/core';
import type { Packer } from '@firn/core/engine';
import type { LoggedResource } from '../event-log/log-header.ts';
import type { Turn } from './turn.ts';

/** Who wants to hear of a resource. */
export interface Listener {
  /** How its objects are decoded, where they are bytes; they are parsed when it is left out. */
  readonly packer?: Packer | undefined;
  /** The state of its store before anything happened. */
  readonly empty: Snapshot<KubernetesObject>;
}

/** A run, turn by turn. */
export interface TurnSource {
  /** What is in it, by name. */
  readonly resources: Readonly<Record<string, LoggedResource>>;
  /** From its beginning, at each call anew: turns in order, some at a time, of the resources that somebody wants. */
  turns(listeners: ReadonlyMap<string, Listener>): AsyncIterable<readonly Turn[]>;
}
