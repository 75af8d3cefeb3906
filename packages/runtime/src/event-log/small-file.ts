/** Owns files that are read or written in one go. */
import { withFile, writeAll } from './log-file.ts';
import type { LogFileSystem } from './log-file-system.ts';

/** The first `most` bytes of a file. */
export function readWhole(files: LogFileSystem, path: string, most: number): Promise<Buffer> {
  return withFile(files, path, 'read', async (file) => {
    const into = Buffer.alloc(most);
    let length = 0;
    for (;;) {
      const came = await file.read(into.subarray(length), length);
      length += came;
      if (came === 0 || length === most) return into.subarray(0, length);
    }
  });
}

/** Makes a file with these bytes, on the disk when it resolves, or none. Rejects with `EEXIST` if it is there. */
export async function writeNew(files: LogFileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, 'create');
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } catch (error) {
    await files.remove(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}
