/** Owns the names of the files in the folder of a log. */
import { join } from 'node:path';
import { folderFailure } from './event-log-failure.ts';
import type { LogFileSystem } from './log-file-system.ts';

/** What is there of a segment. */
export interface SegmentPlace {
  /** From 1, without gaps. */
  readonly number: number;
  readonly path: string;
  readonly compressed: boolean;
}

/** The name of the file that says who writes. */
export const LOCK_FILE = 'writer.lock';

/** Marks what is not finished; a writer removes such files when it opens the folder. */
export const UNFINISHED = '.tmp';

const NAME = /^(\d{8})\.jsonl(\.zst)?$/;

export function segmentPath(folder: string, number: number, compressed = false): string {
  return join(folder, `${String(number).padStart(8, '0')}.jsonl${compressed ? '.zst' : ''}`);
}

/** The segments among the files of a folder, in order. Of one that is there twice the plain file counts. */
function segmentsAmong(folder: string, names: readonly string[]): readonly SegmentPlace[] {
  const found = new Map<number, SegmentPlace>();
  for (const name of [...names].sort()) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const number = Number(match[1]);
    // Compressing ends with the removal of the plain file: until then, that one is the original.
    if (!found.has(number))
      found.set(number, { number, path: join(folder, name), compressed: match[2] !== undefined });
  }
  return [...found.values()];
}

/**
 * The segments of a folder, in order; none if it holds no log.
 *
 * @throws {EventLogError} `FOLDER_MISSING`, `FORBIDDEN`, `DISK_FAILED`.
 */
export async function findSegments(files: LogFileSystem, folder: string): Promise<readonly SegmentPlace[]> {
  try {
    return segmentsAmong(folder, await files.list(folder));
  } catch (error) {
    throw folderFailure(error, folder);
  }
}
