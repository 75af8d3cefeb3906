/** Owns closed segments: which are kept, and that they get smaller. It works in the background, one job at a time. */
import { basename, join } from 'node:path';
import type { EventLogError } from '@firn/core';
import { diskFailure, systemCode } from './event-log-failure.ts';
import { withFile } from './log-file.ts';
import type { LogFileSystem } from './log-file-system.ts';
import { compressFile } from './segment-bytes.ts';
import { findSegments, LOCK_FILE, type SegmentPlace, segmentPath, UNFINISHED } from './segment-name.ts';

/** What is kept; what nothing is said of has no bound. Looked at whenever a segment has begun. */
export interface Retention {
  /** Segments in all, the current one among them. */
  readonly segments?: number | undefined;
  /** Bytes on the disk in all, as far as closed segments can help it. */
  readonly bytes?: number | undefined;
  /** Milliseconds since something was last written to a segment. */
  readonly ageMs?: number | undefined;
}

/** What a keeper needs. */
export interface KeeperOptions {
  readonly files: LogFileSystem;
  readonly folder: string;
  readonly keep: Retention;
  readonly compress: boolean;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** When a segment began; undefined if that cannot be told. */
  readonly startOf: (place: SegmentPlace) => Promise<number | undefined>;
  /** A job failed: the log goes on, with a segment more or a larger one. */
  readonly failed: (error: EventLogError) => void;
}

/** Looks after segments that nobody writes to any more. */
export class SegmentKeeper {
  readonly #options: KeeperOptions;
  #jobs: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** A segment is complete. */
  closed(number: number): void {
    if (!this.#options.compress) return;
    this.#do(segmentPath(this.#options.folder, number), () => this.#compress(number));
  }

  /** Everything can be rebuilt from this segment on: those before it may go. */
  checkpointed(number: number): void {
    const { folder, keep } = this.#options;
    if (Object.values(keep).every((bound) => bound === undefined)) return;
    this.#do(folder, () => this.#retain(number));
  }

  /** Begins nothing more; resolves when the job under way is done. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#jobs;
  }

  #do(file: string, job: () => Promise<void>): void {
    this.#jobs = this.#jobs.then(async () => {
      if (this.#ended) return;
      try {
        await job();
      } catch (error) {
        this.#options.failed(diskFailure(error, file));
      }
    });
  }

  /** In this order, so that at every moment one of the two files is whole, and on the disk. */
  async #compress(number: number): Promise<void> {
    const { files, folder } = this.#options;
    const plain = segmentPath(folder, number);
    const compressed = segmentPath(folder, number, true);
    const unfinished = compressed + UNFINISHED;
    try {
      await withFile(files, plain, 'read', (from) =>
        withFile(files, unfinished, 'create', async (to) => {
          await compressFile(from, to);
          await to.sync();
        }),
      );
      await files.rename(unfinished, compressed);
    } catch (error) {
      await files.remove(unfinished).catch(() => undefined);
      throw error;
    }
    await files.syncFolder(folder);
    await files.remove(plain);
  }

  async #retain(from: number): Promise<void> {
    const { files, folder, keep } = this.#options;
    const segments = await findSegments(files, folder);
    const sizes = await Promise.all(segments.map(({ path }) => sizeOf(files, path)));
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    let removed = 0;
    for (const [index, place] of segments.entries()) {
      if (place.number >= from) break;
      const tooMany = segments.length - removed > (keep.segments ?? Number.POSITIVE_INFINITY);
      const tooLarge = bytes > (keep.bytes ?? Number.POSITIVE_INFINITY);
      if (!tooMany && !tooLarge && !(await this.#isTooOld(segments[index + 1]))) break;
      await files.remove(place.path);
      bytes -= sizes[index] ?? 0;
      removed++;
    }
    if (removed > 0) await files.syncFolder(folder);
  }

  /** Nothing was written to a segment after the next one had begun. */
  async #isTooOld(following: SegmentPlace | undefined): Promise<boolean> {
    const { keep, now, startOf } = this.#options;
    if (keep.ageMs === undefined || following === undefined) return false;
    const ended = await startOf(following);
    return ended !== undefined && now() - ended > keep.ageMs;
  }
}

function sizeOf(files: LogFileSystem, path: string): Promise<number> {
  return withFile(files, path, 'read', (file) => file.size());
}

/**
 * Removes what a process left unfinished that died: half-compressed files, compressed ones whose original is still
 * there, and drafts of locks.
 */
export async function tidyFolder(
  files: LogFileSystem,
  folder: string,
  segments: readonly SegmentPlace[],
): Promise<void> {
  const names = new Set(await files.list(folder));
  const doomed = [...names].filter(
    (name) => name.endsWith(`.jsonl.zst${UNFINISHED}`) || name.startsWith(`${LOCK_FILE}.`),
  );
  for (const { path, compressed } of segments) {
    const twin = `${basename(path)}.zst`;
    if (!compressed && names.has(twin)) doomed.push(twin);
  }
  for (const name of doomed) await files.remove(join(folder, name)).catch(unlessGone);
}

/** Whoever tries to lock the folder removes the draft as well. */
function unlessGone(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}
