/** Owns the proof that every store comes to show what the server has, once nothing goes wrong any more. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject, Snapshot } from '@firn/core';
import { MemoryStore } from '@firn/stores';
import { LONGEST_RETRY_AFTER } from '../fault-proxy/status-answer.ts';
import { SPEED } from '../soak-clock.ts';
import { digestOfContents, withoutIgnored } from '../world/canonical.ts';
import { RESOURCES, type ResourceName } from '../world/resources.ts';
import type { SoakServer } from '../world/soak-server.ts';
import { belongs, TIMES, type Watch } from '../world/watches.ts';
import type { Observer } from './observer.ts';

/** What the deadline of a stream adds to its life, and how long a probe may take, in the reflector. */
const DEADLINE_MARGIN = 30_000;
const PROBE_TIMEOUT = 30_000;
/** For the work itself, on a machine that does other things too; milliseconds of the machine's clock. */
const WORK = 10_000;

/**
 * How long it may take, in milliseconds of the machine's clock. At the worst a stream that shows nothing is found out
 * by its deadline, waits for the longest backoff, and asks the server how far it is on a connection that is stalled,
 * too; after one more wait, nothing stands in the way.
 */
const MOST_TO_CONVERGE =
  WORK +
  (TIMES.watchTimeout +
    DEADLINE_MARGIN +
    PROBE_TIMEOUT +
    2 * TIMES.backoff.cap * (1 + TIMES.backoff.jitter) +
    LONGEST_RETRY_AFTER * 1000) /
    SPEED;

const POLL = 10;

/** What the server has of each resource type. */
type Contents = Readonly<Record<ResourceName, readonly KubernetesObject[]>>;

async function contentsOf(server: SoakServer): Promise<Contents> {
  const lists = Object.values(RESOURCES).map(
    async (resource) => [resource.name, await server.list(resource)] as const,
  );
  return Object.fromEntries(await Promise.all(lists)) as Contents;
}

function versionsOf(objects: readonly KubernetesObject[]): Set<string> {
  return new Set(objects.map(({ metadata }) => `${metadata?.uid}@${metadata?.resourceVersion}`));
}

/** Why a store does not show these objects; undefined if it does. Cheap where it does not. */
function differenceOf(
  observer: Observer,
  watch: Watch,
  objects: readonly KubernetesObject[],
): string | undefined {
  const { store } = observer.watcher;
  if (store.size !== objects.length) return `it has ${store.size} objects instead of ${objects.length}`;
  const versions = versionsOf(objects);
  const wrong = store.refs().find(({ uid, resourceVersion }) => !versions.has(`${uid}@${resourceVersion}`));
  if (wrong !== undefined) return `it has ${wrong.namespace}/${wrong.name}@${wrong.resourceVersion}`;
  if (!observer.isTold) return 'its changes have not all been told';
  if (observer.audit.waiting > 0) return 'it has told of versions that nobody has written';
  if (!(store instanceof MemoryStore)) return undefined;
  const expected = objects.map((object) => ({ keys: watch.keysOf(object), object: withoutIgnored(object) }));
  const { snapshot } = store as { readonly snapshot: Snapshot<KubernetesObject> };
  return snapshot.digest() === digestOfContents(expected)
    ? undefined
    : "its contents differ from the server's";
}

/** Waits until all stores show what the server has; gives the milliseconds that it took. */
export async function converge(
  observers: readonly Observer[],
  server: SoakServer,
  stopped: AbortSignal,
): Promise<number> {
  const contents = await contentsOf(server);
  const start = performance.now();
  for (const observer of observers) {
    const { watch, ledger, watcher } = observer;
    const objects = contents[watch.resource].filter((object) => belongs(watch, object));
    let difference = differenceOf(observer, watch, objects);
    while (difference !== undefined && !stopped.aborted && performance.now() - start < MOST_TO_CONVERGE) {
      await sleep(POLL);
      observer.audit.settle(performance.now());
      difference = differenceOf(observer, watch, objects);
    }
    if (stopped.aborted) break;
    const { phase, stale, lastError } = watcher.state;
    const why = (): string =>
      `${watch.name}: ${difference} after ${MOST_TO_CONVERGE} ms without faults (${phase}, stale: ${stale}, last error ${lastError?.code})`;
    ledger.check('stores converge', difference === undefined, why);
  }
  return performance.now() - start;
}
