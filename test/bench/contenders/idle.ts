/** Owns a program that watches many resources to which nothing happens. */
import { setTimeout as delay } from 'node:timers/promises';
import { createRuntime, watched } from '@firn/runtime';
import { type KubernetesListObject, type KubernetesObject, makeInformer } from '@kubernetes/client-node';
import { IGNORED, KINDS } from '../objects/kinds.ts';
import type { IdleSettings } from './idle-settings.ts';
import { collectGarbage, fail, finish, kubeConfigFor, settings } from './support.ts';

const { name, url, load, watches, seconds } = settings<IdleSettings>();
const { gvr, path } = KINDS[load.kind];

/** What watches: it has started and is in sync. */
interface Watching {
  /** Throws unless all that is watched is there. */
  check(): void;
}

function checkSizes(sizes: readonly number[]): void {
  const wrong = sizes.find((size) => size !== load.objects);
  if (sizes.length !== watches || wrong !== undefined)
    throw new Error(`${sizes.length} watched, one has ${wrong}`);
}

/** One runtime; the selectors tell its resources apart, and this server does not look at them. */
async function firn(): Promise<Watching> {
  const resources = Object.fromEntries(
    Array.from({ length: watches }, (_, i) => [
      `watched${i}`,
      watched<KubernetesObject>(gvr, { labelSelector: `watched=${i}`, ignoreFields: IGNORED }),
    ]),
  );
  const runtime = createRuntime({ kubeConfig: kubeConfigFor(url), resources });
  runtime.errors$.subscribe(fail);
  runtime.start();
  await runtime.ready();
  return {
    check: () => {
      checkSizes(Object.values(runtime.stores).map((store) => store.size));
      const phases = new Set(Object.values(runtime.states).map(({ phase }) => phase));
      if ([...phases].join() !== 'watching') throw new Error(`phases: ${[...phases].join()}`);
    },
  };
}

async function clientNode(): Promise<Watching> {
  const kubeConfig = kubeConfigFor(url);
  const list = async (): Promise<KubernetesListObject<KubernetesObject>> =>
    (await (await fetch(`${url}${path}`)).json()) as KubernetesListObject<KubernetesObject>;
  const informers = Array.from({ length: watches }, () =>
    makeInformer<KubernetesObject>(kubeConfig, path, list),
  );
  for (const informer of informers) informer.on('error', fail);
  await Promise.all(informers.map((informer) => informer.start()));
  return { check: () => checkSizes(informers.map((informer) => informer.list().length)) };
}

async function idle(): Promise<Readonly<Record<string, number>>> {
  const watching = await (name === 'firn' ? firn() : clientNode());
  watching.check();
  // The connections of the lists are closed, and what starting left behind is collected.
  await delay(1000);
  await collectGarbage();
  const before = process.cpuUsage();
  await delay(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  const resources = process.getActiveResourcesInfo();
  const count = (type: string): number => resources.filter((resource) => resource === type).length;
  watching.check();
  return {
    cpuMs: (user + system) / 1000,
    timers: count('Timeout'),
    sockets: count('TCPSocketWrap'),
    rssMB: process.memoryUsage.rss() / 1e6,
  };
}

try {
  finish(await idle());
} catch (error) {
  fail(error);
}
