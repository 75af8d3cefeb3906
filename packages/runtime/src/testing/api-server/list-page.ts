/** Owns what one page of a list consists of. */
import type { ContinueToken } from './continue-token.ts';
import type { StoredObject } from './stored-object.ts';

/** One page. */
export interface ListPage {
  readonly version: number;
  readonly items: Iterable<StoredObject>;
  readonly next: ContinueToken | undefined;
  readonly remaining: number | undefined;
}
