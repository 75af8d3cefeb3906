/** Owns the use of open files: closed whatever happens, and written to the last byte. */
import type { LogFile, LogFileSystem, OpenMode } from './log-file-system.ts';

/** Opens a file, uses it, and closes it. */
export async function withFile<T>(
  files: LogFileSystem,
  path: string,
  mode: OpenMode,
  use: (file: LogFile) => Promise<T>,
): Promise<T> {
  const file = await files.open(path, mode);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Writes all of the bytes; a disk may take them in parts. */
export async function writeAll(file: LogFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += await file.write(bytes.subarray(done), position + done);
}
