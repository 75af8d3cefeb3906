/** Owns how long work gives the event loop its turn: by counting, since core knows no clock. */
import { setImmediate } from 'node:timers/promises';

/** After how many resources, each some microseconds to parse or hash, a long walk gives way. */
export const YIELD_EVERY = 64;

/** Lets the event loop take its turn. */
export function nextTurn(): Promise<void> {
  return setImmediate();
}
