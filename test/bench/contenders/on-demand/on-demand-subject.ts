/** Owns what is read on demand: the store of a watcher that is in sync, and who is in it. */
import type { KubernetesObject } from '@firn/core';
import { createWatcher, type Watcher } from '@firn/runtime';
import type { CachedStore } from '@firn/stores';
import { IGNORED, identityOf, KINDS } from '../../objects/kinds.ts';
import type { OnDemandSettings } from '../on-demand-settings.ts';
import { checkObject, collectGarbage, fail, kubeConfigFor } from '../support.ts';

type Identity = ReturnType<typeof identityOf>;

export interface OnDemandSubject {
  readonly store: CachedStore<KubernetesObject>;
  readonly watcher: Watcher<KubernetesObject, CachedStore<KubernetesObject>>;
  /** Of the resources that are read; always the same strings. */
  readonly identities: readonly Identity[];
}

/** The cache has room for all that is read. */
export async function onDemandSubject({ url, load, counts }: OnDemandSettings): Promise<OnDemandSubject> {
  const [count = 0] = counts;
  const watcher = createWatcher(kubeConfigFor(url), {
    gvr: KINDS[load.kind].gvr as string,
    store: 'on-demand',
    ignoreFields: IGNORED,
    maxCacheSize: count,
    cacheTtl: '1h',
  });
  watcher.errors$.subscribe(fail);
  watcher.start();
  await watcher.synced;
  if (watcher.store.size !== load.objects) throw new Error(`${watcher.store.size} references`);
  await collectGarbage();
  const identities = Array.from({ length: count }, (_, index) => identityOf(load, index));
  return { store: watcher.store, watcher, identities };
}

/** Throws unless these are the resources of the first indexes, one of each in their order; looks into some. */
export function checkResources(
  { load }: OnDemandSettings,
  resources: readonly (KubernetesObject | undefined)[],
  count: number,
): void {
  for (let index = 0; index < count; index++) {
    const name = resources[index]?.metadata?.name;
    if (name !== identityOf(load, index).name) throw new Error(`${name} instead of that of ${index}`);
  }
  if (resources.length !== count) throw new Error(`${resources.length} instead of ${count}`);
  for (const index of [0, Math.floor(count / 2), count - 1])
    checkObject(load, index, index, resources[index]);
}
