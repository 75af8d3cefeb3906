/** Owns the way of a recorded turn into a watcher: through the same mailbox as what a reflector delivers. */
import { FirnError, type KubernetesObject, type ResourceEvent } from '@firn/core';
import type { ActorSink } from '../actor/resource-actor.ts';
import type { LogEvent, LoggedError, LoggedList, LoggedObject, LoggedState } from '../event-log/log-event.ts';
import type { ReflectorStatus } from '../reflector/reflector-sink.ts';
import type { RecordedFetches } from './recorded-fetches.ts';
import type { RecordedTimer } from './recorded-timer.ts';
import { asEvent } from './replayed-resource.ts';
import type { Turn } from './turn.ts';

type Event = ResourceEvent<KubernetesObject>;
type Objects = readonly LoggedObject[];

/** What a turn acts on. */
export interface DeliveryParts {
  readonly sink: ActorSink;
  /** Fires where the log says so; left out where its time says it. */
  readonly debounce: RecordedTimer | undefined;
  readonly fetches: RecordedFetches;
}

/** Delivers the turns of one resource. */
export class TurnDelivery {
  readonly #parts: DeliveryParts;
  /** Items of a list that came by a call, and not from a server. */
  #called: LoggedObject[] | undefined;
  #lastError: FirnError | undefined;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Gives a promise where subscribers have not heard all of it yet. */
  deliver(turn: Turn): Promise<void> | undefined {
    const { sink } = this.#parts;
    if (turn.restored !== undefined) {
      sink.restore(turn.restored, turn.time);
      sink.confirmed();
    }
    const [first] = turn.events;
    if (turn.events.length > 1) {
      for (const event of turn.events) this.#tellFetches(event);
      sink.batch(batchOf(turn.events), 0);
    } else if (first !== undefined) this.#deliverOne(first, turn.time);
    return sink.settle();
  }

  #deliverOne(event: LogEvent, time: number): void {
    const { sink, debounce, fetches } = this.#parts;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        this.#tellFetches(event);
        sink.batch([asEvent(event)], 0);
        break;
      case 'BOOKMARK':
      case 'CLEARED':
        sink.batch([event], 0);
        break;
      case 'REPLACED':
        this.#deliverPart(event);
        break;
      case 'STATE':
        sink.status(this.#statusOf(event, time));
        break;
      case 'ERROR':
        this.#lastError = errorOf(event);
        sink.error(this.#lastError);
        break;
      case 'TIMER':
        if (event.timer === 'debounce') debounce?.fire();
        break;
      case 'FETCH':
        fetches.fetched(event);
        break;
      default:
    }
  }

  #deliverPart(part: LoggedList): void {
    const { sink } = this.#parts;
    this.#tellFetches(part);
    if (part.part === 'begin' && part.origin === 'call') this.#called = [];
    else if (this.#called !== undefined) this.#deliverCalled(this.#called, part);
    else if (part.part === 'begin') sink.listStarted();
    else if (part.part === 'items') sink.listItems(part.objects as readonly KubernetesObject[]);
    else if (part.part === 'removed') sink.listItemDeleted(part);
    else if (part.part === 'discarded') sink.listDiscarded();
    else sink.listCommitted(part.resourceVersion);
  }

  /** What the watch says ends what was known before of what it speaks of. */
  #tellFetches(event: LogEvent): void {
    const { fetches } = this.#parts;
    if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED')
      fetches.changed(event);
    else if (event.type === 'REPLACED' && event.part === 'items')
      for (const object of event.objects) fetches.changed({ type: 'MODIFIED', object });
  }

  #deliverCalled(objects: LoggedObject[], part: LoggedList): void {
    if (part.part === 'items') objects.push(...part.objects);
    if (part.part !== 'end') return;
    this.#called = undefined;
    this.#parts.sink.batch([replaced(objects, part.resourceVersion)], 0);
  }

  #statusOf({ state }: LoggedState, time: number): ReflectorStatus {
    const { phase, stale, error } = state as Pick<ReflectorStatus, 'phase' | 'stale'> & { error?: string };
    const lastError = error === this.#lastError?.code ? this.#lastError : undefined;
    return {
      phase,
      stale,
      ...(stale ? undefined : { connectedSince: time }),
      ...(lastError && { lastError }),
    };
  }
}

/** A whole list among others is one event. */
function batchOf(events: readonly LogEvent[]): Event[] {
  const batch: Event[] = [];
  let objects: LoggedObject[] = [];
  for (const event of events) {
    if (event.type !== 'REPLACED') batch.push(asEvent(event as Parameters<typeof asEvent>[0]));
    else if (event.part === 'begin') objects = [];
    else if (event.part === 'items') objects.push(...event.objects);
    else if (event.part === 'end') batch.push(replaced(objects, event.resourceVersion));
  }
  return batch;
}

function replaced(objects: Objects, resourceVersion: string): Event {
  return { type: 'REPLACED', objects: objects as readonly KubernetesObject[], resourceVersion };
}

function errorOf({ code, message, retryable = false }: LoggedError): FirnError {
  return new FirnError(message, { code, retryable });
}
