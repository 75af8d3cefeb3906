/** Owns the running timers of a reflector: one handle a purpose. */
import type { Clock } from '@firn/stores';

/** Named timers on one clock. */
export class ReflectorTimers<Name extends string> {
  readonly #clock: Clock;
  readonly #handles = new Map<Name, unknown>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isSet(name: Name): boolean {
    return this.#handles.has(name);
  }

  /** Sets the timer of that name, in place of the one before. */
  set(name: Name, ms: number, fired: () => void): void {
    this.clear([name]);
    const handle = this.#clock.setTimeout(() => {
      this.#handles.delete(name);
      fired();
    }, ms);
    this.#handles.set(name, handle);
  }

  clear(names: Iterable<Name>): void {
    for (const name of names) {
      if (!this.#handles.has(name)) continue;
      this.#clock.clearTimeout(this.#handles.get(name));
      this.#handles.delete(name);
    }
  }

  clearAll(): void {
    this.clear([...this.#handles.keys()]);
  }
}
