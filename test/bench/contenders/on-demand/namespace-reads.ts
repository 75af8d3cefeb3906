/** Owns reads of one namespace: some of its resources by gets, or all of them by one list. */
import { createIndexer, type KubernetesObject, parseGvr } from '@firn/core';
import { createResourceClient } from '@firn/runtime';
import { CachedStore } from '@firn/stores';
import { spreadOf } from '../../harness/statistics.ts';
import { IGNORED, identityOf, KINDS, objectOf } from '../../objects/kinds.ts';
import type { OnDemandSettings } from '../on-demand-settings.ts';
import { checkCount } from '../reads/read-subject.ts';
import { collectGarbage, kubeConfigFor, timed } from '../support.ts';
import { checkResources } from './on-demand-subject.ts';
import { trafficSince } from './traffic.ts';

const WARM_UP = 2;
const TURNS = 3;
/** Of the store's lists. */
const PAGE = 500;

type Client = ReturnType<typeof createResourceClient>;

/** A store with the first references of the namespace; without `list` its client leaves it nothing but gets. */
function storeOf({ load }: OnDemandSettings, client: Client, count: number, mayList: boolean) {
  const gvr = parseGvr(KINDS[load.kind].gvr);
  const get: Client['get'] = (...asked) => client.get(...asked);
  const list: Client['list'] = (...asked) => client.list(...asked);
  const store = new CachedStore<KubernetesObject>({
    indexer: createIndexer({ gvr, ignoreFields: IGNORED }),
    gvr,
    client: mayList ? { get, list } : { get },
    maxCacheSize: load.objects,
    cacheTtl: '1h',
  });
  for (let index = 0; index < count; index++) store.add(objectOf(load, index, index) as KubernetesObject);
  return store;
}

export async function namespaceReads(given: OnDemandSettings): Promise<Readonly<Record<string, number>>> {
  const { url, load, counts } = given;
  await using client = createResourceClient(kubeConfigFor(url));
  const { namespace } = identityOf(load, 0);
  const ways = [
    ...counts.map((count) => ({ figure: `gets${count}Ms`, count, mayList: false, requests: count })),
    { figure: 'listMs', count: load.objects, mayList: true, requests: Math.ceil(load.objects / PAGE) },
  ].map((way) => ({ ...way, store: storeOf(given, client, way.count, way.mayList), times: [] as number[] }));
  await collectGarbage();
  for (let turn = -WARM_UP; turn < TURNS; turn++) {
    for (const { figure, store, count, requests, times } of ways) {
      store.clearCache();
      await trafficSince();
      let got: readonly KubernetesObject[] = [];
      const { ms } = await timed(async () => {
        got = await store.get(namespace);
      });
      checkResources(given, got, count);
      checkCount((await trafficSince()).requests, requests, figure);
      if (turn >= 0) times.push(ms);
    }
  }
  for (const { store } of ways) store.close();
  return Object.fromEntries(ways.map(({ figure, times }) => [figure, spreadOf(times).median]));
}
