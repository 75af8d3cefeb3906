/** Owns what a form of sending objects has to be able to do. */
import type { StoredObject } from './stored-object.ts';

/** Turns stored objects into the bytes of a response. */
export interface Representation {
  /** Names the form in the cache of encoded frames; `''`: not to be cached. */
  readonly cacheKey: string;
  readonly list: {
    readonly kind: string;
    readonly apiVersion: string;
    readonly members: string;
    readonly items: string;
  };
  /** The object on its own, as `get` and watch frames carry it. */
  object(stored: StoredObject): readonly Uint8Array[];
  /** The object as an item of a list. */
  item(stored: StoredObject): readonly Uint8Array[];
  /** A bookmark's object. */
  bookmark(resourceVersion: string, annotations: Readonly<Record<string, string>> | undefined): string;
}
