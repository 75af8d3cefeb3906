/** Owns where in a log to begin, so that states are known at its end: a checkpoint may not have been complete by then. */
import type { EventLogReader } from '../event-log/event-log-reader.ts';
import type { LogRecord } from '../event-log/log-record.ts';
import type { LogPlayer } from './log-player.ts';

/** What is played. */
export interface KnownPlay {
  /** Whose states have to be known. */
  readonly names: Iterable<string>;
  /** Makes the player of each try. */
  readonly createPlayer: () => LogPlayer;
  /** Asked before each batch: true ends before it. */
  readonly until?: (record: LogRecord) => boolean;
}

/**
 * Plays from a segment, or from an earlier one until the states are known, or there is none earlier.
 *
 * @throws {EventLogError} what is wrong with the log.
 */
export async function playUntilKnown(
  reader: EventLogReader,
  from: number | undefined,
  { names, createPlayer, until }: KnownPlay,
): Promise<{ readonly player: LogPlayer; readonly segment: number }> {
  const wanted = [...names];
  const first = reader.segments[0]?.number ?? 1;
  for (let segment = from ?? first; ; segment--) {
    const player = createPlayer();
    await player.play(segment, until);
    if (segment <= first || !wanted.some((name) => player.isUnknown(name))) return { player, segment };
  }
}
