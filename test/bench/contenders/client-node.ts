/** Owns client-node's informer as a contestant. */
import {
  CoreV1Api,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
  NetworkingV1Api,
} from '@kubernetes/client-node';
import { identityOf, KINDS } from '../objects/kinds.ts';
import { requestEvents } from './request-events.ts';
import { fail, kubeConfigFor } from './support.ts';
import type { Contestant, WholeWaySettings } from './whole-way-settings.ts';

type Listed = KubernetesListObject<KubernetesObject>;

/** The list function of an informer: through the generated client, as its documentation has it, or `JSON.parse` alone. */
function listOf({ contender, url, load }: WholeWaySettings): () => Promise<Listed> {
  const kubeConfig = kubeConfigFor(url);
  if (contender.name === 'client-node' && contender.list === 'raw') {
    return async () => (await (await fetch(`${url}${KINDS[load.kind].path}`)).json()) as Listed;
  }
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const networking = kubeConfig.makeApiClient(NetworkingV1Api);
  const typed = {
    ingresses: () => networking.listIngressForAllNamespaces(),
    secrets: () => core.listSecretForAllNamespaces(),
    pods: () => core.listPodForAllNamespaces(),
  };
  return typed[load.kind] as () => Promise<Listed>;
}

/** Its typed lists make a `Date` of a time, which is written with milliseconds. */
function withTimesAsSent(object: object): unknown {
  return JSON.parse(JSON.stringify(object).replaceAll('.000Z"', 'Z"'));
}

export function clientNode(given: WholeWaySettings): Contestant {
  const { url, load } = given;
  const informer = makeInformer<KubernetesObject>(kubeConfigFor(url), KINDS[load.kind].path, listOf(given));
  const events = requestEvents(load);
  let creationTimes = 0;
  informer.on('update', (object) => {
    if (object.metadata?.creationTimestamp !== undefined) creationTimes++;
    events.arrived(object.metadata?.resourceVersion);
  });
  let ending = false;
  informer.on('error', (error) => {
    // Stopping it is told as an error too.
    if (!ending) fail(error);
  });
  return {
    sync: () => informer.start(),
    prepare: events.prepare,
    receive: events.receive,
    size: () => informer.list().length,
    get: (index) => {
      const { namespace, name } = identityOf(load, index);
      const { apiVersion, kind } = KINDS[load.kind];
      return withTimesAsSent({ apiVersion, kind, ...informer.get(name, namespace) });
    },
    end: () => {
      if (creationTimes < events.requested) throw new Error(`only ${creationTimes} were read`);
      ending = true;
      return informer.stop();
    },
  };
}
