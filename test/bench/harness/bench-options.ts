/** Owns what a run is told: how much of what is measured. */
import type { KindName } from '../objects/kinds.ts';

/** The same for every measure; each takes of it what it needs. */
export interface BenchOptions {
  readonly rounds: number;
  readonly objects: number;
  readonly events: number;
  readonly kind: KindName;
  readonly oneNamespace: boolean;
  /** Whether measures of scale go up to a million objects. */
  readonly million: boolean;
}
