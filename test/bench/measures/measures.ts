/** Owns the list of what can be measured. */
import { events } from './events.ts';
import { idle } from './idle.ts';
import { kinds } from './kinds.ts';
import { linear } from './linear.ts';
import { lists } from './lists.ts';
import type { Measure } from './measure.ts';
import { onDemand } from './on-demand.ts';
import { reads } from './reads.ts';
import { recording } from './recording.ts';
import { scale } from './scale.ts';
import { startup } from './startup.ts';
import { storm } from './storm.ts';
import { sync } from './sync.ts';

export const MEASURES = {
  sync,
  events,
  reads,
  scale,
  kinds,
  lists,
  storm,
  recording,
  'on-demand': onDemand,
  idle,
  startup,
  linear,
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof MEASURES;
