/** Owns the measure of scale: what an event, an object and a stall cost at ever more objects. */
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, micros, type Result, type Targets } from '../harness/figure.ts';
import { BenchServer } from '../harness/processes.ts';
import type { Measure } from './measure.ts';
import { Turns, takeTurn } from './turns.ts';

const SIZES = [1000, 10_000, 50_000, 200_000];
const MILLION = 1_000_000;
/** From here on a round takes long, and so there are fewer. */
const LARGE = 200_000;
const ROUNDS_OF_LARGE = 3;

const DRAIN: Contender = { name: 'drain', initialList: 'watch-list' };
const FIRN: Contender = { name: 'firn', initialList: 'watch-list', reads: false };

const STALL: Targets = { must: 25, aim: 10 };
const EVENT: Targets = { must: 1.3, aim: 1 };
const RSS_OF_MILLION: Targets = { must: 3000, aim: 1300 };

/** The sizes: the known ones up to `--objects` where that is small, a million where it is asked for. */
function sizesOf({ objects, million }: BenchOptions): number[] {
  const known = objects < 50_000 ? [...SIZES.filter((size) => size < objects), objects] : SIZES;
  return million ? [...known, MILLION] : known;
}

function named(who: 'firn' | 'drain', size: number): string {
  return `${who} ${size}`;
}

/** Sizes take turns within a round, so that each is compared with the smallest of the same round. */
async function takeAllTurns(sizes: readonly number[], options: BenchOptions): Promise<Turns> {
  const { kind, oneNamespace, events, rounds } = options;
  await using stack = new AsyncDisposableStack();
  const servers = new Map<number, BenchServer>();
  for (const objects of sizes) {
    const server = await BenchServer.start({ kind, oneNamespace, objects, gzip: false });
    servers.set(objects, stack.use(server));
  }
  const turns = new Turns();
  for (let round = 0; round < rounds; round++) {
    for (const [size, server] of servers) {
      if (size >= LARGE && round >= ROUNDS_OF_LARGE) continue;
      turns.add(named('drain', size), await takeTurn(server, DRAIN, events));
      turns.add(named('firn', size), await takeTurn(server, FIRN, events));
    }
  }
  return turns;
}

async function run(options: BenchOptions): Promise<Result[]> {
  const { kind, events } = options;
  const sizes = sizesOf(options);
  const turns = await takeAllTurns(sizes, options);
  const least = Math.min(...sizes);
  const each = (make: (size: number, name: string) => Omit<Figure, 'what'>): Figure[] =>
    sizes.map((size) => ({ what: size.toLocaleString('en-US'), ...make(size, named('firn', size)) }));
  const timesDrain = (size: number, figure: string): string =>
    `${turns.ratio(named('firn', size), figure, named('drain', size)).median.toFixed(2)} × socket drained`;
  return [
    {
      measure: 'scale',
      title: `Watch events at more ${kind}`,
      how: `${events.toLocaleString('en-US')} MODIFIED, one subscriber that does not read. As multiples of the same at ${least.toLocaleString('en-US')} objects, in the same round.`,
      figures: each((size, name) => ({
        unit: `× that at ${least.toLocaleString('en-US')}`,
        ...turns.ratio(name, 'eventMs', named('firn', least)),
        detail: `${micros(turns.spread(name, 'eventMs').median, events)} an event, ${timesDrain(size, 'eventMs')}`,
        ...(size === least ? {} : EVENT),
      })),
    },
    {
      measure: 'scale',
      title: `First list of more ${kind}`,
      how: 'A WatchList, from `start` to all objects visible, in a fresh process each round.',
      figures: each((size, name) => {
        const { median, least: fastest, most } = turns.spread(name, 'syncMs');
        const perObject = (ms: number): number => (ms * 1000) / size;
        return {
          unit: 'µs an object',
          median: perObject(median),
          least: perObject(fastest),
          most: perObject(most),
          detail: timesDrain(size, 'syncMs'),
        };
      }),
    },
    {
      measure: 'scale',
      title: `Longest stall of the event loop during the first list of more ${kind}`,
      how: '`monitorEventLoopDelay` with a resolution of 1 ms, which is contained in the figure.',
      figures: each((_, name) => ({ unit: 'ms', ...turns.spread(name, 'stallMs'), ...STALL })),
    },
    {
      measure: 'scale',
      title: `Memory after the first list of more ${kind}`,
      how: 'Growth of `heapUsed` and of RSS for each object, and RSS in all, after two collections; nothing was read. Where there are few objects, what the process itself needs shows.',
      figures: memoryFigures(turns, sizes),
    },
  ];
}

function memoryFigures(turns: Turns, sizes: readonly number[]): Figure[] {
  return sizes.flatMap((size) => {
    const name = named('firn', size);
    const what = size.toLocaleString('en-US');
    const inAll = size === MILLION ? RSS_OF_MILLION : {};
    return [
      { what: `${what}, heap`, unit: 'B an object', ...turns.spread(name, 'heapBytes') },
      { what: `${what}, RSS`, unit: 'B an object', ...turns.spread(name, 'rssBytes') },
      { what: `${what}, RSS in all`, unit: 'MB', ...turns.spread(name, 'rssMB'), ...inAll },
    ];
  });
}

export const scale: Measure = {
  about: 'events, first list, memory and stalls at 1,000 to 200,000 objects',
  run,
};
