/** Owns firn on demand as a contestant: a watcher that holds references. */
import { deepStrictEqual } from 'node:assert/strict';
import { createWatcher } from '@firn/runtime';
import { IGNORED, identityOf, KINDS, objectOf } from '../objects/kinds.ts';
import { requestEvents } from './request-events.ts';
import { fail, kubeConfigFor, versionAfter } from './support.ts';
import type { Contestant, WholeWaySettings } from './whole-way-settings.ts';

interface Versioned {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

export function firnOnDemand({ url, load }: WholeWaySettings): Contestant {
  const watcher = createWatcher(kubeConfigFor(url), {
    gvr: KINDS[load.kind].gvr,
    store: 'on-demand',
    ignoreFields: IGNORED,
  });
  const { store } = watcher;
  watcher.errors$.subscribe(fail);
  const events = requestEvents(load);
  return {
    sync: async () => {
      watcher.start();
      await watcher.synced;
      store.changes$.subscribe(({ ref }) => events.arrived(ref.resourceVersion));
    },
    prepare: events.prepare,
    receive: events.receive,
    size: () => store.size,
    // The reference is looked at: a resource would have to be fetched first.
    get: (index) => {
      const { namespace, name } = identityOf(load, index);
      const version = versionAfter(load, events.requested, index);
      const { uid, resourceVersion } = (objectOf(load, index, version) as Versioned).metadata;
      const keys = [namespace, name];
      deepStrictEqual(store.refs(...keys), [{ namespace, name, uid, resourceVersion, keys }]);
      return 'not kept';
    },
    end: () => watcher.stop(),
  };
}
