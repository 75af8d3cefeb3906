/** Owns what is told of a run of a controller. */
import type { KubernetesObject } from '@firn/core';
import type { ControllerWrite } from './controller-client.ts';
import type { Plan } from './plan.ts';
import type { Truth } from './truth.ts';

/** An error of a controller. */
export interface ControllerError {
  /** What it threw, or rejected with. */
  readonly error: unknown;
  /** Which of its lives, from 0. */
  readonly incarnation: number;
  /** The number of the last event before it. */
  readonly sequence: number;
}

/** What a controller did in a run. */
export interface ControllerReport {
  readonly plan: Plan;
  /** Names of the resources that it owns. */
  readonly owns: readonly string[];
  /** In their order, over all lives. */
  readonly writes: readonly ControllerWrite[];
  /** What it threw; not what it threw after its death. */
  readonly errors: readonly ControllerError[];
  /** How many lives it had. */
  readonly incarnations: number;
  /** How often it was told something. */
  readonly turns: number;
  /** What was left at the end of the resources that it owns or wrote to, by `group/version/resource`. */
  readonly endState: Readonly<Record<string, readonly KubernetesObject[]>>;
  /** The whole world at the end. */
  readonly world: Truth;
}
