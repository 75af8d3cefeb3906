/** Owns a stream that replays its current value. */
import { HotStream } from '@firn/stores/engine';
import { Observable } from 'rxjs';

/** Tells each subscriber the current value, then each change of it. */
export class ValueStream<V> {
  readonly observable: Observable<V>;
  readonly #changes: HotStream<V> = new HotStream();
  readonly #current: () => V;

  constructor(current: () => V) {
    this.#current = current;
    this.observable = new Observable((subscriber) => {
      subscriber.next(this.#current());
      return this.#changes.observable.subscribe(subscriber);
    });
  }

  /** Tells all subscribers the value as it is now. */
  changed(): void {
    if (this.#changes.observed) this.#changes.next(this.#current());
  }

  complete(): void {
    this.#changes.complete();
  }
}
