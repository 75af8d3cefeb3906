/** Owns the making of a store's writing end. */

import type { Freshness, Store } from './store.ts';
import type { StoreCalls } from './store-calls.ts';
import type { StoreEngine } from './store-engine.ts';
import type { StoreWriter } from './store-writer.ts';

/** What the writing end of a store works on. */
export interface WriterParts<T> {
  readonly store: Store<T>;
  readonly engine: StoreEngine<T>;
  readonly calls: StoreCalls<T>;
  readonly setFreshness: (freshness: Freshness) => void;
}

/** The writing end of a store. */
export function createWriter<T>({ store, engine, calls, setFreshness }: WriterParts<T>): StoreWriter<T> {
  const writer: StoreWriter<T> = {
    store,
    apply: (events) => calls.open('apply').apply(events),
    beginList: () => engine.beginList(),
    appendToList: (list, objects) => engine.appendToList(list, objects),
    removeFromList: (list, identity) => engine.removeFromList(list, identity),
    discardList: (list) => engine.discardList(list),
    commitList: (list, resourceVersion) => calls.open('apply').commitList(list, resourceVersion),
    restore: (snapshot) => engine.restore(snapshot),
    record: (journal) => engine.record(journal),
    get snapshot() {
      return engine.snapshot;
    },
    setFreshness: (freshness: Freshness) => setFreshness(Object.freeze({ ...freshness })),
    get resourceVersion() {
      return engine.current.resourceVersion;
    },
    get publishing() {
      return engine.publications.busy;
    },
    whenPublished: () => engine.publications.whenIdle(),
  };
  return Object.freeze(writer);
}
