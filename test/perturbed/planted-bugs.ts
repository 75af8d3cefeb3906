/** Owns four controllers with a bug that a healthy run does not show, each with its remedy. */
import { type KubernetesObject, parseGvr } from '@firn/core';
import type { ControllerClient } from '@firn/runtime/testing';
import { configMap, type ShopController, service } from './recorded-scenario.ts';

const PODS = parseGvr('v1/pods');

/** What is there already, or is gone already, is as it should be. */
async function unless(code: 'AlreadyExists' | 'NotFound', write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if ((error as { code?: unknown }).code !== code) throw error;
  }
}

const ensure = (client: ControllerClient, object: KubernetesObject) =>
  unless('AlreadyExists', client.create(object));
const remove = (client: ControllerClient, object: KubernetesObject) =>
  unless('NotFound', client.delete(object));

/** Volumes of pods: made for a pod, and deleted when it terminates. The bug: it believes that it still does. */
export const volumes =
  (isFixed: boolean): ShopController =>
  ({ runtime, client }) => {
    runtime.stores.pods.changes$.subscribe(async ({ type, ref, object }) => {
      const { namespace, name } = ref;
      const volume = configMap(`volume-${name}`);
      if (type === 'deleted') return;
      if (object.metadata?.deletionTimestamp === undefined) return ensure(client, volume);
      if (isFixed) {
        const now = await client.get(PODS, { namespace, name });
        if (now !== undefined && now.metadata?.uid !== ref.uid) return;
      }
      return remove(client, volume);
    });
  };

/** A service and a config map for each pod. The bug: where the service is, the config map is taken for there, too. */
export const pairs =
  (isFixed: boolean): ShopController =>
  async ({ runtime, client, signal }) => {
    const { pods, services } = runtime.stores;
    const reconcile = async (namespace: string, name: string): Promise<void> => {
      if (pods.snapshot.find(namespace, name) === undefined) return;
      if (!isFixed && services.snapshot.find(namespace, name) !== undefined) return;
      await ensure(client, service(name));
      await ensure(client, configMap(`settings-${name}`));
    };
    const started = runtime.ready().catch(() => undefined);
    pods.changes$.subscribe(async ({ ref }) => {
      await started;
      if (!signal.aborted) await reconcile(ref.namespace, ref.name);
    });
  };

/** Scratch space of pods, deleted when they are done. The bug: it has to see the moment. */
export const scratch =
  (isFixed: boolean): ShopController =>
  ({ runtime, client }) => {
    runtime.stores.pods.changes$.subscribe(async ({ type, ref, object }) => {
      const space = configMap(`scratch-${ref.name}`);
      const isDone = object.status?.phase === 'Succeeded';
      if (type === 'deleted') return isFixed ? remove(client, space) : undefined;
      if (isDone) return remove(client, space);
      return type === 'added' ? ensure(client, space) : undefined;
    });
  };

/** Who runs where, by uid. The bug: pods are told apart by their names. */
export const registry =
  (isFixed: boolean): ShopController =>
  ({ runtime, client }) => {
    const known = new Map<string, string>();
    const { pods } = runtime.stores;
    pods.changes$.subscribe(async ({ ref: { namespace, name } }) => {
      const uid = pods.snapshot.find(namespace, name)?.metadata?.uid;
      const entry = configMap(`entry-${name}`, { uid: uid ?? '' });
      if (uid === undefined) {
        known.delete(name);
        return remove(client, entry);
      }
      if (isFixed ? known.get(name) === uid : known.has(name)) return;
      known.set(name, uid);
      await remove(client, entry);
      await ensure(client, entry);
    });
  };
