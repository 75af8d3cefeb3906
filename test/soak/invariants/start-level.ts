/** Owns what a process holds on to: sockets, timers, listeners and memory, before a soak and after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { heapNow, mib } from './heap.ts';
import type { Ledger } from './ledger.ts';

/** What a process holds on to. */
export interface Level {
  /** Open sockets, timers and the like, by type. */
  readonly resources: Readonly<Record<string, number>>;
  readonly listeners: number;
  /** Bytes after a collection of garbage; undefined where that cannot be asked for. */
  readonly heap: number | undefined;
}

/** How much more memory there may be at the end: compiled code and the shapes of objects are never given back. */
const HEAP_TOLERANCE = 16 * 1024 * 1024;

/** How long the last sockets and timers may take to go, in milliseconds. */
const PATIENCE = 5_000;

/** `FSReqPromise` and such are of whoever asks; what comes and goes by itself is not counted. */
const COUNTED = /TCP|TLS|Timeout|Immediate|Pipe/;

function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) {
    if (COUNTED.test(type)) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

/** The level as it is now. */
export async function measureLevel(): Promise<Level> {
  return { resources: activeResources(), listeners: listeners(), heap: await heapNow() };
}

function moreThan(before: Level, after: Level): string[] {
  const kinds = Object.keys(after.resources).filter(
    (kind) => (after.resources[kind] ?? 0) > (before.resources[kind] ?? 0),
  );
  const listening = after.listeners > before.listeners ? ['listeners of the process'] : [];
  const grown =
    before.heap !== undefined && after.heap !== undefined && after.heap > before.heap + HEAP_TOLERANCE
      ? [`memory (${mib(before.heap)} before, ${mib(after.heap)} after)`]
      : [];
  return [...kinds, ...listening, ...grown];
}

/** Waits until everything is let go of, for at most `patience` milliseconds, and gives the level then. */
export async function checkLevel(ledger: Ledger, before: Level, patience: number = PATIENCE): Promise<Level> {
  const until = performance.now() + patience;
  for (;;) {
    const after = await measureLevel();
    const more = moreThan(before, after);
    if (more.length > 0 && performance.now() < until) {
      await sleep(50);
      continue;
    }
    ledger.check('everything is let go of', more.length === 0, () => `more than before: ${more.join(', ')}`);
    return after;
  }
}
