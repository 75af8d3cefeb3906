/** Owns recordings for tests: a writer on a disk in memory and a manual clock, and what a log then says. */
import { EventLogError } from '@firn/core';
import { vi } from 'vitest';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { EventLogReader } from './event-log-reader.ts';
import type { EventLogWriter } from './event-log-writer.ts';
import type { WriterProcess } from './folder-lock.ts';
import type { LogFileSystem } from './log-file-system.ts';
import type { LogRecord } from './log-record.ts';
import { FOLDER, MemoryFileSystem } from './memory-file-system.fixture.ts';
import { openEventLogWriter } from './open-event-log-writer.ts';
import type { EventLogWriterOptions } from './writer-options.ts';

/** A recording under way. */
export interface Recording {
  readonly writer: EventLogWriter;
  readonly files: MemoryFileSystem;
  readonly clock: ManualClock;
  /** Codes of the errors that were told. */
  readonly errors: string[];
}

/** A process that may record. */
export function processOf(pid: number, more: Partial<WriterProcess> = {}): WriterProcess {
  return { pid, host: 'node-a', startedAt: 1000 + pid, isAlive: () => true, ...more };
}

/**
 * Opens a writer; without compression and with empty checkpoints unless told otherwise. Two records are on the disk
 * then: the beginning of the run, and the completion of the checkpoint.
 */
export async function record(
  options: Partial<Omit<EventLogWriterOptions, 'files' | 'clock'>> & {
    files?: MemoryFileSystem;
    clock?: ManualClock;
  } = {},
): Promise<Recording> {
  const { files = new MemoryFileSystem(), clock = createManualClock() } = options;
  const writer = await openEventLogWriter({
    folder: FOLDER,
    resources: { pods: { gvr: 'v1/pods' } },
    checkpoint: async function* () {},
    compress: false,
    run: 'run-1',
    process: processOf(1),
    ...options,
    files,
    clock,
  });
  const errors: string[] = [];
  writer.errors$.subscribe((error) => errors.push(error.code));
  // The first checkpoint ends before anything is recorded.
  await clock.advance(0);
  return { writer, files, clock, errors };
}

/** What a log says: each record in short form, and what is wrong with it. */
export interface Reading {
  /** `sequence resource JSON`. */
  readonly records: string[];
  readonly error: EventLogError | undefined;
  readonly tornTail: EventLogError | undefined;
}

/** Reads a log as far as it goes. */
export async function readLog(files: LogFileSystem, range: { from?: number } = {}): Promise<Reading> {
  const records: string[] = [];
  let reader: EventLogReader | undefined;
  let error: EventLogError | undefined;
  try {
    reader = await EventLogReader.open(FOLDER, files);
    for await (const batch of reader.records(range))
      for (const record of batch) records.push(`${record.sequence} ${record.resource} ${jsonOf(record)}`);
  } catch (caught) {
    if (!(caught instanceof EventLogError)) throw caught;
    error = caught;
  }
  return { records, error, tornTail: reader?.tornTail };
}

/** A pod, with some weight if wanted. */
export function pod(
  name: string,
  weight = 0,
): { metadata: { name: string; namespace: string }; pad?: string } {
  return { metadata: { namespace: 'shop', name }, ...(weight > 0 && { pad: 'x'.repeat(weight) }) };
}

/** The event types of a reading, in order. */
export function typesOf(reading: Reading): string[] {
  return reading.records.map(
    (line) => /"type":"(\w+)"(?:,"part":"(\w+)")?/.exec(line)?.slice(1).join(' ').trim() ?? '',
  );
}

/** Waits for what the background does; a machine may be busy. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 15_000, interval: 5 });
}

function jsonOf({ place: { chunk, start, end } }: LogRecord): string {
  return chunk.toString('utf8', start, end);
}
