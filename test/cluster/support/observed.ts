/** A watcher under observation: its changes, states and errors from before its first start to the end of the test. */
import type { FirnError, KubernetesObject } from '@firn/core';
import type { Watcher, WatchState } from '@firn/runtime';
import type { MemoryStore } from '@firn/stores';
import { expect } from 'vitest';
import type { Cluster } from '../harness/cluster.ts';
import { ChangeLedger } from './change-ledger.ts';
import { kubectlList } from './kubectl.ts';
import { PATIENCE } from './patience.ts';

type Full<T> = Watcher<T, MemoryStore<T>>;

/** A watcher and what it has told. */
export class Observed<T extends KubernetesObject> implements AsyncDisposable {
  readonly watcher: Full<T>;
  readonly ledger: ChangeLedger<T>;
  readonly states: WatchState[] = [];
  readonly errors: FirnError[] = [];

  constructor(watcher: Full<T>) {
    this.watcher = watcher;
    this.ledger = new ChangeLedger(watcher.store.changes$);
    watcher.state$.subscribe((state) => this.states.push(state));
    watcher.errors$.subscribe((error) => this.errors.push(error));
  }

  /** Codes of the errors, each once, in the order in which they came first. */
  get errorCodes(): string[] {
    return [...new Set(this.errors.map(({ code }) => code))];
  }

  /** Starts the watcher and waits until its first list is visible, and all of it told. */
  async sync(): Promise<this> {
    this.watcher.start();
    await this.watcher.synced;
    await expect.poll(() => this.ledger.resources.length, PATIENCE).toBe(this.watcher.store.size);
    return this;
  }

  /** Waits until a state comes by, or has come by since the `first`, that fits; gives it. */
  async sees(fits: (state: WatchState) => boolean, first = 0): Promise<WatchState> {
    const find = (): WatchState | undefined => this.states.slice(first).find(fits);
    await expect.poll(find, { ...PATIENCE, message: `${fits}; now ${this.#now()}` }).toBeDefined();
    return find() as WatchState;
  }

  /** Waits until the present state fits; gives it. */
  async is(fits: (state: WatchState) => boolean): Promise<WatchState> {
    const find = (): WatchState | undefined => [this.watcher.state].find(fits);
    await expect.poll(find, { ...PATIENCE, message: `${fits}; now ${this.#now()}` }).toBeDefined();
    return this.watcher.state;
  }

  /** Waits until the store, and whoever follows its changes, hold exactly what `kubectl get …` lists. */
  async equalsKubectl(cluster: Cluster, args: readonly string[]): Promise<void> {
    const expected = await kubectlList(cluster, args);
    const { store } = this.watcher;
    await expect.poll(() => store.refs().map(versionOf), PATIENCE).toEqual(expected.map(identityAndVersion));
    expect(store.list()).toStrictEqual(expected);
    await expect.poll(() => this.ledger.resources.length, PATIENCE).toBe(expected.length);
    expect(this.ledger.resources).toStrictEqual(store.list());
    expect(this.ledger.contradictions).toEqual([]);
  }

  #now(): string {
    const { phase, stale, lastError } = this.watcher.state;
    return `${phase}${stale ? ', stale' : ''}, ${lastError?.message ?? 'no error'}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher[Symbol.asyncDispose]();
  }
}

/** Puts a watcher under observation. */
export function observed<T extends KubernetesObject>(watcher: Full<T>): Observed<T> {
  return new Observed(watcher);
}

function versionOf(ref: { namespace: string; name: string; resourceVersion?: string }): string {
  return `${ref.namespace}/${ref.name}@${ref.resourceVersion}`;
}

function identityAndVersion({ metadata }: KubernetesObject): string {
  const { namespace = '', name = '', resourceVersion = '' } = metadata ?? {};
  return versionOf({ namespace, name, resourceVersion });
}
