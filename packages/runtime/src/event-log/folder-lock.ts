/** Owns the lock of a folder: one writer at a time, and a lock whose process is gone does not count. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EventLogError } from '@firn/core';
import { diskFailure, eventLogError, systemCode } from './event-log-failure.ts';
import type { LogFileSystem } from './log-file-system.ts';
import { LOCK_FILE } from './segment-name.ts';
import { readWhole, writeNew } from './small-file.ts';

/** The process that writes, and what it can find out about others. */
export interface WriterProcess {
  readonly pid: number;
  readonly host: string;
  /** When the process started, wall-clock milliseconds: tells it from an earlier one with the same pid. */
  readonly startedAt: number;
  /** Whether a process with this pid runs on this host. */
  isAlive(pid: number): boolean;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly startedAt: number;
}

/** A lock that is held. */
export interface FolderLock {
  release(): Promise<void>;
}

/** A lock file is a line; one that is longer was written by something else. */
const MAX_LOCK_BYTES = 4096;

/** A disk that knows no second names, such as a share of Windows. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Locks the folder, over a lock that a dead process left behind if need be. `token` is a name that nobody else uses.
 *
 * @throws {EventLogError} `LOCKED`, naming who holds it.
 */
export async function lockFolder(
  files: LogFileSystem,
  folder: string,
  self: WriterProcess,
  token: string = randomUUID(),
): Promise<FolderLock> {
  const path = join(folder, LOCK_FILE);
  const { pid, host, startedAt } = self;
  const text = `${JSON.stringify({ pid, host, startedAt })}\n`;
  const draft = `${path}.${token}`;
  if (!(await tryLock(files, path, draft, text))) {
    await removeStale(files, path, draft, self);
    // Who was quicker holds it now.
    if (!(await tryLock(files, path, draft, text))) throw heldBy(path, holderIn(await readLock(files, path)));
  }
  return {
    async release() {
      // Whoever was told to delete it may have let another one in.
      if ((await readLock(files, path)) === text) await files.remove(path);
    },
  };
}

/** The lock is there with all it says, or not at all: a process may be killed at any moment. */
async function tryLock(files: LogFileSystem, path: string, draft: string, text: string): Promise<boolean> {
  try {
    await writeNew(files, draft, Buffer.from(text));
    try {
      await linkOrWrite(files, draft, path, text);
    } finally {
      await files.remove(draft).catch(() => undefined);
    }
    return true;
  } catch (error) {
    // The draft is gone if somebody who holds the lock has tidied up.
    if (['EEXIST', 'ENOENT'].includes(systemCode(error))) return false;
    throw diskFailure(error, path);
  }
}

async function linkOrWrite(files: LogFileSystem, draft: string, path: string, text: string): Promise<void> {
  try {
    await files.link(draft, path);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error))) throw error;
    await writeNew(files, path, Buffer.from(text));
  }
}

/** Moves the lock away before it is removed: of two who do so, only one finds it. */
async function removeStale(
  files: LogFileSystem,
  path: string,
  draft: string,
  self: WriterProcess,
): Promise<void> {
  const text = await readLock(files, path);
  if (text === undefined) return;
  const holder = holderIn(text);
  if (holder === undefined || !isStale(holder, self)) throw heldBy(path, holder);
  const aside = `${draft}.stale`;
  try {
    await files.rename(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw diskFailure(error, path);
  }
  const moved = await readLock(files, aside);
  await files.remove(aside);
  if (moved === text || moved === undefined) return;
  // Somebody had already taken the stale lock over, and this was the new one: it is given back.
  await tryLock(files, path, draft, moved);
  throw heldBy(path, holderIn(moved));
}

async function readLock(files: LogFileSystem, path: string): Promise<string | undefined> {
  try {
    return (await readWhole(files, path, MAX_LOCK_BYTES)).toString();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskFailure(error, path);
  }
}

function holderIn(text: string | undefined): Holder | undefined {
  try {
    const { pid, host, startedAt } = JSON.parse(text ?? '') as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || typeof host !== 'string' || typeof startedAt !== 'number')
      return undefined;
    return { pid: pid as number, host, startedAt };
  } catch {
    return undefined;
  }
}

/** A container that starts again often has its old name and its old pid. */
function isStale(holder: Holder, self: WriterProcess): boolean {
  if (holder.host !== self.host) return false;
  if (holder.pid === self.pid) return holder.startedAt !== self.startedAt;
  return !self.isAlive(holder.pid);
}

function heldBy(path: string, holder: Holder | undefined): EventLogError {
  const message =
    holder === undefined
      ? `Another process locks this event log, or died while it did: ${path} does not say which. If nothing records to it, delete that file.`
      : `Process ${holder.pid} on ${holder.host}, which started ${shownTime(holder.startedAt)}, records to this event log. Stop it, or record to another folder; if it is no more, delete ${path}.`;
  return eventLogError('LOCKED', message, { file: path });
}

function shownTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? 'at an unknown time' : time.toISOString();
}
