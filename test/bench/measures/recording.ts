/** Owns the measure of recording: what it adds to an event, what the log weighs, how fast it is read again. */
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { formatNumber, type Result } from '../harness/figure.ts';
import { spreadOf } from '../harness/statistics.ts';
import type { Measure } from './measure.ts';
import { takeTurns, WARM_UP } from './turns.ts';

const PLAIN = 'not recorded';
const RECORDED = 'recorded';
const FIRN = { name: 'firn', initialList: 'watch-list', reads: false } as const;
const CONTENDERS: Readonly<Record<string, Contender>> = {
  [PLAIN]: FIRN,
  [RECORDED]: { ...FIRN, recorded: true },
};

/** Those of the first list, and those of all events. */
function objectsIn({ objects, events }: BenchOptions): number {
  return objects + WARM_UP + events;
}

async function run(options: BenchOptions): Promise<Result[]> {
  const { objects, events, kind } = options;
  const turns = await takeTurns({ contenders: CONTENDERS, objects, events }, options);
  const more = (figure: string, count: number) => {
    const plain = turns.rounds(PLAIN, figure);
    return spreadOf(
      turns.rounds(RECORDED, figure).map((ms, round) => ((ms - (plain[round] ?? 0)) * 1000) / count),
    );
  };
  const records = turns.rounds(RECORDED, 'logRecords');
  const perRecord = (figure: string, of: (value: number, count: number) => number) =>
    spreadOf(turns.rounds(RECORDED, figure).map((value, round) => of(value, records[round] ?? 0)));
  return [
    {
      measure: 'recording',
      title: `Recording ${events.toLocaleString('en-US')} MODIFIED among ${objects.toLocaleString('en-US')} ${kind}`,
      how: "As `events`, with one subscriber that does not read; `fsync: 'interval'`, not compressed. More: than the same without a log, in the same round. The log is read from its beginning and comes to the digest of the store.",
      figures: [
        { what: 'an event, more', unit: 'µs', ...more('eventMs', events), must: 15, aim: 5 },
        { what: 'an event, more CPU, the writing included', unit: 'µs', ...more('eventCpuMs', events) },
        { what: 'an object of the first list, more', unit: 'µs', ...more('syncMs', objects) },
        {
          what: 'on disk, not compressed',
          unit: 'B a record',
          ...perRecord('logBytes', (bytes, count) => bytes / count),
        },
        {
          what: 'on disk, compressed with zstd',
          unit: 'B a record',
          ...perRecord('compressedBytes', (bytes, count) => bytes / count),
        },
        {
          what: 'the digest of a checkpoint, an object of it',
          unit: 'µs',
          ...spreadOf(turns.rounds(RECORDED, 'digestMs').map((ms) => (ms * 1000) / objects)),
          detail: 'of those that have changed since the last one',
        },
        {
          what: 'read again into states, checkpoints compared',
          unit: 'objects/s',
          ...spreadOf(turns.rounds(RECORDED, 'replayMs').map((ms) => (objectsIn(options) / ms) * 1000)),
          detail: `${formatNumber(turns.spread(RECORDED, 'replayMs').median)} ms in all, the digests of ${objects.toLocaleString('en-US')} among them`,
          must: 50_000,
          aim: 200_000,
          atLeast: true,
        },
        {
          what: 'replayed into a watcher with a subscriber',
          unit: 'objects/s',
          ...spreadOf(turns.rounds(RECORDED, 'playMs').map((ms) => (objectsIn(options) / ms) * 1000)),
          detail: `${formatNumber(turns.spread(RECORDED, 'playMs').median)} ms in all, ${(WARM_UP + events).toLocaleString('en-US')} turns of one event among them`,
          must: 50_000,
          aim: 200_000,
          atLeast: true,
        },
      ],
    },
    {
      measure: 'recording',
      title: `Until the first snapshot of ${objects.toLocaleString('en-US')} ${kind} can be read`,
      how: 'A watcher from its making on, in the same process: with a list from the server, and with a warm start from the log, in turns. The warm one comes to the digest of the store that was recorded.',
      figures: [
        { what: 'with a list', unit: 'ms', ...turns.spread(RECORDED, 'coldMs') },
        { what: 'warm', unit: 'ms', ...turns.spread(RECORDED, 'warmMs') },
      ],
    },
  ];
}

export const recording: Measure = {
  about: 'what a log adds to an event, weighs, and how fast it is read',
  run,
};
