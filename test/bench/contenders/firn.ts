/** Owns firn as a contestant: a watcher as a user would make it. */
import type { KubernetesObject } from '@firn/core';
import { createWatcher } from '@firn/runtime';
import { IGNORED, identityOf, KINDS } from '../objects/kinds.ts';
import { Recording, type StartWatcher } from './recording.ts';
import { requestEvents } from './request-events.ts';
import { fail, kubeConfigFor } from './support.ts';
import type { Contestant, WholeWaySettings } from './whole-way-settings.ts';

interface Created {
  readonly metadata?: { readonly creationTimestamp?: string };
}

export async function firn({ contender, url, load }: WholeWaySettings): Promise<Contestant> {
  if (contender.name !== 'firn') throw new Error('not firn');
  const { initialList, pageSize, reads, subscribed, recorded } = contender;
  const recording = recorded === true ? await Recording.begin() : undefined;
  const options = {
    gvr: KINDS[load.kind].gvr,
    initialList,
    ignoreFields: IGNORED,
    ...(pageSize !== undefined && { pageSize }),
  };
  const start: StartWatcher = ({ place = kubeConfigFor(url), ...more }) => {
    const started = createWatcher(place, { ...options, ...more });
    started.start();
    return started;
  };
  const watcher = createWatcher(kubeConfigFor(url), {
    ...options,
    ...(recording && { eventLog: recording.eventLog }),
  });
  const { store } = watcher;
  watcher.errors$.subscribe(fail);
  const events = requestEvents(load);
  let numChanges = 0;
  let creationTimes = 0;
  const { promise: listTold, resolve: toldList } = Promise.withResolvers<void>();
  const subscribe = (): unknown =>
    store.changes$.subscribe((change) => {
      numChanges++;
      if (subscribed === true && numChanges === load.objects) toldList();
      if (change.cause !== 'watch') return;
      if (reads && (change.object as Created).metadata?.creationTimestamp !== undefined) creationTimes++;
      events.arrived(change.resourceVersion);
    });
  return {
    sync: async () => {
      if (subscribed === true) subscribe();
      watcher.start();
      await watcher.synced;
      // A list is visible at once, and told in slices.
      if (subscribed === true) await listTold;
      else subscribe();
    },
    prepare: events.prepare,
    receive: events.receive,
    size: () => store.size,
    get: (index) => {
      const { namespace, name } = identityOf(load, index);
      return store.get(namespace, name)[0];
    },
    readAll: () => {
      const kinds = store.list().filter(({ kind }: KubernetesObject) => kind === KINDS[load.kind].kind);
      if (kinds.length !== load.objects) throw new Error(`${kinds.length} were read`);
    },
    end: async () => {
      const expected = events.requested + (subscribed === true ? load.objects : 0);
      if (numChanges !== expected) throw new Error(`${numChanges} changes instead of ${expected}`);
      if (reads && creationTimes !== events.requested) throw new Error(`only ${creationTimes} were read`);
      await watcher.stop();
      await recording?.end(store.snapshot);
    },
    ...(recording && { figures: () => recording.figures(start) }),
  };
}
