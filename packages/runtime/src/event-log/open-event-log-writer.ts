/** Owns the opening of a folder for writing: lock, recovery, first segment. */
import type { EventLogError } from '@firn/core';
import { diskFailure, folderFailure } from './event-log-failure.ts';
import { EventLogReader } from './event-log-reader.ts';
import { EventLogWriter } from './event-log-writer.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { headerLine } from './log-header.ts';
import { type Continuation, recoverLog } from './recover-log.ts';
import { type ChainOptions, SegmentChain } from './segment-chain.ts';
import { SegmentKeeper, tidyFolder } from './segment-keeper.ts';
import { segmentPath } from './segment-name.ts';
import { type EventLogWriterOptions, type WriterSettings, writerSettings } from './writer-options.ts';

/**
 * Opens a folder to record to it, in a new segment behind what is there. What a process left half-written that died is
 * cut off; other damage is not touched.
 *
 * @throws {ConfigError} `INVALID_VALUE`, `INVALID_DURATION`.
 * @throws {EventLogError} `LOCKED`, `FORBIDDEN`, `FOLDER_MISSING`, `DISK_FULL`, `DISK_FAILED`, or what is wrong with the
 * last segment.
 *
 * @example
 * ```ts
 * const writer = await openEventLogWriter({ folder, resources, checkpoint, fsync: 'always' });
 * writer.append('ingresses', writeBytes('MODIFIED', [bytes]));
 * await writer.flush(); // on the disk
 * await writer.close();
 * ```
 */
export async function openEventLogWriter(options: EventLogWriterOptions): Promise<EventLogWriter> {
  const settings = writerSettings(options);
  const { files, folder } = settings;
  await files.makeFolder(folder).catch((error: unknown) => {
    throw folderFailure(error, folder);
  });
  const lock = await lockFolder(files, folder, settings.process);
  try {
    return await openLocked(settings, lock);
  } catch (error) {
    await lock.release().catch(() => undefined);
    throw error;
  }
}

async function openLocked(settings: WriterSettings, lock: FolderLock): Promise<EventLogWriter> {
  const { files, folder } = settings;
  const there = await recoverLog(files, folder);
  const chain = await beginChain(settings, there);
  const createKeeper = (failed: (error: EventLogError) => void): SegmentKeeper => {
    const keeper = keeperOf(settings, failed);
    for (const { number, compressed } of there.segments) if (!compressed) keeper.closed(number);
    return keeper;
  };
  return new EventLogWriter({ settings, chain, lock, createKeeper, tornTail: there.tornTail });
}

async function beginChain(settings: WriterSettings, there: Continuation): Promise<SegmentChain> {
  const { files, folder, clock, run, resources, redacted } = settings;
  const options: ChainOptions = {
    files,
    folder,
    header: (segment, first) =>
      headerLine({ run, segment, first, startedAt: Math.round(clock.now()), resources, redacted }),
  };
  try {
    await tidyFolder(files, folder, there.segments);
    return await SegmentChain.begin(options, there.segment, there.sequence);
  } catch (error) {
    throw diskFailure(error, segmentPath(folder, there.segment));
  }
}

function keeperOf(settings: WriterSettings, failed: (error: EventLogError) => void): SegmentKeeper {
  const { files, folder, keep, compress, clock } = settings;
  return new SegmentKeeper({
    files,
    folder,
    keep,
    compress,
    failed,
    now: () => clock.now(),
    startOf: async ({ number }) => {
      const reader = await EventLogReader.open(folder, files);
      return (await reader.header(number))?.startedAt;
    },
  });
}
