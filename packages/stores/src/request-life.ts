/** Owns the end of a request: whoever ends it, the caller's signal, the transport or a deadline. */
import type { Clock } from './clock.ts';

/** One signal for a request that several parties may end; it holds on to none of them once it is over. */
export class RequestLife {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #onOver: () => void;
  readonly #follow = (): void => this.end(this.#outer?.reason);
  #deadline: unknown;

  /** @param onOver is called when the request is over in whichever way, perhaps more than once. */
  constructor(outer: AbortSignal | undefined, clock: Clock, onOver: () => void) {
    this.#outer = outer;
    this.#clock = clock;
    this.#onOver = onOver;
    outer?.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the request with the error unless the deadline is called off within `ms` milliseconds. */
  setDeadline(ms: number, error: () => Error): void {
    this.#deadline = this.#clock.setTimeout(() => this.end(error()), ms);
  }

  clearDeadline(): void {
    this.#clock.clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** The request ends now, for this reason. */
  end(reason: unknown): void {
    this.over();
    this.#controller.abort(reason);
  }

  /** The request has come to its end by itself. */
  over(): void {
    this.clearDeadline();
    this.#outer?.removeEventListener('abort', this.#follow);
    this.#onOver();
  }

  /** Rejects as soon as the request is ended; what it waited for goes on. */
  async unlessEnded<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (): void => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}
