/** Owns delivery to the subscribers of a stream that replays nothing, batch by batch. */
import { Observable, type Subscriber, throwError } from 'rxjs';

/** Those who get a value: who had subscribed when it came about. */
export type Audience<V> = readonly Subscriber<V>[];

/** A hot stream whose values reach only who had subscribed when `audience` was taken. */
export class HotStream<V> {
  readonly observable: Observable<V>;
  readonly #subscribers = new Set<Subscriber<V>>();
  // Taken for every batch, changed seldom.
  #audience: Audience<V> | undefined = NOBODY;
  #closed = false;

  constructor() {
    this.observable = new Observable((subscriber) => {
      if (this.#closed) {
        subscriber.complete();
        return undefined;
      }
      this.#subscribers.add(subscriber);
      this.#audience = undefined;
      return () => {
        this.#subscribers.delete(subscriber);
        this.#audience = undefined;
      };
    });
  }

  get observed(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Who subscribes now; stays as it is while others come and go. */
  audience(): Audience<V> {
    this.#audience ??= [...this.#subscribers];
    return this.#audience;
  }

  /** Delivers one value to all who subscribe now. */
  next(value: V): void {
    deliver(this.audience(), value);
  }

  complete(): void {
    this.#closed = true;
    for (const subscriber of this.audience()) completeOne(subscriber);
  }
}

const NOBODY: readonly never[] = Object.freeze([]);

/**
 * Delivers a value to an audience; who left in the meantime gets nothing. A subscriber that throws holds up nobody:
 * RxJS reports it.
 */
export function deliver<V>(audience: Audience<V>, value: V): void {
  for (const subscriber of audience) {
    if (subscriber.closed) continue;
    try {
      subscriber.next(value);
    } catch (error) {
      report(error);
    }
  }
}

/** Completes one subscriber; its teardown may throw without harm to others. */
export function completeOne(subscriber: Subscriber<never>): void {
  try {
    subscriber.complete();
  } catch (error) {
    report(error);
  }
}

/** RxJS catches what callbacks throw, not what teardowns do: those go the same way (`config.onUnhandledError`). */
function report(error: unknown): void {
  throwError(() => error).subscribe();
}
