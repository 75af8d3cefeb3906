/** Owns the observation of one watcher: what its store tells goes to everything that judges it. */
import type { FirnError, KubernetesObject, ResourceEvent, Snapshot } from '@firn/core';
import { type AnyChange, MemoryStore } from '@firn/stores';
import type { Observable, Subscription } from 'rxjs';
import type { VersionModel } from '../world/version-model.ts';
import type { SoakRuntime, Watch } from '../world/watches.ts';
import { ChangeFold } from './change-fold.ts';
import { HeldSnapshots } from './held-snapshots.ts';
import type { Ledger } from './ledger.ts';
import { VersionAudit } from './version-audit.ts';

/** One watcher of the runtime. */
export type SoakWatcher = SoakRuntime['watchers'][string];

/** Everything is compared after so many batches. */
const COMPARE_EVERY = 100;
/** A snapshot is held, and its digest computed anew, once in so many milliseconds. */
const HOLD_EVERY = 700;
/** What firn should never have to say of itself. */
const INTERNAL: ReadonlySet<string> = new Set(['INTERNAL', 'ACTOR_FAILED']);

/** What is observed, and by whom. */
export interface ObserverParts {
  readonly watch: Watch;
  readonly watcher: SoakWatcher;
  readonly ledger: Ledger;
  readonly model: VersionModel;
  /** A bug to be found: every so many changes one is told twice. */
  readonly tellsTwiceEvery?: number | undefined;
}

/** Listens to one store. */
export class Observer {
  readonly watch: Watch;
  readonly watcher: SoakWatcher;
  readonly ledger: Ledger;
  readonly fold: ChangeFold;
  readonly audit: VersionAudit;
  readonly snapshots: HeldSnapshots;
  readonly errors: Map<string, number> = new Map();
  readonly #tellsTwiceEvery: number;
  readonly #subscriptions: Subscription[] = [];
  /** Changes that still take their time. */
  #slowOnes = 0;
  #batches = 0;
  #heldAt = 0;
  #lists = 0;
  /** Of the last batch that was told to its end. */
  #endedAt = 0;

  constructor({ watch, watcher, ledger, model, tellsTwiceEvery = Number.POSITIVE_INFINITY }: ObserverParts) {
    this.watch = watch;
    this.watcher = watcher;
    this.ledger = ledger;
    this.fold = new ChangeFold(ledger, watch);
    this.audit = new VersionAudit(ledger, watch, model, () => watcher.state.mailbox.coalesced);
    this.snapshots = new HeldSnapshots(ledger, watch.name);
    this.#tellsTwiceEvery = tellsTwiceEvery;
  }

  /** Lists that became the contents of the store. */
  get lists(): number {
    return this.#lists;
  }

  /** Whether everything that the store has done has been told. */
  get isTold(): boolean {
    const { store } = this.watcher;
    if (store instanceof MemoryStore) return this.#endedAt === store.modCount;
    return this.fold.modCount === store.modCount && this.fold.held.size === store.size;
  }

  /** Before the watcher starts. */
  listen(): void {
    const { store, errors$ } = this.watcher;
    const changes = store.changes$ as Observable<AnyChange<KubernetesObject>>;
    this.#subscriptions.push(changes.subscribe((change) => this.#changed(change)));
    this.#subscriptions.push(errors$.subscribe((error) => this.#failed(error)));
    const events = store.events$ as Observable<ResourceEvent<KubernetesObject>>;
    this.#subscriptions.push(events.subscribe((event) => this.#happened(event)));
    if (!(store instanceof MemoryStore)) return;
    const snapshots = store.snapshots$ as Observable<Snapshot<KubernetesObject>>;
    this.#subscriptions.push(snapshots.subscribe((snapshot) => this.#batchEnded(snapshot)));
  }

  /** This subscriber takes its time with the next so many changes: more arrive meanwhile than are told. */
  slowDown(changes: number): void {
    this.#slowOnes = changes;
  }

  /** The store is at rest: everything is compared. */
  atRest(): void {
    const { store } = this.watcher;
    if (store instanceof MemoryStore) {
      const { snapshot } = store as { readonly snapshot: Snapshot<KubernetesObject> };
      this.fold.batchEnded(snapshot, true);
      this.snapshots.releaseAll();
      this.snapshots.take(snapshot);
    } else this.fold.compare(store.refs(), store.modCount);
  }

  end(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #happened({ type }: ResourceEvent<KubernetesObject>): void {
    if (type !== 'REPLACED') return;
    this.#lists++;
    this.audit.listed(this.fold.held, performance.now());
  }

  #changed(change: AnyChange<KubernetesObject>): void {
    this.#enter(change);
    if (this.#slowOnes > 0) {
      this.#slowOnes--;
      for (const until = performance.now() + 1; performance.now() < until; );
    }
    if (this.fold.count % this.#tellsTwiceEvery === 0) this.#enter(change);
  }

  #enter(change: AnyChange<KubernetesObject>): void {
    const { before, after } = this.fold.enter(change);
    this.audit.enter(change, before, after, performance.now());
  }

  #batchEnded(snapshot: Snapshot<KubernetesObject>): void {
    this.#batches++;
    this.#endedAt = snapshot.modCount;
    this.fold.batchEnded(snapshot, this.#batches % COMPARE_EVERY === 0);
    const now = performance.now();
    if (now - this.#heldAt < HOLD_EVERY) return;
    this.#heldAt = now;
    this.snapshots.take(snapshot);
  }

  #failed({ code, message }: FirnError): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    const why = (): string => `${this.watch.name}: ${code} ${message}`;
    this.ledger.check('no internal failure', !INTERNAL.has(code), why);
  }
}
