/** Owns runs that are written down in a test: a short list of events, accepted wherever a recorded log is. */
import { ConfigError, type KubernetesObject, parseGvr } from '@firn/core';
import { shownValue } from '@firn/core/engine';
import type { LoggedResource } from '../../event-log/log-header.ts';
import { timeOf } from '../../replay/time-of.ts';
import { keyOf, type Tape, type TapeEvent, type TapeTurn } from './tape.ts';

/** An object as a test writes it. */
type Written = KubernetesObject | (KubernetesObject & Readonly<Record<string, unknown>>);

/** One event of a run that is written down. */
export type RecordedEvent = {
  /** The resource's name. */
  readonly resource: string;
  /** Milliseconds since the epoch, a Date, or text that Date reads; one second after the event before when left out. */
  readonly time?: number | string | Date;
} & (
  | { readonly type: 'REPLACED'; readonly objects: readonly Written[]; readonly resourceVersion?: string }
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Written }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
);

/** A run that is written down. */
export interface RecordedEventsOptions {
  /** `group/version/resource` by name, or an object with `gvr` and options such as `indexBy` and `namespace`. */
  readonly resources: Readonly<Record<string, string | LoggedResource>>;
  /** In their order; the first one has the sequence number 1. */
  readonly events: readonly RecordedEvent[];
}

/** Where a run that is written down keeps its tape. */
export const TAPE: unique symbol = Symbol('tape');

/** A run that was written down: stands in the place of a recorded log. */
export interface RecordedEvents {
  /** @internal */
  readonly [TAPE]: Tape;
}

/**
 * Makes a run from a list of events. What an event leaves out is made up: uids, resource versions (the event's number),
 * times (one second apart, from 2026-01-01). A resource whose first event is no REPLACED begins with an empty list.
 *
 * @throws {ConfigError} `INVALID_EVENT` for what cannot have happened: the MODIFIED of an object that is not there, or
 * the ADDED of one that is; `UNKNOWN_NAME`, `INVALID_MOMENT`, `INVALID_GVR`.
 * @example
 * ```ts
 * const pod = { metadata: { namespace: 'shop', name: 'web-0' } };
 * const log = recordedEvents({
 *   resources: { pods: 'v1/pods' },
 *   events: [
 *     { resource: 'pods', type: 'ADDED', object: pod },
 *     { resource: 'pods', type: 'DELETED', object: pod },
 *   ],
 * });
 * const perturbed = await perturb(log, [hide('pods', 1)]);
 * ```
 */
export function recordedEvents({ resources, events }: RecordedEventsOptions): RecordedEvents {
  const described = Object.fromEntries(
    Object.entries(resources).map(([name, given]) => [name, describe(given)]),
  );
  const writer = new TapeWriter(described);
  const listed = new Set(
    events.filter(isFirst).flatMap(({ type, resource }) => (type === 'REPLACED' ? resource : [])),
  );
  for (const resource of Object.keys(described)) if (!listed.has(resource)) writer.beginEmpty(resource);
  for (const event of events) writer.take(event);
  return Object.freeze({ [TAPE]: { resources: described, turns: writer.turns } });
}

function isFirst(event: RecordedEvent, i: number, events: readonly RecordedEvent[]): boolean {
  return events.findIndex(({ resource }) => resource === event.resource) === i;
}

function describe(given: string | LoggedResource): LoggedResource {
  const description = typeof given === 'string' ? { gvr: given } : given;
  parseGvr(description.gvr);
  return description;
}

const SECOND = 1000;

/** Takes events in their order. */
class TapeWriter {
  readonly turns: TapeTurn[] = [];
  readonly #resources: Readonly<Record<string, LoggedResource>>;
  readonly #uids = new Map<string, string>();
  readonly #start: number = Date.UTC(2026, 0, 1);
  #time: number = this.#start - SECOND;
  #sequence = 0;

  constructor(resources: Readonly<Record<string, LoggedResource>>) {
    this.#resources = resources;
  }

  beginEmpty(resource: string): void {
    const event = { type: 'LISTED', objects: [], resourceVersion: '1', sequence: 0 } as const;
    this.turns.push({ resource, time: this.#start, monotonic: 0, sequence: 0, events: [event] });
  }

  take(event: RecordedEvent): void {
    const { resource } = event;
    this.#sequence++;
    if (!Object.hasOwn(this.#resources, resource)) {
      throw new ConfigError(
        `Event ${this.#sequence} is of ${shownValue(resource)}, which resources does not name. There are: ${Object.keys(this.#resources).join(', ')}.`,
        { code: 'UNKNOWN_NAME' },
      );
    }
    this.#time = event.time === undefined ? this.#time + SECOND : timeOf(event.time);
    const monotonic = Math.max(0, this.#time - this.#start);
    const events = [this.#eventOf(event)];
    this.turns.push({ resource, time: this.#time, monotonic, sequence: this.#sequence, events });
  }

  #eventOf(event: RecordedEvent): TapeEvent {
    const sequence = this.#sequence;
    if (event.type === 'BOOKMARK')
      return { type: event.type, resourceVersion: event.resourceVersion, sequence };
    if (event.type === 'REPLACED') {
      const { resourceVersion = String(sequence + 1) } = event;
      const objects = event.objects.map((object) => this.#completed(event, object));
      const there = new Set(objects.map((object) => `${event.resource} ${keyOf(object)}`));
      for (const key of this.#uids.keys())
        if (key.startsWith(`${event.resource} `) && !there.has(key)) this.#uids.delete(key);
      return { type: 'LISTED', objects, resourceVersion, sequence };
    }
    const object = this.#completed(event, event.object);
    const key = `${event.resource} ${keyOf(object)}`;
    const known = this.#uids.get(key);
    if ((event.type === 'ADDED') === (known !== undefined))
      throw this.#invalid(
        `${keyOf(object)} is ${event.type}, and ${known === undefined ? 'is not there' : 'is there already'}`,
      );
    if (event.type === 'DELETED') this.#uids.delete(key);
    else this.#uids.set(key, object.metadata?.uid ?? '');
    return { type: event.type, object, sequence };
  }

  #completed({ resource, type }: RecordedEvent, object: Written): KubernetesObject {
    const { namespace = '', name } = object?.metadata ?? {};
    if (typeof name !== 'string' || name === '')
      throw this.#invalid(`${shownValue(object)} has no metadata.name`);
    const gvr = this.#resources[resource]?.gvr ?? '';
    const key = `${resource} ${namespace}/${name}`;
    const uid = (type === 'ADDED' ? undefined : this.#uids.get(key)) ?? `${name}-${this.#sequence}`;
    const metadata = { uid, resourceVersion: String(this.#sequence + 1), ...object.metadata };
    if (type === 'REPLACED') this.#uids.set(key, metadata.uid);
    const apiVersion = gvr.slice(0, gvr.lastIndexOf('/'));
    return structuredClone({ apiVersion, ...object, metadata });
  }

  #invalid(what: string): ConfigError {
    return new ConfigError(
      `Event ${this.#sequence}: ${what}. Write what a watch could tell: objects with names, ADDED before MODIFIED and DELETED.`,
      { code: 'INVALID_EVENT' },
    );
  }
}
