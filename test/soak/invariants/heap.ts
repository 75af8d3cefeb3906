/** Owns the measuring of memory. */
import { setTimeout as sleep } from 'node:timers/promises';

/** A collection of garbage may let go of what frees more when it is gone. */
const ROUNDS = 4;

/** Bytes in use after collections of garbage; undefined without `--expose-gc`. */
export async function heapNow(): Promise<number | undefined> {
  if (globalThis.gc === undefined) return undefined;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc();
    await sleep(10);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
