/** Owns the results of exact look-ups on the current state: a Map beside the tree, filled by who reads. */
import type { Resource } from '@firn/core';

type Results<T> = readonly Resource<T>[];
interface Level<T> extends Map<string, Level<T> | Results<T>> {}

/** Remembers the array each exact `get` gave until something under its keys changes. */
export class ExactReads<T> {
  #root: Level<T> = new Map();

  get isEmpty(): boolean {
    return this.#root.size === 0;
  }

  find(keys: readonly string[]): Results<T> | undefined {
    let level = this.#root;
    const last = keys.length - 1;
    for (let i = 0; i < last; i++) {
      const next = level.get(keys[i] as string);
      if (next === undefined) return undefined;
      level = next as Level<T>;
    }
    return level.get(keys[last] as string) as Results<T> | undefined;
  }

  /** Remembers a result; an empty one is the same array everywhere and needs no remembering. */
  remember(keys: readonly string[], results: Results<T>): void {
    if (results.length === 0) return;
    let level = this.#root;
    for (const key of keys.slice(0, -1)) {
      let next = level.get(key) as Level<T> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(key, next);
      }
      level = next;
    }
    level.set(keys.at(-1) as string, results);
  }

  forget(keys: readonly string[]): void {
    this.#remove(this.#root, keys, 0);
  }

  forgetAll(): void {
    if (this.#root.size > 0) this.#root = new Map();
  }

  /** Removes a result and the levels that it leaves empty. */
  #remove(level: Level<T>, keys: readonly string[], depth: number): void {
    const key = keys[depth] as string;
    if (depth === keys.length - 1) {
      level.delete(key);
      return;
    }
    const next = level.get(key) as Level<T> | undefined;
    if (next === undefined) return;
    this.#remove(next, keys, depth + 1);
    if (next.size === 0) level.delete(key);
  }
}
