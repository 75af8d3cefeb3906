/** Owns the list of what can be measured. */
import { events } from './events.ts';
import type { Measure } from './measure.ts';
import { sync } from './sync.ts';

export const MEASURES = { sync, events } as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof MEASURES;
