/** Owns what a process that reads is told. */
import type { ContenderSettings } from './support.ts';

/** Some reads need objects that nobody has read: each part begins with a new store. */
export type ReadsPart = 'look-ups' | 'iterate' | 'differences';

export interface ReadsSettings extends ContenderSettings {
  readonly part: ReadsPart;
}
