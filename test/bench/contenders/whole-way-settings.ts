/** Owns what a turn of the whole way is told, and what a contestant can do. */
import type { ContenderSettings } from './support.ts';

/** Who is measured, and how it is set. */
export type Contender =
  | { readonly name: 'JSON.parse' }
  | { readonly name: 'drain'; readonly initialList: 'watch-list' | 'list'; readonly metadataOnly?: boolean }
  | { readonly name: 'client-node'; readonly list: 'typed' | 'raw' }
  | { readonly name: 'firn-on-demand' }
  | {
      readonly name: 'firn';
      readonly initialList: 'watch-list' | 'list';
      /** Objects a page; all in one when larger than the list. */
      readonly pageSize?: number;
      /** What the subscriber does with a change of an event: nothing, or read the object. */
      readonly reads: boolean;
      /** Whether it has subscribed before the first list. */
      readonly subscribed?: boolean;
      /** Whether everything is recorded. */
      readonly recorded?: boolean;
    };

/** What a turn is told. */
export interface WholeWaySettings extends ContenderSettings {
  readonly contender: Contender;
  /** Events that are measured. */
  readonly events: number;
  /** Events before those. */
  readonly warmUp: number;
}

/** What takes part. */
export interface Contestant {
  /** Resolves when every object is visible. */
  sync(): Promise<unknown>;
  /** Where only a part of `sync` counts: that part, in milliseconds. */
  syncMs?(): number;
  /** Has this many events made ready. */
  prepare(events: number): Promise<unknown>;
  /** Receives them; resolves when the last one has arrived and was looked at. */
  receive(): Promise<unknown>;
  size(): number;
  /** The object that it holds for an index; `not kept` where it holds nothing. */
  get(index: number): unknown;
  /** Everything as an array, and a field of each. */
  readonly readAll?: () => unknown;
  end(): unknown;
  /** More figures, once it has ended. */
  figures?(): Promise<Readonly<Record<string, number>>>;
}
