/** Owns the client of a controller in a closed loop: it reads and writes the world, and every write is reported. */
import { formatGvr, type GroupVersionResource, type KubernetesObject } from '@firn/core';
import type { ResourceClient, ResourceList } from '@firn/stores';
import { mergePatch } from '../api-server/merge-patch.ts';
import type { ObjectAddress, WriteResult } from '../api-server/object-writer.ts';
import { notFound, StatusError } from '../api-server/status-error.ts';
import { readObject } from '../api-server/stored-object.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** What a delete insists on. */
export interface DeletePreconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/**
 * Reads and writes the world. Refusals reject with a `StatusError`, as an API server would word them. Once the
 * controller is dead, calls are not carried out and get no answer.
 */
export interface ControllerClient extends Required<ResourceClient> {
  /** Writes a new object, its status included; resolves to what is stored. */
  create<T extends KubernetesObject>(object: T): Promise<T>;
  /** Replaces an object, its status included; checked against `metadata.resourceVersion` and `uid` where given. */
  update<T extends KubernetesObject>(object: T): Promise<T>;
  /** Merges the given fields into an object (JSON merge patch: `null` removes). */
  patch<T extends KubernetesObject>(object: T): Promise<T>;
  /** Deletes an object, or marks it as terminating if it has finalizers; resolves to its last state. */
  delete<T extends KubernetesObject>(object: T, preconditions?: DeletePreconditions): Promise<T>;
}

/** A write of a controller. */
export interface ControllerWrite {
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  /** `group/version/resource`. */
  readonly gvr: string;
  readonly namespace: string;
  /** Empty where the server did not get to give one. */
  readonly name: string;
  /** Of the object that was written; undefined if there was none. */
  readonly uid: string | undefined;
  /** As it was sent. */
  readonly object: KubernetesObject;
  /** The number of the last event before it. */
  readonly sequence: number;
  /** Which life of the controller, from 0. */
  readonly incarnation: number;
  readonly outcome: WriteResult['outcome'] | 'refused';
  /** Why it was refused. */
  readonly refusal?: StatusError;
  /** What the object, and the world, truly was right before. */
  readonly truth: { readonly object: KubernetesObject | undefined; readonly world: Truth };
}

/** Whose client it is. */
export interface ClientOwner {
  readonly world: World;
  readonly incarnation: number;
  readonly isDead: () => boolean;
  /** A call was made. */
  readonly called: () => void;
  /** A write was carried out, or refused; the controller hears of it only if it is alive afterwards. */
  readonly written: (write: ControllerWrite) => void;
}

type Verb = ControllerWrite['verb'];

/** Makes the client of one life of a controller. */
export function createControllerClient(owner: ClientOwner): ControllerClient {
  const { world } = owner;
  const answer = <V>(act: () => V): Promise<V> => {
    if (owner.isDead()) return noAnswer();
    owner.called();
    try {
      const value = act();
      return owner.isDead() ? noAnswer() : Promise.resolve(value);
    } catch (error) {
      return owner.isDead() ? noAnswer() : Promise.reject(error);
    }
  };
  const write = <T extends KubernetesObject>(
    verb: Verb,
    object: T,
    act: (address: ObjectAddress) => WriteResult,
  ): Promise<T> => answer(() => reported(owner, verb, object, act) as unknown as T);
  const { parts } = world.state;
  return {
    get: async (gvr, { namespace, name }) =>
      answer(() => world.find(gvr, namespace, name) as KubernetesObject | undefined),
    list: async (gvr, { namespace = '' }) => answer(() => listed(world, gvr, namespace)),
    create: async (object) =>
      write('create', object, ({ type, namespace }) =>
        parts.writer.create(type, namespace, structuredClone(object), { part: 'both' }),
      ),
    update: async (object) =>
      write('update', object, (address) =>
        parts.writer.update(address, structuredClone(object), { part: 'both' }),
      ),
    patch: async (object) =>
      write('patch', object, (address) => {
        const { type, namespace, name } = address;
        const stored = parts.store.table(type).get(namespace, name);
        if (stored === undefined) throw notFound(type, name);
        const merged = mergePatch(readObject(type, stored), structuredClone(object));
        return parts.writer.update(address, merged, { part: 'both' });
      }),
    delete: async (object, preconditions = {}) =>
      write('delete', object, (address) => parts.writer.delete(address, preconditions)),
  };
}

/** A dead process hears nothing more. */
function noAnswer<V>(): Promise<V> {
  return new Promise(() => undefined);
}

function listed(world: World, gvr: GroupVersionResource, namespace: string): ResourceList {
  const all = world.truth().list(gvr);
  const items = all.filter(({ metadata }) => namespace === '' || metadata?.namespace === namespace);
  return { items, resourceVersion: world.state.resourceVersion };
}

function reported(
  { world, incarnation, written }: ClientOwner,
  verb: Verb,
  object: KubernetesObject,
  act: (address: ObjectAddress) => WriteResult,
): KubernetesObject {
  const type = world.types.ofObject(object);
  const { namespace: own, name = '' } = object.metadata ?? {};
  const namespace = type.namespaced ? (own ?? 'default') : '';
  const before = world.find(type, namespace, name) as KubernetesObject | undefined;
  const write = {
    verb,
    gvr: formatGvr(type),
    namespace,
    object: structuredClone(object),
    sequence: world.sequence,
    incarnation,
    truth: { object: before, world: world.truth() },
  };
  try {
    const { stored, outcome } = act({ type, namespace, name });
    const after = readObject(type, stored) as KubernetesObject;
    written(Object.freeze({ ...write, name: stored.name, uid: after.metadata?.uid, outcome }));
    return after;
  } catch (error) {
    if (error instanceof StatusError)
      written(
        Object.freeze({ ...write, name, uid: before?.metadata?.uid, outcome: 'refused', refusal: error }),
      );
    throw error;
  }
}
