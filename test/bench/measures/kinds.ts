/** Owns the measure of kinds: small, middling and large objects, in many namespaces and in one. */
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, micros, type Result, type Targets } from '../harness/figure.ts';
import { KINDS, type KindName } from '../objects/kinds.ts';
import type { Measure } from './measure.ts';
import { type Turns, takeTurns } from './turns.ts';

const OBJECTS = 10_000;

const PARSE = 'JSON.parse';
const FIRN = 'firn';
const CONTENDERS: Readonly<Record<string, Contender>> = {
  // The first: the server makes its bytes while it is drained.
  drain: { name: 'drain', initialList: 'watch-list' },
  [PARSE]: { name: 'JSON.parse' },
  [FIRN]: { name: 'firn', initialList: 'watch-list', reads: false },
};

const PLACES = [
  { where: '100 namespaces', oneNamespace: false },
  { where: 'one namespace', oneNamespace: true },
];

/** What `sync` asks of ingresses, as far as it does not depend on how large an object is. */
const TIME: Targets = { must: 1.2, aim: 0.6 };
const STALL: Targets = { must: 25, aim: 10 };
const HEAP: Targets = { must: 500, aim: 200 };

interface Case {
  readonly what: string;
  readonly turns: Turns;
}

async function run(options: BenchOptions): Promise<Result[]> {
  const objects = Math.min(OBJECTS, options.objects);
  const cases: Case[] = [];
  for (const kind of Object.keys(KINDS) as KindName[]) {
    for (const { where, oneNamespace } of PLACES) {
      const plan = { contenders: CONTENDERS, objects, events: 0 };
      cases.push({
        what: `${kind}, ${where}`,
        turns: await takeTurns(plan, { ...options, kind, oneNamespace }),
      });
    }
  }
  const count = objects.toLocaleString('en-US');
  return [
    {
      measure: 'kinds',
      title: `First list of ${count} objects of different kinds`,
      how: 'A WatchList, from `start` to all objects visible. JSON.parse: of the same bytes, as strings in memory, results kept.',
      figures: cases.map(({ what, turns }) => ({
        what,
        unit: '× JSON.parse',
        ...turns.ratio(FIRN, 'syncMs', PARSE),
        detail: `${micros(turns.spread(FIRN, 'syncMs').median, objects)} an object`,
        ...TIME,
      })),
    },
    {
      measure: 'kinds',
      title: `Longest stall of the event loop during the first list of ${count} objects of different kinds`,
      how: '`monitorEventLoopDelay` with a resolution of 1 ms, which is contained in the figure.',
      figures: cases.map(({ what, turns }) => ({
        what,
        unit: 'ms',
        ...turns.spread(FIRN, 'stallMs'),
        ...STALL,
      })),
    },
    {
      measure: 'kinds',
      title: `Memory after the first list of ${count} objects of different kinds`,
      how: 'Growth of `heapUsed` and of RSS, each after two collections; nothing was read.',
      figures: cases.flatMap(memoryFigures),
    },
  ];
}

function memoryFigures({ what, turns }: Case): Figure[] {
  const rss = turns.spread(FIRN, 'rssBytes');
  const kept = turns.spread(FIRN, 'keptBytes').median;
  return [
    { what: `${what}, heap`, unit: 'B an object', ...turns.spread(FIRN, 'heapBytes'), ...HEAP },
    {
      what: `${what}, RSS`,
      unit: 'B an object',
      ...rss,
      detail: `${(rss.median / kept).toFixed(2)} × what is left of the bytes`,
    },
  ];
}

export const kinds: Measure = {
  about: 'first list of ingresses, secrets, pods; many namespaces or one',
  run,
};
