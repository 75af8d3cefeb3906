/** Owns the recording of one resource: what its store applied, what its watch said, which timers fired. */
import type { EventOrigin, FirnError, KubernetesObject, Snapshot } from '@firn/core';
import type { StagedList } from '@firn/core/engine';
import type { Journal, JournaledEvent, JournaledObject } from '@firn/stores/engine';
import { type EventBytes, itemBytes, writeBytes } from '../event-log/event-bytes.ts';
import type { LogEvent, LoggedFetch } from '../event-log/log-event.ts';
import type { WatchState } from '../watcher/watch-state.ts';
import type { RecordedForm } from './recorded-form.ts';
import type { FetchListener } from './recording-client.ts';

/** Where records go: a log on the disk, or a ring in memory. */
export interface RecordTarget {
  append(resource: string, event: LogEvent | EventBytes): unknown;
  appendBatch(resource: string, events: readonly (LogEvent | EventBytes)[]): unknown;
}

/** Items in one record at most: no line grows with a list. */
const ITEMS_AT_ONCE = 100;

type List = StagedList<KubernetesObject>;

/** Writes what it hears of, at once. */
export class ResourceRecorder implements Journal<KubernetesObject> {
  readonly #name: string;
  readonly #target: RecordTarget;
  readonly #form: RecordedForm;
  readonly fetches: FetchListener | undefined;
  /** The list whose items are recorded as they come; another one that begins meanwhile is recorded when it is complete. */
  #open: List | undefined;
  #toldState = '';

  constructor(name: string, target: RecordTarget, form: RecordedForm, recordsFetches = false) {
    this.#name = name;
    this.#target = target;
    this.#form = form;
    if (recordsFetches)
      this.fetches = {
        fetched: ({ namespace, name: fetched }, object) => {
          const came = object === undefined ? null : form.fetched(object);
          this.#append({ type: 'FETCH', namespace, name: fetched, object: came });
        },
        failed: ({ namespace, name: fetched }, cause) =>
          this.#append({ type: 'FETCH', namespace, name: fetched, error: failureOf(cause) }),
      };
  }

  batch(events: readonly JournaledEvent<KubernetesObject>[]): void {
    const [first] = events;
    if (events.length === 1 && first?.type === 'REPLACED') {
      this.#whole(first.entries, first.resourceVersion, 'call');
      return;
    }
    const parts = events.flatMap((event) => this.#recordsOf(event));
    this.#target.appendBatch(this.#name, parts);
  }

  listBegun(list: List): void {
    if (this.#open !== undefined) return;
    this.#open = list;
    this.#append({ type: 'REPLACED', part: 'begin' });
  }

  listItems(list: List, objects: readonly JournaledObject<KubernetesObject>[]): void {
    if (list === this.#open) this.#items('REPLACED', objects);
  }

  listItemRemoved(
    list: List,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): void {
    if (list === this.#open) this.#append({ type: 'REPLACED', part: 'removed', namespace, name });
  }

  listCommitted(list: List, resourceVersion: string): void {
    if (list !== this.#open) {
      this.#whole(list.entries, resourceVersion, 'watch');
      return;
    }
    this.#open = undefined;
    this.#append({ type: 'REPLACED', part: 'end', resourceVersion });
  }

  listDiscarded(list: List): void {
    if (list !== this.#open) return;
    this.#open = undefined;
    this.#append({ type: 'REPLACED', part: 'discarded' });
  }

  restored({ modCount, resourceVersion, size }: Snapshot<KubernetesObject>): void {
    const version = resourceVersion === undefined ? undefined : { resourceVersion };
    this.#append({ type: 'RESTORED', modCount, ...version, size });
  }

  /** What the watch says of itself, when that has changed; not its progress and its times. */
  state({ phase, synced, stale, lastError }: WatchState): void {
    const state = {
      phase,
      synced,
      stale,
      ...(lastError === undefined ? undefined : { error: lastError.code }),
    };
    const text = JSON.stringify(state);
    if (text === this.#toldState) return;
    this.#toldState = text;
    this.#append({ type: 'STATE', state });
  }

  error({ code, message, retryable }: FirnError): void {
    this.#append({ type: 'ERROR', code, message, retryable });
  }

  timer(timer: string): void {
    this.#append({ type: 'TIMER', timer });
  }

  #recordsOf(event: JournaledEvent<KubernetesObject>): readonly (LogEvent | EventBytes)[] {
    switch (event.type) {
      case 'BOOKMARK':
      case 'CLEARED':
        return [event];
      case 'REPLACED':
        return [...this.#parts(event.entries, event.resourceVersion, 'call')];
      case 'DELETED': {
        const { type, origin, object } = event;
        return [origin === 'watch' ? { type, object } : { type, object, origin }];
      }
      default: {
        const { type, origin, object, keys } = event;
        const more = {
          ...(origin === 'watch' ? undefined : { origin }),
          ...(keys === undefined ? undefined : { keys }),
        };
        const pieces = this.#form.of(object);
        return pieces === undefined ? [] : [writeBytes(type, pieces, more)];
      }
    }
  }

  /** A list as a whole; what another one had recorded of itself until now counts no more, and is recorded anew. */
  #whole(
    entries: Iterable<JournaledObject<KubernetesObject>>,
    resourceVersion: string,
    origin: EventOrigin,
  ): void {
    for (const part of this.#parts(entries, resourceVersion, origin)) this.#append(part);
    const interrupted = this.#open;
    if (interrupted === undefined) return;
    this.#append({ type: 'REPLACED', part: 'begin' });
    this.#items('REPLACED', [...interrupted.entries]);
  }

  *#parts(
    entries: Iterable<JournaledObject<KubernetesObject>>,
    resourceVersion: string,
    origin: EventOrigin,
  ): Iterable<LogEvent | EventBytes> {
    yield { type: 'REPLACED', part: 'begin', ...(origin === 'watch' ? undefined : { origin }) };
    for (const objects of slices(entries)) yield itemBytes('REPLACED', this.#piecesOf(objects));
    yield { type: 'REPLACED', part: 'end', resourceVersion };
  }

  #items(type: 'REPLACED', objects: readonly JournaledObject<KubernetesObject>[]): void {
    for (const some of slices(objects)) this.#append(itemBytes(type, this.#piecesOf(some)));
  }

  #piecesOf(objects: readonly JournaledObject<KubernetesObject>[]): (readonly Uint8Array[])[] {
    return objects.map((object) => this.#form.of(object)).filter((pieces) => pieces !== undefined);
  }

  #append(event: LogEvent | EventBytes): void {
    this.#target.append(this.#name, event);
  }
}

function failureOf(cause: unknown): NonNullable<LoggedFetch['error']> {
  const { code: status } = (cause ?? {}) as { readonly code?: unknown };
  const message = cause instanceof Error ? cause.message : 'the client failed';
  return typeof status === 'number' ? { status, message } : { message };
}

/** Gathers so many at a time. */
export function* slices<V>(values: Iterable<V>, size: number = ITEMS_AT_ONCE): Generator<V[], undefined> {
  let some: V[] = [];
  for (const value of values) {
    some.push(value);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
