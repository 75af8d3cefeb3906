/** Owns the measure of resources on demand: the memory of references, reads of what is cached, requests for what is not. */
import type { OnDemandSettings } from '../contenders/on-demand-settings.ts';
import type { Contender } from '../contenders/whole-way-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, formatNumber, micros, type Result, type Targets } from '../harness/figure.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import type { Measure } from './measure.ts';
import { namespaceResult } from './on-demand-namespace.ts';
import { Turns, takeTurn } from './turns.ts';

const REFERENCES = 100_000;
/** What is read, and among how many references. */
const READ = 1000;
const AMONG = 10_000;
/** How long a server takes to answer, by which requests wait for one another. */
const LATENCIES_MS = [0, 5];

const ON_DEMAND = 'firn, on demand';
const FULL = 'firn, MemoryStore';
const TYPED = 'client-node, typed list';
const DRAINED = 'socket drained, metadata only';

const CONTENDERS: Readonly<Record<string, Contender>> = {
  [DRAINED]: { name: 'drain', initialList: 'watch-list', metadataOnly: true },
  [ON_DEMAND]: { name: 'firn-on-demand' },
  [FULL]: { name: 'firn', initialList: 'watch-list', reads: false },
  [TYPED]: { name: 'client-node', list: 'typed' },
};

/** The server makes its bytes while they are drained, before the rounds. */
const FIRST: readonly Contender[] = [
  { name: 'drain', initialList: 'watch-list', metadataOnly: true },
  { name: 'drain', initialList: 'watch-list' },
  { name: 'drain', initialList: 'list' },
];

/** Of so many that the process itself hardly shows. */
const HEAP: Targets = { must: 400, aim: 150 };

async function memory(objects: number, { oneNamespace, rounds }: BenchOptions): Promise<Result[]> {
  await using server = await BenchServer.start({ kind: 'secrets', oneNamespace, objects, gzip: false });
  for (const contender of FIRST) await takeTurn(server, contender, 0);
  const turns = new Turns();
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of Object.entries(CONTENDERS)) {
      turns.add(name, await takeTurn(server, contender, 0));
    }
  }
  const count = objects.toLocaleString('en-US');
  return [
    {
      measure: 'on-demand',
      title: `Memory of ${count} secrets, as references and as a whole`,
      how: 'Growth of `heapUsed` and of RSS after the first list, each after two collections; nothing was read. On demand: a WatchList of metadata only.',
      figures: [ON_DEMAND, FULL, TYPED].flatMap((name): Figure[] => {
        const heap = turns.ratio(name, 'heapBytes', ON_DEMAND).median;
        const rss = turns.ratio(name, 'rssBytes', ON_DEMAND).median;
        const times = (ratio: number): { detail?: string } =>
          name === ON_DEMAND ? {} : { detail: `${formatNumber(ratio)} × on demand` };
        return [
          {
            what: `${name}, heap`,
            unit: 'B a secret',
            ...turns.spread(name, 'heapBytes'),
            ...times(heap),
            ...(name === ON_DEMAND && objects === REFERENCES ? HEAP : {}),
          },
          { what: `${name}, RSS`, unit: 'B a secret', ...turns.spread(name, 'rssBytes'), ...times(rss) },
        ];
      }),
    },
    {
      measure: 'on-demand',
      title: `First list of ${count} secrets, as references and as a whole`,
      how: 'From `start` to all references or objects visible, in a fresh process each round.',
      figures: Object.keys(CONTENDERS).map((name) => timeFigure(turns, name, objects)),
    },
  ];
}

function timeFigure(turns: Turns, name: string, objects: number): Figure {
  const { median, least, most } = turns.spread(name, 'syncMs');
  const perObject = (ms: number): number => (ms * 1000) / objects;
  const times = turns.ratio(name, 'syncMs', DRAINED).median;
  return {
    what: name,
    unit: 'µs an object',
    median: perObject(median),
    least: perObject(least),
    most: perObject(most),
    ...(name === DRAINED ? {} : { detail: `${formatNumber(times)} × drained` }),
  };
}

/** Reads of the first `read` of so many references. */
async function reads(objects: number, read: number, { rounds }: BenchOptions): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const load = { kind: 'secrets', oneNamespace: false, objects } as const;
  const turns = new Turns();
  const servers = new Map<number, BenchServer>();
  for (const latencyMs of LATENCIES_MS) {
    servers.set(latencyMs, stack.use(await BenchServer.start({ ...load, gzip: false, latencyMs })));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [latencyMs, server] of servers) {
      const given = { url: server.url, load, counts: [read] };
      const settings: OnDemandSettings = { ...given, part: 'at-once' };
      turns.add(`${latencyMs}`, await runContender('on-demand', settings, server));
      if (latencyMs > 0) continue;
      const hot: OnDemandSettings = { ...given, part: 'hot' };
      turns.add('hot', await runContender('on-demand', hot, server));
    }
  }
  return {
    measure: 'on-demand',
    title: `Reads of secrets on demand, ${read.toLocaleString('en-US')} of ${objects.toLocaleString('en-US')}`,
    how: `Of a store that a watcher has filled with references. Hot: all of them are cached, each \`get\` is awaited before the next; against \`await Promise.resolve(map.get(key))\`. At once: none is cached, \`Promise.all\` of all gets. The server answers after ${LATENCIES_MS.join(' or ')} ms.`,
    figures: [hotFigure(turns, read), ...LATENCIES_MS.flatMap((ms) => atOnceFigures(turns, ms, read))],
  };
}

function hotFigure(turns: Turns, read: number): Figure {
  const nanos = (figure: string): string => formatNumber((turns.spread('hot', figure).median * 1e6) / read);
  return {
    what: 'hot `get`, awaited',
    unit: '× Map, awaited',
    ...turns.ratio('hot', 'hotMs', 'hot', 'hotPlainMs'),
    detail: `${nanos('hotMs')} and ${nanos('hotPlainMs')} ns`,
  };
}

function atOnceFigures(turns: Turns, latencyMs: number, read: number): Figure[] {
  const who = `${latencyMs}`;
  const count = read.toLocaleString('en-US');
  const one = `${count} gets of one key at once, answers after ${latencyMs} ms`;
  const many = `${count} gets of ${count} keys at once, answers after ${latencyMs} ms`;
  const total = turns.spread(who, 'manyMs');
  return [
    { what: one, unit: 'ms', ...turns.spread(who, 'oneMs') },
    { what: `${one}: requests`, unit: 'requests', ...turns.spread(who, 'oneRequests'), must: 1 },
    { what: many, unit: 'ms', ...total, detail: `${micros(total.median, read)} a resource` },
    { what: `${many}: requests`, unit: 'requests', ...turns.spread(who, 'manyRequests'), must: read },
    { what: `${many}: most under way`, unit: 'requests', ...turns.spread(who, 'manyAtOnce'), must: 8 },
  ];
}

async function run(options: BenchOptions): Promise<Result[]> {
  const { objects } = options;
  const references = objects < 50_000 ? objects : REFERENCES;
  const among = Math.min(AMONG, objects);
  return [
    ...(await memory(references, options)),
    await reads(among, Math.min(READ, among), options),
    ...(await namespaceResult(LATENCIES_MS, options)),
  ];
}

export const onDemand: Measure = {
  about: 'references instead of resources: memory, cached reads, requests, lists instead of gets',
  run,
};
