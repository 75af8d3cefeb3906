/** Owns the turns that a player is given for what a client is told. */
import type { LogEvent } from '../../event-log/log-event.ts';
import type { LoggedResource } from '../../event-log/log-header.ts';
import type { Turn } from '../../replay/turn.ts';
import type { Told } from './perturbed-view.ts';
import type { TapeEvent } from './tape.ts';

/** When something is told. */
export type Moment = Pick<Turn, 'time' | 'monotonic' | 'sequence'>;

/** How long nothing happens at the end, in milliseconds: timers that were set before fire. */
const REST_MS = 60_000;

/** The turns for what is told of one resource together; stores keep the objects, which are copies. */
export function turnsOf({ resource, events, aside }: Told, at: Moment): readonly Turn[] {
  if (aside !== undefined) return [{ ...at, resource, events: structuredClone(aside) }];
  const [first] = events;
  const writes = events.filter((event) => event.type !== 'LISTED').map(asLogged);
  if (first?.type !== 'LISTED') return [{ ...at, resource, events: writes }];
  const { objects, resourceVersion } = structuredClone(first);
  const parts: readonly LogEvent[] = [
    { type: 'REPLACED', part: 'begin' },
    { type: 'REPLACED', part: 'items', objects },
    { type: 'REPLACED', part: 'end', resourceVersion },
  ];
  return parts.map((part) => ({ ...at, resource, events: [part] }));
}

/** A minute in which nothing happens, or one of so many parts of it. */
export function restAfter({ time, monotonic, sequence }: Moment, parts = 1): Turn {
  const ms = REST_MS / parts;
  return { resource: '', time: time + ms, monotonic: monotonic + ms, sequence, events: [] };
}

/** Recorded firings and answers belong to the run as it was: here timers fire by the clock. */
export function unwound(
  resources: Readonly<Record<string, LoggedResource>>,
): Readonly<Record<string, LoggedResource>> {
  return Object.fromEntries(
    Object.entries(resources).map(([name, { timers, ...description }]) => [
      name,
      description as LoggedResource,
    ]),
  );
}

function asLogged(event: Exclude<TapeEvent, { type: 'LISTED' }>): LogEvent {
  const { sequence, ...logged } = event;
  return structuredClone(logged);
}
