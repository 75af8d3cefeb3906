/** Owns what a storm is told. */
import type { ContenderSettings } from './support.ts';

export interface StormSettings extends ContenderSettings {
  readonly events: number;
  /** How long the subscriber keeps the process busy with each change, in milliseconds. */
  readonly busyMs: number;
}
