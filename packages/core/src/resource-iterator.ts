/** Owns walking over resources in order: by hand, because a generator costs several times as much for each. */
import type { Entry } from './entry.ts';
import type { Resource } from './resource.ts';

/** Reads the resources of entries as it comes to them. */
export class ResourceIterator<T> implements IterableIterator<Resource<T>> {
  readonly #leaves: readonly (readonly Entry<T>[])[];
  #leaf: readonly Entry<T>[];
  #next = 1;
  #at = 0;

  constructor(leaves: readonly (readonly Entry<T>[])[]) {
    this.#leaves = leaves;
    this.#leaf = leaves[0] ?? [];
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Resource<T>, undefined> {
    while (this.#at === this.#leaf.length) {
      const leaf = this.#leaves[this.#next];
      if (leaf === undefined) return { done: true, value: undefined };
      this.#leaf = leaf;
      this.#next++;
      this.#at = 0;
    }
    return { done: false, value: (this.#leaf[this.#at++] as Entry<T>).resource };
  }
}
