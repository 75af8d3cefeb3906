/** Owns what an idle program is told. */
import type { ContenderSettings } from './support.ts';

export interface IdleSettings extends ContenderSettings {
  readonly name: 'firn' | 'client-node';
  /** How many resources are watched. */
  readonly watches: number;
  readonly seconds: number;
}
