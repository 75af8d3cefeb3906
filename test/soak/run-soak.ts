/** Owns one soak: puts server, proxy, watchers and judges together, plays rounds, and reports. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '@firn/core';
import { openEventLog } from '@firn/runtime';
import type { CachedStore } from '@firn/stores';
import type { FaultProxy } from './fault-proxy/fault-proxy.ts';
import { startFaultProxy } from './fault-proxy/fault-proxy.ts';
import { converge } from './invariants/convergence.ts';
import { Ledger } from './invariants/ledger.ts';
import { Observer } from './invariants/observer.ts';
import { OnDemandReads } from './invariants/on-demand-reads.ts';
import { checkLog } from './invariants/recorded-log.ts';
import { RequestBound } from './invariants/request-bound.ts';
import { RestingHeap } from './invariants/resting-heap.ts';
import { Random } from './random.ts';
import { RoundPlayer } from './round-player.ts';
import type { Round } from './script/soak-script.ts';
import { SoakClock, SPEED } from './soak-clock.ts';
import type { SoakReport } from './soak-report.ts';
import type { SoakServer } from './world/soak-server.ts';
import { VersionModel } from './world/version-model.ts';
import { createWatchers, type SoakRuntime, WATCHES } from './world/watches.ts';
import { Writer } from './world/writer.ts';

/** A bug put in on purpose, to see whether it is found. */
export interface PlantedBug {
  /** Every so many frames of a watch one never arrives. */
  readonly losesEvery?: number;
  /** Every so many changes of a store one is told twice. */
  readonly tellsTwiceEvery?: number;
}

/** How far a soak has come. */
export interface Progress {
  /** Changes told by all stores. */
  readonly events: number;
  readonly writes: number;
  readonly seconds: number;
}

/** What a soak is told. */
export interface SoakOptions {
  readonly seed: number;
  readonly server: SoakServer;
  readonly rounds: Iterable<Round>;
  /** Asked after each round: whether it is over, though there are more. */
  readonly isEnough?: (progress: Progress) => boolean;
  readonly planted?: PlantedBug;
}

/** Segments of the log that are kept: enough for the last minutes. */
const LOG = { fsync: 'never', segmentBytes: 16 * 1024 * 1024, keep: { bytes: 128 * 1024 * 1024 } } as const;
/** How long the last connections may take to go, in milliseconds. */
const PATIENCE = 3_000;

/** Everything that takes part. */
interface Cast {
  readonly ledger: Ledger;
  readonly model: VersionModel;
  readonly writer: Writer;
  readonly proxy: FaultProxy;
  readonly runtime: SoakRuntime;
  readonly observers: readonly Observer[];
  readonly reads: OnDemandReads;
  readonly player: RoundPlayer;
  readonly bound: RequestBound;
  readonly heap: RestingHeap;
  readonly server: SoakServer;
}

