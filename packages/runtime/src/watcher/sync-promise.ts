/** Owns the promise of one start's first sync. */
import { abortError } from './abort-error.ts';

/** Settles once: with the number of resources, or with an AbortError; never an unhandled rejection. */
export class SyncPromise {
  readonly promise: Promise<number>;
  readonly #resolve: (count: number) => void;
  readonly #reject: (error: unknown) => void;
  #settled = false;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    promise.catch(() => undefined);
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(count: number): void {
    this.#settled = true;
    this.#resolve(count);
  }

  abort(): void {
    this.#settled = true;
    this.#reject(abortError('The watcher was stopped before its first sync.'));
  }
}
