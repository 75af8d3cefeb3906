/** Owns the measure of idleness: what many watched resources cost to which nothing happens. */
import type { IdleSettings } from '../contenders/idle-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import { type Figure, formatNumber, type Result, type Targets } from '../harness/figure.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import type { Measure } from './measure.ts';
import { Turns } from './turns.ts';

const WATCHES = 200;
const OBJECTS = 10;
const SECONDS = 10;
/** A round takes more than half a minute. */
const ROUNDS = 2;

const FIRN = 'firn, one runtime';
const ONE = 'firn, one watched resource';
const CLIENT_NODE = `client-node, ${WATCHES} informers`;
const WHO: Readonly<Record<string, Pick<IdleSettings, 'name' | 'watches'>>> = {
  [ONE]: { name: 'firn', watches: 1 },
  [FIRN]: { name: 'firn', watches: WATCHES },
  [CLIENT_NODE]: { name: 'client-node', watches: WATCHES },
};
/** None a watched resource: what is left is the one that they share. */
const TIMERS: Targets = { must: 1 };

/** None a watched resource. Both times are next to nothing, and may differ by chance. */
const CPU: Targets = { must: 2 };

function figuresOf(turns: Turns, who: string): Figure[] {
  const connections = turns.spread(who, 'connections').median;
  return [
    { what: `${who}, CPU`, unit: 'ms', ...turns.spread(who, 'cpuMs') },
    {
      what: `${who}, active timers`,
      unit: 'timers',
      ...turns.spread(who, 'timers'),
      ...(who === FIRN ? TIMERS : {}),
    },
    {
      what: `${who}, open sockets`,
      unit: 'sockets',
      ...turns.spread(who, 'sockets'),
      detail: `${connections} connections since the start`,
    },
    { what: `${who}, RSS`, unit: 'MB', ...turns.spread(who, 'rssMB') },
  ];
}

function comparison(turns: Turns): Figure {
  const [all, one] = [FIRN, ONE].map((who) => formatNumber(turns.spread(who, 'cpuMs').median));
  return {
    what: `${FIRN}, CPU against one watched resource`,
    unit: '× as much',
    ...turns.ratio(FIRN, 'cpuMs', ONE),
    detail: `${all} ms and ${one} ms`,
    ...CPU,
  };
}

async function run({ kind, oneNamespace, rounds }: BenchOptions): Promise<Result[]> {
  const load = { kind, oneNamespace, objects: OBJECTS };
  await using server = await BenchServer.start({ ...load, gzip: false });
  const turns = new Turns();
  for (let round = 0; round < Math.min(ROUNDS, rounds); round++) {
    for (const [who, contender] of Object.entries(WHO)) {
      const settings: IdleSettings = { ...contender, url: server.url, load, seconds: SECONDS };
      const before = await server.connections();
      const figures = await runContender('idle', settings, server);
      turns.add(who, { ...figures, connections: (await server.connections()) - before });
    }
  }
  return [
    {
      measure: 'idle',
      title: `${SECONDS} idle seconds of ${WATCHES} watched resources`,
      how: `${OBJECTS} ${kind} in each, in sync, over HTTP/1.1, where each watch has a connection to itself. Timers: those of \`process.getActiveResourcesInfo()\`, which keep the process alive; a watched resource at rest must add none, and no CPU.`,
      figures: [comparison(turns), ...[FIRN, CLIENT_NODE].flatMap((who) => figuresOf(turns, who))],
    },
  ];
}

export const idle: Measure = { about: 'CPU, timers and sockets of 200 watched resources at rest', run };
