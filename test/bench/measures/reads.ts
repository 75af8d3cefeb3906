/** Owns the measure of reads: look-ups, iterations and differences, against plain Maps and arrays in the same process. */
import type { ReadsPart, ReadsSettings } from '../contenders/reads-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, formatNumber, type Result, type Targets } from '../harness/figure.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import type { Load } from '../objects/kinds.ts';
import type { Measure } from './measure.ts';
import { Turns } from './turns.ts';

const NAMESPACES = 100;
const MILLION = 1_000_000;
const ROUNDS_OF_MILLION = 3;

const DIFF: Targets = { must: 100 };

/** Runs parts in fresh processes; their figures are those of one contender for each part. */
async function takeTurns(load: Load, parts: readonly ReadsPart[], rounds: number): Promise<Turns> {
  await using server = await BenchServer.start({ ...load, gzip: false });
  const turns = new Turns();
  for (let round = 0; round < rounds; round++) {
    for (const part of parts) {
      const settings: ReadsSettings = { url: server.url, load, part };
      turns.add(part, await runContender('reads', settings, server));
    }
  }
  return turns;
}

interface Compared {
  readonly what: string;
  readonly firn: string;
  readonly plain: string;
  readonly plainIs: string;
}

/** A figure as a multiple of the plain one's in the same process. */
function ratio(
  turns: Turns,
  count: number,
  { what, firn, plain, plainIs }: Compared,
  targets?: Targets,
): Figure {
  const each = (figure: string): string => perObject(turns, figure, count);
  return {
    what,
    unit: `× ${plainIs}`,
    ...turns.ratio('look-ups', firn, 'look-ups', plain),
    detail: `${each(firn)} and ${each(plain)} an object`,
    ...targets,
  };
}

function perObject(turns: Turns, figure: string, count: number): string {
  return `${formatNumber((turns.spread('look-ups', figure).median * 1e6) / count)} ns`;
}

/** A figure in microseconds, with the plain one's multiple beside it. */
function micros(turns: Turns, part: ReadsPart, compared: Compared, targets?: Targets): Figure {
  const { median, least, most } = turns.spread(part, compared.firn);
  const times = turns.ratio(part, compared.firn, part, compared.plain).median;
  return {
    what: compared.what,
    unit: 'µs',
    median: median * 1000,
    least: least * 1000,
    most: most * 1000,
    detail: `${formatNumber(times)} × ${compared.plainIs}`,
    ...targets,
  };
}

const DIFFERENCES = { firn: 'diffMs', plain: 'diffPlainMs', plainIs: 'a Map copied and compared' };

function lookUpFigures(turns: Turns, objects: number): Figure[] {
  const inNamespace = Math.ceil(objects / NAMESPACES);
  const prefix = { plain: 'prefixPlainMs', plainIs: 'an array of a Map' };
  return [
    ratio(
      turns,
      objects,
      { what: 'exact `get`', firn: 'exactMs', plain: 'exactPlainMs', plainIs: 'Map' },
      { must: 2 },
    ),
    ratio(turns, objects, {
      what: 'exact `get`, the first for its keys',
      firn: 'exactFirstMs',
      plain: 'exactPlainMs',
      plainIs: 'Map',
    }),
    micros(
      turns,
      'look-ups',
      { what: `prefix \`get\` of ${inNamespace} after a change among them`, firn: 'prefixMs', ...prefix },
      { must: 50, aim: 10 },
    ),
    micros(turns, 'look-ups', {
      what: 'the same, nobody has read what changed',
      firn: 'prefixUnreadMs',
      ...prefix,
    }),
    ratio(
      turns,
      inNamespace,
      {
        what: `first prefix \`get\` of ${inNamespace}, against the bytes sent`,
        firn: 'firstMs',
        plain: 'firstPlainMs',
        plainIs: 'JSON.parse',
      },
      { must: 0.8 },
    ),
    ratio(turns, inNamespace, {
      what: 'the same, against the bytes kept',
      firn: 'firstOfKeptMs',
      plain: 'firstKeptPlainMs',
      plainIs: 'JSON.parse',
    }),
    ratio(
      turns,
      objects,
      { what: '`list()` and a field of each', firn: 'listMs', plain: 'listPlainMs', plainIs: 'array' },
      { must: 1.5 },
    ),
    ratio(
      turns,
      objects,
      {
        what: '`for … of` the snapshot and a field of each',
        firn: 'snapshotMs',
        plain: 'snapshotPlainMs',
        plainIs: 'array',
      },
      { must: 1.5 },
    ),
    micros(turns, 'look-ups', { what: `\`snapshot\` and \`diff\` after 10 changes`, ...DIFFERENCES }, DIFF),
    {
      what: '`for await` over everything, nothing of it read: longest stall',
      unit: 'ms',
      ...turns.spread('iterate', 'iterateStallMs'),
      detail: `${Math.round(turns.spread('iterate', 'iterateMs').median)} ms in all`,
      must: 10,
    },
  ];
}

async function run({ kind, objects, rounds, million }: BenchOptions): Promise<Result[]> {
  const load = { kind, objects, oneNamespace: false };
  const turns = await takeTurns(load, ['look-ups', 'iterate'], rounds);
  const figures = lookUpFigures(turns, objects);
  if (million) {
    const many = await takeTurns(
      { ...load, objects: MILLION },
      ['differences'],
      Math.min(ROUNDS_OF_MILLION, rounds),
    );
    const what = '`snapshot` and `diff` after 10 changes among 1,000,000';
    figures.push(micros(many, 'differences', { what, ...DIFFERENCES }, DIFF));
  }
  return [
    {
      measure: 'reads',
      title: `Reads of ${objects.toLocaleString('en-US')} ${kind} in ${NAMESPACES} namespaces`,
      how: 'Of a store that a watcher has filled; in each round a fresh process, in which firn and the plain way take turns and are warmed up. Everything was read before, unless it says otherwise.',
      figures,
    },
  ];
}

export const reads: Measure = { about: 'look-ups, iterations and differences, against Maps and arrays', run };
