/** Owns one measured run, a process of its own: a contender syncs, receives a burst of events, and is checked. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createWatcher } from '@firn/runtime';
import {
  KubeConfig,
  makeInformer,
  NetworkingV1Api,
  type V1Ingress,
  type V1IngressList,
} from '@kubernetes/client-node';

const [, , contender = '', url = '', objects = '0', events = '0'] = process.argv;
const count = Number(objects);
const burst = Number(events);
const newest = String(count + burst);
const IGNORED = [
  'metadata.managedFields',
  "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
];

const kubeConfig = new KubeConfig();
kubeConfig.loadFromOptions({
  clusters: [{ name: 'bench', server: url, skipTLSVerify: true }],
  users: [{ name: 'bench' }],
  contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
  currentContext: 'bench',
});

/** What a contender did: when it was synced and when the last event had arrived, and what it holds then. */
interface Held {
  size: () => number;
  synced: Promise<unknown>;
  lastEvent: Promise<unknown>;
  /** Resource version and host of the object of the last event. */
  last: () => { resourceVersion: string | undefined; host: string | undefined };
  end: () => unknown;
}

const lastIndex = (burst - 1) % count;
const lastName = `shop-frontend-${String(lastIndex).padStart(7, '0')}`;
const lastNamespace = `team-${String(lastIndex % 100).padStart(3, '0')}`;

function firn(initialList: 'list' | 'watch-list', reading: boolean): Held {
  const watcher = createWatcher(kubeConfig, {
    gvr: 'networking.k8s.io/v1/ingresses',
    initialList,
    ignoreFields: IGNORED,
  });
  const { promise: lastEvent, resolve } = Promise.withResolvers<void>();
  let hosts = 0;
  const { store } = watcher;
  void watcher.synced.then(() =>
    store.changes$.subscribe((change) => {
      if (reading) hosts += change.object.spec?.rules?.length ?? 0;
      if (change.resourceVersion === newest) resolve();
    }),
  );
  watcher.errors$.subscribe((error) => fail(error));
  watcher.start();
  return {
    size: () => store.size,
    synced: watcher.synced,
    lastEvent,
    last: () => describe(store.get(lastNamespace, lastName)[0]),
    end: () => (reading && hosts < burst ? fail(new Error(`only ${hosts} were read`)) : watcher.stop()),
  };
}

function clientNode(typed: boolean): Held {
  const path = '/apis/networking.k8s.io/v1/ingresses';
  const api = kubeConfig.makeApiClient(NetworkingV1Api);
  const listTyped = (): Promise<V1IngressList> => api.listIngressForAllNamespaces();
  const listRaw = async (): Promise<V1IngressList> =>
    (await (await fetch(`${url}${path}`)).json()) as V1IngressList;
  const informer = makeInformer<V1Ingress>(kubeConfig, path, typed ? listTyped : listRaw);
  const { promise: lastEvent, resolve } = Promise.withResolvers<void>();
  let hosts = 0;
  informer.on('update', (object) => {
    hosts += object.spec?.rules?.length ?? 0;
    if (object.metadata?.resourceVersion === newest) resolve();
  });
  informer.on('error', (error) => fail(error));
  return {
    size: () => informer.list().length,
    synced: informer.start(),
    lastEvent,
    last: () => describe(informer.get(lastName, lastNamespace)),
    end: () => (hosts < burst ? fail(new Error(`only ${hosts} were read`)) : informer.stop()),
  };
}

/** The floor that everybody else stands on: bare JSON.parse of the same bytes, all of them in memory already. */
async function jsonParse(): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/apis/networking.k8s.io/v1/ingresses`)).text();
  const start = performance.now();
  const list = JSON.parse(text) as V1IngressList;
  const syncMs = performance.now() - start;
  if (list.items.length !== count) fail(new Error(`${list.items.length} items`));
  const texts = list.items.map((object) => JSON.stringify({ type: 'MODIFIED', object }));
  const eventStart = performance.now();
  let rules = 0;
  for (let i = 0; i < burst; i++) {
    rules +=
      (JSON.parse(texts[i % count] as string) as { object: V1Ingress }).object.spec?.rules?.length ?? 0;
  }
  const eventMs = performance.now() - eventStart;
  if (rules !== burst) fail(new Error(`${rules} rules`));
  return { syncMs, eventMs };
}

function describe(object: { metadata?: object; spec?: object } | undefined): ReturnType<Held['last']> {
  const { metadata, spec } = (object ?? {}) as V1Ingress;
  return { resourceVersion: metadata?.resourceVersion, host: spec?.rules?.[0]?.host };
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

async function measured(create: () => Held): Promise<Record<string, number>> {
  global.gc?.();
  const before = process.memoryUsage();
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
  const start = performance.now();
  const held = create();
  await held.synced;
  const syncMs = performance.now() - start;
  const syncStallMs = stalls.max / 1e6;
  if (held.size() !== count) fail(new Error(`${contender}: ${held.size()} objects instead of ${count}`));
  global.gc?.();
  const after = process.memoryUsage();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const eventStart = performance.now();
  process.send?.('burst');
  await held.lastEvent;
  const eventMs = performance.now() - eventStart;
  const { resourceVersion, host } = held.last();
  if (resourceVersion !== newest || host !== `${lastName}.${lastNamespace}.example.com`) {
    fail(new Error(`${contender}: the last event left ${resourceVersion}, ${host}`));
  }
  await held.end();
  const heapBytes = (after.heapUsed - before.heapUsed) / count;
  const rssBytes = (after.rss - before.rss) / count;
  return { syncMs, eventMs, syncStallMs, heapBytes, rssBytes };
}

const contenders: Readonly<Record<string, () => Promise<Record<string, number>>>> = {
  'JSON.parse': jsonParse,
  'firn, list': () => measured(() => firn('list', true)),
  'firn, watch-list': () => measured(() => firn('watch-list', true)),
  'firn, nobody reads': () => measured(() => firn('list', false)),
  'client-node, typed list': () => measured(() => clientNode(true)),
  'client-node, raw list': () => measured(() => clientNode(false)),
};

const run = contenders[contender] ?? (() => fail(new Error(`unknown contender ${contender}`)));
process.send?.(await run());
process.exit(0);
