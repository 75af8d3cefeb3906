/** Owns how many fetches are under way at once: first come, first served. */

/** Gives so many places; the others wait for theirs in the order in which they came. */
export class FetchQueue {
  #free: number;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(places: number) {
    this.#free = places;
  }

  /** Calls `start` when there is a place, perhaps at once; whoever entered has to leave, at any time. */
  enter(start: () => void): () => void {
    let state: 'waiting' | 'inside' | 'gone' = 'waiting';
    const begin = (): void => {
      state = 'inside';
      start();
    };
    if (this.#closed) state = 'gone';
    else if (this.#free > 0) {
      this.#free--;
      begin();
    } else this.#waiting.add(begin);
    return () => {
      if (state === 'inside') this.#left();
      else this.#waiting.delete(begin);
      state = 'gone';
    };
  }

  /** Nobody who waits is called any more. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  #left(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
