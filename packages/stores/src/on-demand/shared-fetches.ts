/** Owns the sharing of requests: one for each thing that is asked for, however many ask. */
import { defer, type Observable, share, tap } from 'rxjs';

/** Requests under way, by what they are for. */
export class SharedFetches<V> {
  readonly #running = new Map<string, Observable<V>>();

  get size(): number {
    return this.#running.size;
  }

  /**
   * One value, or an error, of the request under way or of a new one. It begins with the first subscriber and is
   * cancelled when the last one leaves.
   *
   * @param joined is called when a request is under way already.
   */
  of(key: string, begin: () => Observable<V>, joined: () => void): Observable<V> {
    return defer(() => {
      const running = this.#running.get(key);
      if (running !== undefined) {
        joined();
        return running;
      }
      // Forgotten before its subscribers are told: whoever asks in answer begins a new one.
      const forget = (): void => {
        if (this.#running.get(key) === shared) this.#running.delete(key);
      };
      const shared: Observable<V> = defer(begin).pipe(
        tap({ next: forget, error: forget, complete: forget, unsubscribe: forget }),
        share(),
      );
      this.#running.set(key, shared);
      return shared;
    });
  }

  /** Nobody joins this one any more: its answer is known, and may soon be out of date. */
  forget(key: string): void {
    this.#running.delete(key);
  }

  /** Nobody joins those under way any more; they go on for who waits for them. */
  keepApart(): void {
    this.#running.clear();
  }
}
