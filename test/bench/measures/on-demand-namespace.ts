/** Owns the measure of one namespace on demand: from how many missing resources on one list is cheaper than their gets. */
import type { OnDemandSettings } from '../contenders/on-demand-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, formatNumber, type Result } from '../harness/figure.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import { type Spread, spreadOf } from '../harness/statistics.ts';
import { Turns } from './turns.ts';

/** Namespaces, and how many of their resources are missing. */
const NAMESPACES: readonly { readonly size: number; readonly missing: readonly number[] }[] = [
  { size: 100, missing: [5, 10, 25, 50, 100] },
  { size: 500, missing: [10, 25, 50, 100, 200, 500] },
  { size: 2000, missing: [50, 100, 200, 500] },
];
/** A round takes half a minute. */
const ROUNDS = 3;

interface Case {
  readonly size: number;
  readonly missing: readonly number[];
  readonly latencyMs: number;
  readonly name: string;
  readonly server: BenchServer;
}

async function casesOf(latencies: readonly number[], stack: AsyncDisposableStack): Promise<Case[]> {
  const cases: Case[] = [];
  for (const { size, missing } of NAMESPACES) {
    for (const latencyMs of latencies) {
      const load = { kind: 'secrets', oneNamespace: true, objects: size } as const;
      const server = stack.use(await BenchServer.start({ ...load, gzip: false, latencyMs }));
      cases.push({ size, missing, latencyMs, name: `${size} after ${latencyMs} ms`, server });
    }
  }
  return cases;
}

export async function namespaceResult(
  latencies: readonly number[],
  { rounds }: BenchOptions,
): Promise<Result[]> {
  await using stack = new AsyncDisposableStack();
  const cases = await casesOf(latencies, stack);
  const turns = new Turns();
  for (let round = 0; round < Math.min(ROUNDS, rounds); round++) {
    for (const { name, missing: counts, server } of cases) {
      const { kind, objects, oneNamespace } = server.load;
      const load = { kind, objects, oneNamespace };
      const settings: OnDemandSettings = { url: server.url, load, part: 'namespace', counts };
      turns.add(name, await runContender('on-demand', settings, server));
    }
  }
  return cases.map((each) => ({
    measure: 'on-demand',
    title: `Some of ${each.size.toLocaleString('en-US')} secrets of a namespace on demand: gets, or one list; answers after ${each.latencyMs} ms`,
    how: 'One prefix `get` in each case. Gets: eight at a time, by a client without `list`. The list: of the whole namespace, in pages of 500, all of which is taken.',
    figures: [
      ...each.missing.map((count): Figure => {
        const [gets, list] = [`gets${count}Ms`, 'listMs'];
        const ms = (figure: string): string => `${formatNumber(turns.spread(each.name, figure).median)} ms`;
        return {
          what: `${count} missing`,
          unit: '× the list',
          ...turns.ratio(each.name, gets, each.name, list),
          detail: `${ms(gets)} and ${ms(list)}`,
        };
      }),
      {
        what: 'as many gets take as long as the list',
        unit: 'gets',
        ...breakEven(turns, each),
      },
    ],
  }));
}

/** In each round: where the times of gets reach that of the list, on the line through the two figures beside it. */
function breakEven(turns: Turns, { name, missing }: Case): Spread {
  const times = missing.map((count) => turns.rounds(name, `gets${count}Ms`));
  return spreadOf(
    turns.rounds(name, 'listMs').map((listMs, round) => {
      const points = missing.map((count, i) => ({ count, ms: times[i]?.[round] ?? Number.NaN }));
      const later = points.findIndex(({ ms }, i) => i > 0 && ms >= listMs);
      const [a, b] = points.slice(later < 0 ? -2 : later - 1);
      if (a === undefined || b === undefined) throw new Error(`Too few figures of ${name}.`);
      return a.count + ((listMs - a.ms) * (b.count - a.count)) / (b.ms - a.ms);
    }),
  );
}
