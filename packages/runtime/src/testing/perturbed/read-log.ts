/** Owns what is accepted as a log: a folder, an opened one, or a run that was written down. */
import { ConfigError } from '@firn/core';
import { shownValue } from '@firn/core/engine';
import type { EventLog } from '../../recording/event-log.ts';
import { TURNS } from '../../replay/playable.ts';
import { type Replay, replay } from '../../replay/replay.ts';
import { type RecordedEvents, TAPE } from './recorded-events.ts';
import { readTape, type Tape } from './tape.ts';

/** A run: the folder that it was recorded to, what `replay` or `openEventLog` gave, or what `recordedEvents` gives. */
export type RecordedLog = string | Replay | EventLog | RecordedEvents;

/** Reads it whole. Throws what `replay` throws, and `ConfigError` `WRONG_TYPE`. */
export async function readLog(log: RecordedLog): Promise<Tape> {
  if (typeof log !== 'object' && typeof log !== 'string')
    throw new ConfigError(
      `${shownValue(log)} is no log. Give the folder of one, what replay gives, or recordedEvents({…}).`,
      { code: 'WRONG_TYPE' },
    );
  if (typeof log === 'object' && TAPE in log) return log[TAPE];
  const played = typeof log === 'object' && TURNS in log ? log : await replay(log as string | EventLog);
  return readTape(played[TURNS]);
}
