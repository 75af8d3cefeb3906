/** Owns the segment that is being written: its file, and how much of it is whole. */
import { dirname } from 'node:path';
import { writeAll } from './log-file.ts';
import type { LogFile, LogFileSystem } from './log-file-system.ts';

/** An open segment. Its calls come one after the other. */
export class SegmentFile {
  readonly path: string;
  readonly number: number;
  readonly #file: LogFile;
  #bytes = 0;

  private constructor(path: string, number: number, file: LogFile) {
    this.path = path;
    this.number = number;
    this.#file = file;
  }

  /** Makes the file with its first line; both, and the name, are on the disk when it resolves. */
  static async create(
    files: LogFileSystem,
    path: string,
    number: number,
    firstLine: Uint8Array,
  ): Promise<SegmentFile> {
    const segment = new SegmentFile(path, number, await files.open(path, 'create'));
    try {
      await segment.write(firstLine);
      await segment.sync();
      await files.syncFolder(dirname(path));
    } catch (error) {
      await segment.close().catch(() => undefined);
      throw error;
    }
    return segment;
  }

  /** Bytes of whole lines in the file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes whole lines. If it rejects, `cutBack` takes away what got there of them. */
  async write(lines: Uint8Array): Promise<void> {
    await writeAll(this.#file, lines, this.#bytes);
    this.#bytes += lines.length;
  }

  /** Takes away what follows the last whole line. */
  async cutBack(): Promise<void> {
    await this.#file.truncate(this.#bytes);
  }

  async sync(): Promise<void> {
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
