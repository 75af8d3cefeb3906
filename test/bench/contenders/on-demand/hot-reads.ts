/** Owns reads of what is cached, against a Map whose values are awaited as well. */
import type { KubernetesObject } from '@firn/core';
import { spreadOf } from '../../harness/statistics.ts';
import type { OnDemandSettings } from '../on-demand-settings.ts';
import { checkCount, isRead } from '../reads/read-subject.ts';
import { timed } from '../support.ts';
import { checkResources, onDemandSubject } from './on-demand-subject.ts';

const WARM_UP = 20;
const TURNS = 20;

export async function hotReads(given: OnDemandSettings): Promise<Readonly<Record<string, number>>> {
  const { store, watcher, identities } = await onDemandSubject(given);
  const plain = new Map<string, KubernetesObject>();
  const keys = identities.map(({ namespace, name }) => `${namespace}/${name}`);
  const resources = (
    await Promise.all(identities.map(({ namespace, name }) => store.get(namespace, name)))
  ).map(([resource]) => resource as KubernetesObject);
  checkResources(given, resources, identities.length);
  for (const [i, key] of keys.entries()) plain.set(key, resources[i] as KubernetesObject);
  const readStore = async (): Promise<void> => {
    let count = 0;
    for (const { namespace, name } of identities) if (isRead((await store.get(namespace, name))[0])) count++;
    checkCount(count, identities.length, 'hot get');
  };
  const readPlain = async (): Promise<void> => {
    let count = 0;
    for (const key of keys) if (isRead(await Promise.resolve(plain.get(key)))) count++;
    checkCount(count, keys.length, 'Map');
  };
  const times = { firn: [] as number[], plain: [] as number[] };
  const { misses } = store.cacheStats;
  for (let turn = -WARM_UP; turn < TURNS; turn++) {
    const firn = await timed(readStore);
    const map = await timed(readPlain);
    if (turn < 0) continue;
    times.firn.push(firn.ms);
    times.plain.push(map.ms);
  }
  checkCount(store.cacheStats.misses, misses, 'misses while all is cached');
  await watcher.stop();
  return { hotMs: spreadOf(times.firn).median, hotPlainMs: spreadOf(times.plain).median };
}
