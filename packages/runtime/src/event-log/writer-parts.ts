/** Owns what the opening of a folder hands to the writer that it makes. */
import type { EventLogError } from '@firn/core';
import type { FolderLock } from './folder-lock.ts';
import type { SegmentChain } from './segment-chain.ts';
import type { SegmentKeeper } from './segment-keeper.ts';
import type { WriterSettings } from './writer-options.ts';

/** What opening a folder gives a writer. */
export interface WriterParts {
  readonly settings: WriterSettings;
  readonly chain: SegmentChain;
  readonly lock: FolderLock;
  readonly createKeeper: (failed: (error: EventLogError) => void) => SegmentKeeper;
  readonly tornTail: EventLogError | undefined;
}
