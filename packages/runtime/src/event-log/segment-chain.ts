/** Owns the way of records into segments: one file after the other, and where the last whole record ends. */
import type { LogFileSystem } from './log-file-system.ts';
import type { Chunk, RecordQueue } from './record-queue.ts';
import { SegmentFile } from './segment-file.ts';
import { segmentPath } from './segment-name.ts';

/** What a chain needs. */
export interface ChainOptions {
  readonly files: LogFileSystem;
  readonly folder: string;
  /** The first line of a segment whose first record has the sequence number `first`. */
  readonly header: (segment: number, first: number) => Uint8Array;
}

/** Writes chunks; its calls come one after the other. When one rejects, `markEnd` and `close` are all that is left. */
export class SegmentChain {
  readonly #options: ChainOptions;
  #current: SegmentFile;
  #next: number;

  private constructor(options: ChainOptions, current: SegmentFile, first: number) {
    this.#options = options;
    this.#current = current;
    this.#next = first;
  }

  /** Begins with segment `number`, whose first record will be `first`. */
  static async begin(options: ChainOptions, number: number, first: number): Promise<SegmentChain> {
    return new SegmentChain(options, await createSegment(options, number, first), first);
  }

  /** The segment that is being written. */
  get current(): SegmentFile {
    return this.#current;
  }

  /** Sequence number of the record that will be written next. */
  get next(): number {
    return this.#next;
  }

  async write(queue: RecordQueue, chunks: readonly Chunk[]): Promise<void> {
    for (const chunk of chunks) {
      await this.#current.write(chunk.buffer.subarray(0, chunk.length));
      this.#next = chunk.last + 1;
      queue.written(chunk);
    }
  }

  async sync(): Promise<void> {
    await this.#current.sync();
  }

  /** Begins the next segment; gives the one that is complete now, and on the disk. */
  async roll(): Promise<SegmentFile> {
    const complete = this.#current;
    await complete.sync();
    // Made before the old one is closed: if it cannot be, the old one can still say so.
    this.#current = await createSegment(this.#options, complete.number + 1, this.#next);
    await complete.close();
    return complete;
  }

  /** After a failure: takes away what is not whole, and writes a last line where the disk lets it. */
  async markEnd(line: Uint8Array): Promise<void> {
    await this.#current.cutBack();
    await this.#current.write(line);
    await this.#current.sync();
  }

  async close(): Promise<void> {
    await this.#current.close();
  }
}

async function createSegment(options: ChainOptions, number: number, first: number): Promise<SegmentFile> {
  const { files, folder, header } = options;
  const path = segmentPath(folder, number);
  try {
    return await SegmentFile.create(files, path, number, header(number, first));
  } catch (error) {
    await files.remove(path).catch(() => undefined);
    throw error;
  }
}
