/** Owns the benchmark: contenders take turns against one server, and what is shown are ratios within one run. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '50000' },
    events: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const CONTENDERS = [
  'JSON.parse',
  'firn, list',
  'firn, watch-list',
  'firn, nobody reads',
  'client-node, typed list',
  'client-node, raw list',
];
const MEASURES = ['syncMs', 'eventMs', 'syncStallMs', 'heapBytes', 'rssBytes'] as const;
type Result = Partial<Record<(typeof MEASURES)[number], number>>;

const execArgv = ['--conditions=@firn/source', '--expose-gc', '--max-old-space-size=12000'];

function child(file: string, args: readonly string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), args, { execArgv });
}

async function runOnce(server: ChildProcess, url: string, contender: string): Promise<Result> {
  const run = child('./contender.ts', [contender, url, values.objects, values.events]);
  const exited = once(run, 'exit');
  let result: Result | undefined;
  run.on('message', (message) => {
    if (message === 'burst') server.send('burst');
    else result = message as Result;
  });
  await exited;
  if (result === undefined)
    throw new Error(`${contender} did not finish: its result was wrong or it failed.`);
  return result;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Median, smallest and largest of a measure over all rounds; `undefined` where a contender does not have it. */
function summary(results: readonly Result[], measure: keyof Result): readonly number[] | undefined {
  const numbers = results.map((result) => result[measure]).filter((number) => number !== undefined);
  return numbers.length === 0 ? undefined : [median(numbers), Math.min(...numbers), Math.max(...numbers)];
}

const server = child('./server.ts', [values.objects, values.events]);
const [{ url }] = (await once(server, 'message')) as [{ url: string }];
const results = new Map<string, Result[]>(CONTENDERS.map((contender) => [contender, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const contender of CONTENDERS) results.get(contender)?.push(await runOnce(server, url, contender));
}
server.kill();

const objects = Number(values.objects);
const events = Number(values.events);
const parse = results.get('JSON.parse') ?? [];
const parseSync = summary(parse, 'syncMs')?.[0] ?? Number.NaN;
const parseEvent = summary(parse, 'eventMs')?.[0] ?? Number.NaN;
const rows = CONTENDERS.map((contender) => {
  const all = results.get(contender) ?? [];
  const of = (measure: keyof Result): readonly number[] => summary(all, measure) ?? [];
  const perUnit = (measure: 'syncMs' | 'eventMs', units: number, base: number): string => {
    const [middle = 0, least = 0, most = 0] = of(measure);
    const micros = (ms: number): string => ((ms * 1000) / units).toFixed(1);
    return `${(middle / base).toFixed(2)} × (${micros(middle)} µs, ${micros(least)}–${micros(most)})`;
  };
  const whole = (measure: keyof Result): string => of(measure)[0]?.toFixed(0) ?? '';
  return {
    contender,
    'sync, × JSON.parse': perUnit('syncMs', objects, parseSync),
    'event, × JSON.parse': perUnit('eventMs', events, parseEvent),
    'longest stall ms': whole('syncStallMs'),
    'heap B/object': whole('heapBytes'),
    'RSS B/object': whole('rssBytes'),
  };
});
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`;
if (values.json) console.log(JSON.stringify({ machine, objects, events, rows, results: [...results] }));
else {
  console.log(
    `${objects} ingresses, ${events} events, ${values.rounds} rounds; median (least–most). ${machine}`,
  );
  console.table(rows);
}
