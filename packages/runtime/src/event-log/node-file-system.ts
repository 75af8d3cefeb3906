/** Owns the file system of the machine, as a log sees it. */
import { type FileHandle, link, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { systemCode } from './event-log-failure.ts';
import type { LogFile, LogFileSystem, OpenMode } from './log-file-system.ts';

const FLAGS: Record<OpenMode, string> = { read: 'r', update: 'r+', create: 'wx+' };

/** The disk of the machine: files are made 0600, folders 0700. */
export const nodeFileSystem: LogFileSystem = Object.freeze({
  async makeFolder(path: string) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: (path: string) => readdir(path),
  async open(path: string, mode: OpenMode) {
    return new OpenFile(await open(path, FLAGS[mode], 0o600));
  },
  rename,
  link,
  remove: unlink,
  async syncFolder(path: string) {
    // Windows opens no folders; it also needs no such thing.
    const folder = await open(path, 'r').catch(ignoreUnsupported);
    try {
      await folder?.sync().catch(ignoreUnsupported);
    } finally {
      await folder?.close();
    }
  },
});

const UNSUPPORTED: ReadonlySet<string> = new Set(['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EBADF']);

function ignoreUnsupported(error: unknown): undefined {
  if (!UNSUPPORTED.has(systemCode(error))) throw error;
}

class OpenFile implements LogFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    return (await this.#handle.read(into, 0, into.length, position)).bytesRead;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.#handle.write(bytes, 0, bytes.length, position)).bytesWritten;
  }

  async truncate(size: number): Promise<void> {
    await this.#handle.truncate(size);
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
