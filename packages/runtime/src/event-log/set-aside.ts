/** Owns the moving away of what is damaged: under a clear name beside the log, never into nothing. */
import { basename, join } from 'node:path';
import { withFile, writeAll } from './log-file.ts';
import type { LogFileSystem } from './log-file-system.ts';
import { segmentBytes } from './segment-bytes.ts';
import { type SegmentPlace, segmentPath, UNFINISHED } from './segment-name.ts';

/** Puts things aside, under names that are free. */
export class SetAside {
  readonly files: string[] = [];
  readonly #files: LogFileSystem;
  readonly #folder: string;
  #taken: Set<string> | undefined;

  constructor(files: LogFileSystem, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  async move(path: string): Promise<void> {
    await this.#files.rename(path, await this.#freeName(`${basename(path)}.damaged`));
  }

  /** Keeps the first bytes of a segment. The rest is on the disk elsewhere before it is cut off. */
  async cut(place: SegmentPlace, keep: number): Promise<void> {
    const { number, path, compressed } = place;
    const files = this.#files;
    if (compressed) {
      const plain = segmentPath(this.#folder, number);
      await files.remove(plain + UNFINISHED).catch(() => undefined);
      await this.#copy(segmentBytes(files, this.#folder, place), 0, keep, plain + UNFINISHED);
      await files.rename(plain + UNFINISHED, plain);
      await this.move(path);
      return;
    }
    const rest = await this.#freeName(`${basename(path)}.from-byte-${keep}.damaged`);
    await this.#copy(segmentBytes(files, this.#folder, place), keep, Number.POSITIVE_INFINITY, rest);
    await files.syncFolder(this.#folder);
    await withFile(files, path, 'update', async (file) => {
      await file.truncate(keep);
      await file.sync();
    });
  }

  async #copy(chunks: AsyncIterable<Buffer>, from: number, to: number, path: string): Promise<void> {
    await withFile(this.#files, path, 'create', async (file) => {
      let offset = 0;
      let written = 0;
      for await (const chunk of chunks) {
        const part = chunk.subarray(Math.max(from - offset, 0), Math.max(to - offset, 0));
        offset += chunk.length;
        await writeAll(file, part, written);
        written += part.length;
        if (offset >= to) break;
      }
      await file.sync();
    });
  }

  async #freeName(wanted: string): Promise<string> {
    this.#taken ??= new Set(await this.#files.list(this.#folder));
    let name = wanted;
    for (let copy = 2; this.#taken.has(name); copy++) name = `${wanted}.${copy}`;
    this.#taken.add(name);
    const path = join(this.#folder, name);
    this.files.push(path);
    return path;
  }
}
