import { nextTurn } from '@firn/core/engine';
import { describe, expect, it } from 'vitest';
import type { FollowingWatch } from '../testing/api-server/watch-handler.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { PlayPace } from './play-pace.ts';

type Record = Parameters<PlayPace['due']>[0];

const START = 1_000_000;

/** A record, `ms` after the moment by both clocks of its run unless told otherwise. */
function record(sequence: number, ms: number, more: Partial<Record> = {}): Record {
  return {
    sequence,
    time: START + ms,
    monotonic: (500 + ms) * 1000,
    resource: 'pods',
    type: 'ADDED',
    ...more,
  } as Record;
}

const NOBODY: FollowingWatch = { drained: async () => undefined, onOver: () => undefined };

function pacing(speed: number) {
  const clock = createManualClock();
  const pace = new PlayPace({ clock, speed, from: START, next: 10 });
  /** Milliseconds on the clock when a record was due. */
  const due: number[] = [];
  const begun = clock.monotonic();
  const play = async (...records: readonly Record[]): Promise<void> => {
    for (const each of records) {
      await pace.due(each);
      due.push(clock.monotonic() - begun);
    }
  };
  return { clock, pace, due, play };
}

describe('the pace of a served log', () => {
  it('is that of the recording, times its speed, and does not add up delays', async () => {
    const { clock, pace, due, play } = pacing(2);
    pace.follow(NOBODY);
    const played = play(record(10, 1000), record(11, 1000), record(12, 3000), record(13, 3200));
    await clock.advance(400);
    expect(due).toEqual([]);
    await clock.advance(10_000);
    await played;
    expect(due).toEqual([500, 500, 1500, 1600]);
  });

  it('does not hold up what came before the moment, nor anything before the first watch', async () => {
    const { clock, pace, due, play } = pacing(1);
    const played = play(record(8, -200), record(9, 0), record(10, 300));
    await clock.advance(5000);
    expect(due).toEqual([0, 0]);
    pace.follow(NOBODY);
    await clock.advance(1000);
    await played;
    expect(due).toEqual([0, 0, 5300]);
  });

  it('is by the monotonic clock within a run, by the wall clock from one run to the next', async () => {
    const { clock, pace, due, play } = pacing(1);
    pace.follow(NOBODY);
    const isSet = { time: START + 3_600_000 };
    const nextRun = { time: START + 3_601_000, monotonic: 5000 };
    const played = play(
      record(10, 100),
      record(11, 200, isSet),
      record(12, 0, { ...nextRun, type: 'RUN', resource: '' }),
      record(13, 0, { time: START, monotonic: 55_000 }),
    );
    await clock.advance(10_000);
    await played;
    expect(due).toEqual([100, 200, 1200, 1250]);
  });

  it('waits, at full speed, only for those who still read', async () => {
    const { pace, due, play } = pacing(Number.POSITIVE_INFINITY);
    const slow = Promise.withResolvers<void>();
    let leave: () => void = () => undefined;
    pace.follow({ drained: () => slow.promise, onOver: (listener) => (leave = listener) });
    await play(record(10, 1_000_000));
    expect(due).toEqual([0]);
    let hasRested = false;
    const resting = pace.rest().then(() => {
      hasRested = true;
    });
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(hasRested).toBe(false);
    slow.resolve();
    await resting;

    pace.follow({
      drained: () => Promise.withResolvers<void>().promise,
      onOver: (listener) => (leave = listener),
    });
    leave();
    await pace.rest();
  });

  it.each([1, Number.POSITIVE_INFINITY])(
    'ends at once, at speed %s, whatever it waits for',
    async (speed) => {
      const { pace, due, play } = pacing(speed);
      const waiting = play(record(10, 5000), record(11, 90_000));
      pace.end();
      await waiting;
      expect(due).toEqual([0, 0]);
      expect(pace.isOver).toBe(true);

      const begun = pacing(1);
      begun.pace.follow(NOBODY);
      const sleeping = begun.play(record(10, 5000));
      begun.pace.end();
      await sleeping;
      expect(begun.due).toEqual([0]);
    },
  );
});
