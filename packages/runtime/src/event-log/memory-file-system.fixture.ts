/** Owns a disk in memory that can be slow, full, failing, or lose its power. */
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogFile, LogFileSystem, OpenMode } from './log-file-system.ts';

/** What can be made to fail. */
export type DiskOperation =
  | 'makeFolder'
  | 'list'
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'link'
  | 'remove';

interface Fault {
  readonly operation: DiskOperation;
  readonly path: RegExp;
  readonly code: string;
  times: number;
}

interface Contents {
  bytes: Buffer;
  synced: Buffer;
}

function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** Files by path. Nothing is on the disk before it is synced; names are there at once. */
export class MemoryFileSystem implements LogFileSystem {
  readonly #files = new Map<string, Contents>();
  readonly #folders = new Set<string>();
  readonly #faults: Fault[] = [];
  #held: PromiseWithResolvers<void> | undefined;
  /** Bytes that all files together may have. */
  capacity: number = Number.POSITIVE_INFINITY;
  /** Bytes that one write takes at most. */
  writeBytes: number = Number.POSITIVE_INFINITY;
  /** Every operation in short form, such as `write 00000001.jsonl`. */
  readonly operations: string[] = [];

  /** Makes the next operations of a kind fail. */
  fail(operation: DiskOperation, code: string, options: { path?: RegExp; times?: number } = {}): void {
    const { path = /./, times = Number.POSITIVE_INFINITY } = options;
    this.#faults.push({ operation, path, code, times });
  }

  /** Writes and syncs wait until `release`. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** The names in a folder. */
  names(folder: string): string[] {
    return [...this.#files.keys()]
      .filter((path) => dirname(path) === folder)
      .map((path) => basename(path))
      .sort();
  }

  /** What a file holds. */
  contents(path: string): Buffer {
    return this.#file(path).bytes;
  }

  /** Puts a file there. */
  put(path: string, bytes: string | Uint8Array): void {
    this.#folders.add(dirname(path));
    this.#files.set(path, {
      bytes: Buffer.from(bytes as Uint8Array),
      synced: Buffer.from(bytes as Uint8Array),
    });
  }

  /** The same files as another disk, to go on with or to damage. */
  copy(): MemoryFileSystem {
    return this.#copied(({ bytes }) => bytes);
  }

  /** What is left when the power goes: what was synced. */
  afterPowerLoss(): MemoryFileSystem {
    return this.#copied(({ synced }) => synced);
  }

  async makeFolder(path: string): Promise<void> {
    this.#enter('makeFolder', path);
    this.#folders.add(path);
  }

  async list(path: string): Promise<readonly string[]> {
    this.#enter('list', path);
    if (!this.#folders.has(path)) throw systemError('ENOENT', path);
    return this.names(path);
  }

  async open(path: string, mode: OpenMode): Promise<LogFile> {
    this.#enter('open', path);
    if (mode === 'create') {
      if (this.#files.has(path)) throw systemError('EEXIST', path);
      this.#files.set(path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) });
    }
    return this.#opened(path, this.#file(path));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#enter('rename', from);
    const file = this.#file(from);
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  async link(from: string, to: string): Promise<void> {
    this.#enter('link', from);
    if (this.#files.has(to)) throw systemError('EEXIST', to);
    this.#files.set(to, this.#file(from));
  }

  async remove(path: string): Promise<void> {
    this.#enter('remove', path);
    this.#file(path);
    this.#files.delete(path);
  }

  async syncFolder(): Promise<void> {
    await this.#held?.promise;
  }

  #opened(path: string, file: Contents): LogFile {
    return {
      read: async (into, position) => {
        this.#enter('read', path);
        return file.bytes.copy(into, 0, position);
      },
      write: async (bytes, position) => {
        await this.#held?.promise;
        this.#enter('write', path);
        const room = Math.max(this.capacity - this.#used() + file.bytes.length - position, 0);
        const count = Math.min(bytes.length, room, this.writeBytes);
        if (count === 0) throw systemError('ENOSPC', path);
        const grown = Buffer.alloc(Math.max(file.bytes.length, position + count));
        file.bytes.copy(grown);
        grown.set(bytes.subarray(0, count), position);
        file.bytes = grown;
        return count;
      },
      truncate: async (size) => {
        this.#enter('truncate', path);
        file.bytes = file.bytes.subarray(0, size);
      },
      sync: async () => {
        await this.#held?.promise;
        this.#enter('sync', path);
        // A disk takes its time: what is appended meanwhile belongs to the next group.
        const { bytes } = file;
        await nextTurn();
        file.synced = bytes;
      },
      size: async () => file.bytes.length,
      close: async () => undefined,
    };
  }

  #enter(operation: DiskOperation, path: string): void {
    this.operations.push(`${operation} ${basename(path)}`);
    const fault = this.#faults.find(
      (each) => each.operation === operation && each.times > 0 && each.path.test(path),
    );
    if (fault === undefined) return;
    fault.times--;
    throw systemError(fault.code, path);
  }

  #file(path: string): Contents {
    const file = this.#files.get(path);
    if (file === undefined) throw systemError('ENOENT', path);
    return file;
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  #copied(bytesOf: (contents: Contents) => Buffer): MemoryFileSystem {
    const copy = new MemoryFileSystem();
    for (const folder of this.#folders) copy.#folders.add(folder);
    for (const [path, contents] of this.#files) copy.put(path, bytesOf(contents));
    return copy;
  }
}

/** Where test logs lie. */
export const FOLDER = '/logs/shop';

/** The path of a segment of such a log. */
export function segment(number: number, suffix = ''): string {
  return join(FOLDER, `0000000${number}.jsonl${suffix}`);
}
