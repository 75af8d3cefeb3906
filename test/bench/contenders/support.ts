/** Owns what the programs of contenders share: settings, figures back to the run, and checks that end it. */
import { deepStrictEqual } from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { type Load, objectOf, withoutIgnored } from '../objects/kinds.ts';

/** What every contender is told. */
export interface ContenderSettings {
  readonly url: string;
  readonly load: Load;
}

/** The settings of this process. */
export function settings<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** Gives the figures to the run and ends the process. */
export function finish(figures: Readonly<Record<string, number>>): void {
  process.send?.(figures, () => process.exit(0));
}

/** Ends the process without a result. */
export function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

export function kubeConfigFor(url: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'bench', server: url, skipTLSVerify: true }],
    users: [{ name: 'bench' }],
    contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
    currentContext: 'bench',
  });
  return kubeConfig;
}

/** Some indexes of a store, spread over all of it. */
export function samples(count: number): number[] {
  return [0, 1, Math.floor(count / 3), Math.floor(count / 2), count - 1].filter((index) => index >= 0);
}

/** The version that the object of an index has after this many events. */
export function versionAfter({ objects }: Load, numEvents: number, index: number): number {
  if (index >= numEvents) return index;
  return objects + index + Math.floor((numEvents - 1 - index) / objects) * objects;
}

/** Throws unless the object is that of the index in that version, ignored fields aside. */
export function checkObject(load: Load, index: number, version: number, object: unknown): void {
  deepStrictEqual(
    withoutIgnored(JSON.parse(JSON.stringify(object)) as object),
    withoutIgnored(objectOf(load, index, version)),
  );
}

/** Two collections: the first one may free only what keeps other things alive. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    global.gc?.();
    await delay(50);
  }
}

/** Wall and CPU time of something, in milliseconds. */
export async function timed(work: () => unknown): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}