/** Plays rounds until they are over, it is enough, or something does not hold. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'firn-soak-'));
  try {
    return await soakIn(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function soakIn(folder: string, options: SoakOptions): Promise<SoakReport> {
  const { seed, server, planted = {} } = options;
  await using stack = new AsyncDisposableStack();
  const ledger = new Ledger();
  const model = new VersionModel();
  const clock = new SoakClock();
  const bound = new RequestBound(ledger);
  const proxy = stack.use(
    await startFaultProxy({
      upstream: server.upstream,
      speed: SPEED,
      losesEvery: planted.losesEvery,
      onRequest: (asked) => bound.note(asked, clock.monotonic()),
    }),
  );
  const eventLog = stack.use(await openEventLog(folder, { ...LOG, clock }));
  const random = new Random(seed);
  const runtime = stack.use(createWatchers({ url: proxy.url, eventLog, clock, random: random.next }));
  const observers = WATCHES.map((watch) => {
    const watcher = runtime.watchers[watch.name] as Observer['watcher'];
    return new Observer({ watch, watcher, ledger, model, tellsTwiceEvery: planted.tellsTwiceEvery });
  });
  const writer = new Writer(server, model);
  const reads = new OnDemandReads(
    ledger,
    runtime.stores.secrets as unknown as CachedStore<KubernetesObject>,
    model,
  );
  const player = new RoundPlayer({ server, proxy, clock, writer, reads, observers });
  const heap = new RestingHeap();
  const cast: Cast = { ledger, model, writer, proxy, runtime, observers, reads, player, bound, heap, server };
  for (const observer of observers) observer.listen();
  runtime.start();
  const told = await playAll(cast, options);
  await runtime.stop();
  await checkConnections(cast);
  heap.check(ledger);
  await eventLog.close();
  for (const observer of observers) observer.end();
  if (ledger.violation === undefined) await checkLog(ledger, folder, observers);
  return { ...told, ...figuresOf(cast), violation: ledger.violation, checks: ledger.checks };
}

async function playAll(
  cast: Cast,
  { rounds, isEnough = () => false }: SoakOptions,
): Promise<Pick<SoakReport, 'played' | 'seconds' | 'cpuSeconds' | 'convergedAfter'>> {
  const { ledger, player, writer, observers } = cast;
  const start = performance.now();
  const cpuAtStart = process.cpuUsage();
  const played: Round[] = [];
  const convergedAfter: number[] = [];
  for (const round of rounds) {
    played.push(round);
    await player.play(round, ledger.stopped);
    if (round.settles) convergedAfter.push(await settle(cast));
    const events = observers.reduce((sum, { fold }) => sum + fold.count, 0);
    const seconds = (performance.now() - start) / 1000;
    if (ledger.stopped.aborted || isEnough({ events, writes: writer.count, seconds })) break;
  }
  convergedAfter.push(await settle(cast));
  const { user, system } = process.cpuUsage(cpuAtStart);
  const seconds = (performance.now() - start) / 1000;
  return { played, convergedAfter, seconds, cpuSeconds: (user + system) / 1e6 };
}

/** Faults end, nothing is written: every store has to show what the server has. */
async function settle({ ledger, proxy, reads, observers, server, model, heap }: Cast): Promise<number> {
  if (ledger.stopped.aborted) return 0;
  await proxy.calm();
  const took = await converge(observers, server, ledger.stopped);
  await reads.settled();
  if (ledger.stopped.aborted) return took;
  for (const observer of observers) observer.atRest();
  model.forget();
  server.forgetRequests();
  await heap.sample();
  return took;
}

/** Whoever is stopped asks nothing any more, and holds no connection. */
async function checkConnections({ ledger, proxy }: Cast): Promise<void> {
  for (const until = performance.now() + PATIENCE; proxy.connections > 0 && performance.now() < until; )
    await sleep(10);
  const { connections } = proxy;
  ledger.check(
    'everything is let go of',
    connections === 0,
    () => `${connections} connections are open after stop()`,
  );
}

function figuresOf({
  writer,
  observers,
  proxy,
  player,
  bound,
  reads,
  heap,
}: Cast): Omit<SoakReport, 'played' | 'seconds' | 'cpuSeconds' | 'convergedAfter' | 'violation' | 'checks'> {
  const errors = new Map<string, number>();
  for (const observer of observers)
    for (const [code, count] of observer.errors) errors.set(code, (errors.get(code) ?? 0) + count);
  return {
    writes: writer.count,
    events: new Map(observers.map(({ watch, fold }) => [watch.name, fold.count])),
    coalesced: observers.reduce((sum, { watcher }) => sum + watcher.state.mailbox.coalesced, 0),
    relists: observers.reduce((sum, { lists }) => sum + lists, 0) - observers.length,
    faults: new Map<string, number>([...proxy.counts, ...Object.entries(player.counts)]),
    requests: bound.counts,
    peakRequests: bound.peak,
    errors,
    memoryAtRest: heap.ends,
    reads: { answered: reads.answered, failed: reads.failed },
  };
}
