/** Owns one turn of one contender: it syncs, is measured, receives events, and is checked after each. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { objectOf, withoutIgnored } from '../objects/kinds.ts';
import { clientNode } from './client-node.ts';
import { drain } from './drain.ts';
import { firn } from './firn.ts';
import { firnOnDemand } from './firn-on-demand.ts';
import { jsonParse } from './json-parse.ts';
import {
  checkObject,
  collectGarbage,
  fail,
  finish,
  samples,
  settings,
  timed,
  versionAfter,
} from './support.ts';
import type { Contestant, WholeWaySettings } from './whole-way-settings.ts';

const given = settings<WholeWaySettings>();
const { load, events, warmUp } = given;

/** What is left of an object's bytes once the ignored fields are out of it. */
function keptBytes(): number {
  return JSON.stringify(withoutIgnored(objectOf(load, 0, 0))).length;
}

function check(contestant: Contestant, numEvents: number): void {
  if (contestant.size() !== load.objects) throw new Error(`${contestant.size()} objects`);
  const latest = numEvents === 0 ? 0 : (numEvents - 1) % load.objects;
  for (const index of [latest, ...samples(load.objects)]) {
    const object = contestant.get?.(index);
    if (object !== 'not kept') checkObject(load, index, versionAfter(load, numEvents, index), object);
  }
}

async function measureEvents(contestant: Contestant): Promise<Record<string, number>> {
  if (events === 0) return {};
  await delay(200);
  await contestant.prepare(warmUp);
  await contestant.receive();
  check(contestant, warmUp);
  await contestant.prepare(events);
  await collectGarbage();
  const { ms, cpuMs } = await timed(() => contestant.receive());
  check(contestant, warmUp + events);
  return { eventMs: ms, eventCpuMs: cpuMs };
}

async function wholeWay(contestant: Contestant): Promise<Record<string, number>> {
  await collectGarbage();
  const before = process.memoryUsage();
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const sync = await timed(() => contestant.sync());
  stalls.disable();
  check(contestant, 0);
  await collectGarbage();
  const after = process.memoryUsage();
  const perObject = (bytes: number): number => bytes / load.objects;
  const synced = {
    syncMs: contestant.syncMs?.() ?? sync.ms,
    syncCpuMs: sync.cpuMs,
    stallMs: stalls.max / 1e6,
    heapBytes: perObject(after.heapUsed - before.heapUsed),
    rssBytes: perObject(after.rss - before.rss),
    rssMB: after.rss / 1e6,
    keptBytes: keptBytes(),
  };
  const burst = await measureEvents(contestant);
  const readAll = contestant.readAll;
  const read = readAll === undefined ? {} : { readAllMs: (await timed(readAll)).ms };
  await contestant.end();
  return { ...synced, ...burst, ...read, ...(await contestant.figures?.()) };
}

const contestants = {
  firn,
  'firn-on-demand': firnOnDemand,
  'client-node': clientNode,
  'JSON.parse': jsonParse,
  drain,
};

// What hangs is a failure too.
setTimeout(() => fail(new Error('not done after ten minutes')), 600_000).unref();
try {
  finish(await wholeWay(await contestants[given.contender.name](given)));
} catch (error) {
  fail(error);
}
