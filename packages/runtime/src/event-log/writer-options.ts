/** Owns what a writer is told, its defaults, and the check of both. */
import { randomUUID } from 'node:crypto';
import { ConfigError, type Duration, parseDuration } from '@firn/core';
import { type Clock, systemClock } from '@firn/stores';
import type { CheckpointSource } from './checkpoint-run.ts';
import type { FsyncPolicy } from './commit-schedule.ts';
import type { WriterProcess } from './folder-lock.ts';
import type { LogFileSystem } from './log-file-system.ts';
import type { LoggedResource } from './log-header.ts';
import { nodeFileSystem } from './node-file-system.ts';
import type { Retention } from './segment-keeper.ts';
import { thisProcess } from './this-process.ts';

/** What a writer is told. */
export interface EventLogWriterOptions {
  /** Made if it is not there. One writer at a time. */
  readonly folder: string;
  /** What is recorded, by the names that records carry. */
  readonly resources: Readonly<Record<string, LoggedResource>>;
  /** Field paths that are redacted, by resource name. */
  readonly redacted?: Readonly<Record<string, readonly string[]>>;
  /** The state that each segment begins with. */
  readonly checkpoint: CheckpointSource;
  /** `'interval'` when left out. */
  readonly fsync?: FsyncPolicy;
  /** How long records wait at most before they are written (and synced, with `'interval'`); 200 ms when left out. */
  readonly interval?: Duration;
  /** When a new segment begins; 64 MiB when left out. At least four times the last checkpoint is used. */
  readonly segmentBytes?: number;
  /** Bytes that may wait for the disk; 64 MiB when left out. When there are more, recording stops. */
  readonly maxQueueBytes?: number;
  /** What is kept of older segments, looked at whenever one has begun; everything when left out. */
  readonly keep?: { readonly segments?: number; readonly bytes?: number; readonly age?: Duration };
  /** Whether closed segments are compressed; true when left out. */
  readonly compress?: boolean;
  /** The name of this run; drawn at random when left out. */
  readonly run?: string;
  readonly clock?: Clock;
  readonly files?: LogFileSystem;
  readonly process?: WriterProcess;
}

/** The same with nothing left out. */
export interface WriterSettings
  extends Required<Omit<EventLogWriterOptions, 'interval' | 'keep' | 'resources' | 'redacted'>> {
  /** Those that join later are added. */
  readonly resources: Record<string, LoggedResource>;
  readonly redacted: Record<string, readonly string[]>;
  readonly intervalMs: number;
  readonly keep: Retention;
}

const MIB = 1024 * 1024;

/** @throws {ConfigError} `INVALID_VALUE`, `INVALID_DURATION`. */
export function writerSettings(options: EventLogWriterOptions): WriterSettings {
  const { keep = {}, interval = 200, fsync = 'interval', ...given } = options;
  if (!['always', 'interval', 'never'].includes(fsync))
    refuse(`fsync is ${JSON.stringify(fsync)}. Write 'always', 'interval' or 'never'.`);
  return {
    compress: true,
    run: randomUUID(),
    clock: systemClock,
    files: nodeFileSystem,
    process: thisProcess,
    ...given,
    // Without a prototype any name is a name.
    resources: Object.assign(Object.create(null), options.resources),
    redacted: Object.assign(Object.create(null), options.redacted),
    fsync,
    intervalMs: parseDuration(interval),
    segmentBytes: atLeast(1, 'segmentBytes', options.segmentBytes) ?? 64 * MIB,
    maxQueueBytes: atLeast(1, 'maxQueueBytes', options.maxQueueBytes) ?? 64 * MIB,
    keep: {
      segments: atLeast(1, 'keep.segments', keep.segments),
      bytes: atLeast(1, 'keep.bytes', keep.bytes),
      ageMs: keep.age === undefined ? undefined : parseDuration(keep.age),
    },
  };
}

function atLeast(least: number, name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
  return refuse(`${name} is ${String(value)}. Write a whole number of at least ${least}, or leave it out.`);
}

function refuse(message: string): never {
  throw new ConfigError(message, { code: 'INVALID_VALUE' });
}
