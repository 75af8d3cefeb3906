/** Owns the measure of the ways to get the first list: streamed, in pages, in one; compressed or not. */
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, micros, type Result } from '../harness/figure.ts';
import { BenchServer } from '../harness/processes.ts';
import type { Measure } from './measure.ts';
import { Turns, takeTurn } from './turns.ts';

const STREAMED = 'WatchList';

function waysOf(objects: number): Readonly<Record<string, Contender>> {
  return {
    [STREAMED]: { name: 'firn', initialList: 'watch-list', reads: false },
    'LIST in pages of 500': { name: 'firn', initialList: 'list', pageSize: 500, reads: false },
    'LIST in one': { name: 'firn', initialList: 'list', pageSize: objects + 1, reads: false },
  };
}

function named(way: string, gzip: boolean): string {
  return gzip ? `${way}, gzip` : way;
}

async function takeAllTurns(
  ways: Readonly<Record<string, Contender>>,
  options: BenchOptions,
): Promise<Turns> {
  const { kind, oneNamespace, objects, rounds } = options;
  const load = { kind, oneNamespace, objects };
  await using plain = await BenchServer.start({ ...load, gzip: false });
  await using compressing = await BenchServer.start({ ...load, gzip: true });
  const turns = new Turns();
  // The first round is not counted: the servers make and compress what they send.
  for (let round = -1; round < rounds; round++) {
    for (const [way, contender] of Object.entries(ways)) {
      for (const server of [plain, compressing]) {
        const before = await server.connections();
        const figures = await takeTurn(server, contender, 0);
        const connections = (await server.connections()) - before;
        if (round >= 0) turns.add(named(way, server === compressing), { ...figures, connections });
      }
    }
  }
  return turns;
}

async function run(options: BenchOptions): Promise<Result[]> {
  const { objects, kind } = options;
  const ways = waysOf(objects);
  const turns = await takeAllTurns(ways, options);
  const names = Object.keys(ways).flatMap((way) => [named(way, false), named(way, true)]);
  const what = `${objects.toLocaleString('en-US')} ${kind}`;
  return [
    {
      measure: 'lists',
      title: `Ways to the first list of ${what}`,
      how: 'From `start` to all objects visible, as multiples of an uncompressed WatchList in the same round. Lists were compressed before the time begins; a watch is never compressed, by this server as by kube-apiserver, so that row is a repetition.',
      figures: names.map(
        (name): Figure => ({
          what: name,
          unit: `× ${STREAMED}`,
          ...turns.ratio(name, 'syncMs', STREAMED),
          detail: `${micros(turns.spread(name, 'syncMs').median, objects)} an object`,
        }),
      ),
    },
    {
      measure: 'lists',
      title: `Connections for the first list of ${what} and its watch`,
      how: 'TCP connections that the server accepted, over HTTP/1.1: a watch keeps one to itself.',
      figures: names.map(
        (name): Figure => ({ what: name, unit: 'connections', ...turns.spread(name, 'connections') }),
      ),
    },
  ];
}

export const lists: Measure = { about: 'WatchList, pages and one LIST, compressed or not; connections', run };
