/** Owns what a log asks of a disk. Tests pass one that is slow, full or failing. */

/** An open file. Nothing but one call at a time is asked of it. */
export interface LogFile {
  /** Reads into the buffer from `position` on; says how many bytes came, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes at `position`; says how many bytes were written, at least one. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  /** What was written survives a loss of power when this resolves. */
  sync(): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** How a file is opened: to read, to change what is there, or anew, which fails with `EEXIST` if it is there. */
export type OpenMode = 'read' | 'update' | 'create';

/** The file system, as far as a log needs it. Rejections carry the `code` of the system, such as `ENOENT`. */
export interface LogFileSystem {
  /** Makes the folder and those above it, for this user only; a folder that is there stays as it is. */
  makeFolder(path: string): Promise<void>;
  /** The names in a folder. */
  list(path: string): Promise<readonly string[]>;
  /** A file that is made is for this user only. */
  open(path: string, mode: OpenMode): Promise<LogFile>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; fails with `EEXIST` if that is taken. Not every disk can do so. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** What was made, renamed and removed in a folder survives a loss of power when this resolves. */
  syncFolder(path: string): Promise<void>;
}
