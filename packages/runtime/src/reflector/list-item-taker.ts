/** Owns the taking of list items while the list is still being split. */
import type { ListSplitter } from '../transport/list-splitter.ts';
import type { ItemDefaults, PackedObject } from '../transport/object-decoder.ts';
import type { ReadContext } from './read-context.ts';

/** Has the decoder take items on the spot, once the list has said what they are. */
export class ListItemTaker {
  readonly #context: ReadContext;
  readonly #splitter: ListSplitter;
  #defaults: ItemDefaults | undefined;
  #end = 0;

  constructor(context: ReadContext, splitter: ListSplitter) {
    this.#context = context;
    this.#splitter = splitter;
  }

  /** The index behind the item taken last. */
  get end(): number {
    return this.#end;
  }

  /** Items of built-in types carry no apiVersion and kind: the list's count for them (rule 8). */
  get defaults(): ItemDefaults {
    if (this.#defaults !== undefined) return this.#defaults;
    const { apiVersion, kind } = this.#splitter;
    const defaults = { apiVersion, kind: kind?.replace(/List$/, '') ?? this.#context.kind };
    if (apiVersion !== undefined && kind !== undefined) this.#defaults = defaults;
    return defaults;
  }

  take(chunk: Uint8Array, from: number): PackedObject | undefined {
    const { decoder } = this.#context;
    const { defaults } = this;
    if (this.#defaults === undefined) return undefined;
    const taken = decoder.takeListItem?.(chunk, from, defaults);
    if (taken === undefined) return undefined;
    this.#end = taken.end;
    return taken.item;
  }
}
