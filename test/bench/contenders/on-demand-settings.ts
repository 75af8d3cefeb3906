/** Owns what a process is told that reads on demand. */
import type { ContenderSettings } from './support.ts';

/** A cached resource again and again; many at once; those of one namespace by gets or by one list. */
export type OnDemandPart = 'hot' | 'at-once' | 'namespace';

export interface OnDemandSettings extends ContenderSettings {
  readonly part: OnDemandPart;
  /** How many are read; of a namespace, how many of it are missing, one after another. */
  readonly counts: readonly number[];
}
