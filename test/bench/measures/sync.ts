/** Owns the measure of the first list: from the socket to frozen, indexed and visible objects. */
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import type { Figure, Result } from '../harness/figure.ts';
import { micros, type Targets } from '../harness/figure.ts';
import type { Measure } from './measure.ts';
import { type Turns, takeTurns } from './turns.ts';

const PARSE = 'JSON.parse';
const TYPED = 'client-node, typed list';
const RAW = 'client-node, raw list';
const FIRN = 'firn, WatchList';
const SUBSCRIBED = 'firn, WatchList, until a subscriber knows all';
const LIST = 'firn, LIST in pages of 500';

const CONTENDERS: Readonly<Record<string, Contender>> = {
  [PARSE]: { name: 'JSON.parse' },
  'socket drained, WatchList': { name: 'drain', initialList: 'watch-list' },
  'socket drained, LIST': { name: 'drain', initialList: 'list' },
  [FIRN]: { name: 'firn', initialList: 'watch-list', reads: false },
  [SUBSCRIBED]: { name: 'firn', initialList: 'watch-list', reads: false, subscribed: true },
  [LIST]: { name: 'firn', initialList: 'list', reads: false },
  [RAW]: { name: 'client-node', list: 'raw' },
  [TYPED]: { name: 'client-node', list: 'typed' },
};

const IN_TIME: Readonly<Record<string, Targets>> = {
  [FIRN]: { must: 1.2, aim: 0.6 },
  [SUBSCRIBED]: {},
  [LIST]: { must: 1.2, aim: 0.6 },
};
const STALL: Targets = { must: 25, aim: 10 };

function timeFigures(turns: Turns, objects: number): Figure[] {
  return Object.keys(CONTENDERS).map((name) => ({
    what: name,
    unit: '× JSON.parse',
    ...turns.ratio(name, 'syncMs', PARSE),
    detail: `${micros(turns.spread(name, 'syncMs').median, objects)} an object`,
    ...IN_TIME[name],
  }));
}

function speedUp(turns: Turns, than: string, targets: Targets): Figure[] {
  return [FIRN, LIST].map((name) => ({
    what: `${name}, against ${than}`,
    unit: '× faster',
    ...turns.ratio(than, 'syncMs', name),
    atLeast: true,
    ...targets,
  }));
}

function stallFigures(turns: Turns): Figure[] {
  return [FIRN, SUBSCRIBED, LIST, RAW, TYPED].map((name) => ({
    what: name,
    unit: 'ms',
    ...turns.spread(name, 'stallMs'),
    ...(name.startsWith('firn') ? STALL : {}),
  }));
}

function memoryFigures(turns: Turns): Figure[] {
  const receivedKept = turns.spread(FIRN, 'keptBytes').median;
  return [FIRN, LIST, RAW, TYPED].flatMap((name) => {
    const isFirn = name.startsWith('firn');
    const rss = turns.spread(name, 'rssBytes');
    return [
      {
        what: `${name}, heap`,
        unit: 'B an object',
        ...turns.spread(name, 'heapBytes'),
        ...(isFirn ? { must: 500, aim: 200 } : {}),
      },
      {
        what: `${name}, RSS`,
        unit: 'B an object',
        ...rss,
        detail: `${(rss.median / receivedKept).toFixed(2)} × what is left of the bytes`,
        ...(isFirn ? { must: 2000, aim: 1.2 * receivedKept } : {}),
      },
    ];
  });
}

function readFigures(turns: Turns): Figure[] {
  const base = turns.rounds(PARSE, 'syncMs');
  return [FIRN, LIST].map((name) => ({
    what: name,
    unit: '× JSON.parse',
    ...turns.ratioTo(base, (round) => (round.syncMs ?? Number.NaN) + (round.readAllMs ?? Number.NaN), name),
    must: 2,
    aim: 1.4,
  }));
}

async function run(options: BenchOptions): Promise<Result[]> {
  const { objects, kind } = options;
  const turns = await takeTurns({ contenders: CONTENDERS, objects, events: 0 }, options);
  const what = `${objects.toLocaleString('en-US')} ${kind}`;
  return [
    {
      measure: 'sync',
      title: `First list of ${what}`,
      how: 'From `start` to all objects visible, in a fresh process each round. JSON.parse: of the same bytes, as strings in memory, results kept.',
      figures: [
        ...timeFigures(turns, objects),
        ...speedUp(turns, TYPED, { must: 3, aim: 6 }),
        ...speedUp(turns, RAW, {}),
      ],
    },
    {
      measure: 'sync',
      title: `Longest stall of the event loop during the first list of ${what}`,
      how: '`monitorEventLoopDelay` with a resolution of 1 ms, which is contained in the figure.',
      figures: stallFigures(turns),
    },
    {
      measure: 'sync',
      title: `Memory after the first list of ${what}`,
      how: 'Growth of `heapUsed` and of RSS, each after two collections; nothing was read.',
      figures: memoryFigures(turns),
    },
    {
      measure: 'sync',
      title: `First list of ${what}, then everything read once`,
      how: 'The time of the first list and of `list()` with a look at a field of each object.',
      figures: readFigures(turns),
    },
  ];
}

export const sync: Measure = { about: 'first list: time, stall, memory, reading it all', run };
