/** Owns the proof that a log is whole: every record is there, and every checkpoint is what the events before it make. */
import { EventLogError } from '@firn/core';
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import { recordedDigest } from '../recording/recorded-digest.ts';
import { LogPlayer } from './log-player.ts';

/** A checkpoint that is not what the events before it make. */
export interface CheckpointMismatch {
  readonly resource: string;
  readonly file: string;
  readonly offset: number;
  readonly expected: { readonly modCount: number; readonly digest: string | undefined };
  readonly found: { readonly modCount: number; readonly digest: string };
}

/** What was found. */
export interface VerifyReport {
  readonly segments: number;
  readonly runs: number;
  readonly batches: number;
  readonly checkpoints: number;
  readonly mismatches: readonly CheckpointMismatch[];
  /** What ended the reading before the end of the log; everything before it is whole. */
  readonly damage: EventLogError | undefined;
  /** A process died while it wrote: what stands behind the last whole record counts for nothing. */
  readonly tornTail: EventLogError | undefined;
}

/** Reads a log to its end, or to its first damage. */
export async function verifyLog(reader: EventLogReader): Promise<VerifyReport> {
  const mismatches: CheckpointMismatch[] = [];
  const counts = { runs: 0, batches: 0, checkpoints: 0 };
  const player = new LogPlayer(reader, {
    turn: () => void counts.batches++,
    run: () => void counts.runs++,
    checkpoint: async ({ resource, record, expected, snapshot }) => {
      counts.checkpoints++;
      const found = { modCount: snapshot.modCount, digest: await recordedDigest(snapshot, undefined) };
      const isSame =
        found.modCount === expected.modCount &&
        (expected.digest === undefined || expected.digest === found.digest);
      const { file, offset } = record;
      if (!isSame) mismatches.push({ resource, file, offset, expected, found });
    },
  });
  let damage: EventLogError | undefined;
  try {
    await player.play(undefined);
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    damage = error;
  }
  const { segments, tornTail } = reader;
  return { segments: segments.length, ...counts, mismatches, damage, tornTail };
}
