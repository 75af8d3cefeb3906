/** Owns the measure of idleness: what many watched resources cost to which nothing happens. */
import type { IdleSettings } from '../contenders/idle-settings.ts';
import type { BenchOptions } from '../harness/bench-options.ts';
import type { Figure, Result } from '../harness/figure.ts';
import { BenchServer, runContender } from '../harness/processes.ts';
import type { Measure } from './measure.ts';
import { Turns } from './turns.ts';

const WATCHES = 200;
const OBJECTS = 10;
const SECONDS = 10;
/** A round takes half a minute. */
const ROUNDS = 2;

const WHO: Readonly<Record<string, IdleSettings['name']>> = {
  'firn, one runtime': 'firn',
  [`client-node, ${WATCHES} informers`]: 'client-node',
};

async function run({ kind, oneNamespace, rounds }: BenchOptions): Promise<Result[]> {
  const load = { kind, oneNamespace, objects: OBJECTS };
  await using server = await BenchServer.start({ ...load, gzip: false });
  const turns = new Turns();
  for (let round = 0; round < Math.min(ROUNDS, rounds); round++) {
    for (const [who, name] of Object.entries(WHO)) {
      const settings: IdleSettings = { name, url: server.url, load, watches: WATCHES, seconds: SECONDS };
      const before = await server.connections();
      const figures = await runContender('idle', settings, server);
      turns.add(who, { ...figures, connections: (await server.connections()) - before });
    }
  }
  const figures = Object.keys(WHO).flatMap((who): Figure[] => [
    { what: `${who}, CPU`, unit: 'ms', ...turns.spread(who, 'cpuMs') },
    { what: `${who}, active timers`, unit: 'a watched resource', ...turns.spread(who, 'timers') },
    {
      what: `${who}, open sockets`,
      unit: 'sockets',
      ...turns.spread(who, 'sockets'),
      detail: `${turns.spread(who, 'connections').median} connections since the start`,
    },
    { what: `${who}, RSS`, unit: 'MB', ...turns.spread(who, 'rssMB') },
  ]);
  return [
    {
      measure: 'idle',
      title: `${SECONDS} idle seconds of ${WATCHES} watched resources`,
      how: `${OBJECTS} ${kind} in each, in sync, over HTTP/1.1, where each watch has a connection to itself. Timers: those of \`process.getActiveResourcesInfo()\`, which keep the process alive.`,
      figures,
    },
  ];
}

export const idle: Measure = { about: 'CPU, timers and sockets of 200 watched resources at rest', run };
