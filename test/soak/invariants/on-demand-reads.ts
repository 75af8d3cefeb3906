/** Owns random reads of an on-demand store: nothing old, nothing that is gone, and no failure that looks like nothing. */
import { compareResourceVersions, type KubernetesObject, type Resource, type ResourceRef } from '@firn/core';
import type { CachedStore } from '@firn/stores';
import type { Random } from '../random.ts';
import { contentOf } from '../world/canonical.ts';
import { type Place, placeOf, RESOURCES, type ResourceName } from '../world/resources.ts';
import type { VersionModel } from '../world/version-model.ts';
import { identityOf } from './change-fold.ts';
import type { Ledger } from './ledger.ts';

/** As much as is read at once. */
const MOST_AT_ONCE = 24;
/** How long the answer to a write may take; milliseconds. */
const PATIENCE = 5_000;
/** One in so many reads is of a whole namespace. */
const NAMESPACE_SHARE = 0.04;

/** What of a store of secrets can be read. */
export type ReadStore = Pick<CachedStore<KubernetesObject>, 'get' | 'refs'>;

/** Reads, and compares what comes with what the watch had said when it was asked for. */
export class OnDemandReads {
  readonly #ledger: Ledger;
  readonly #store: ReadStore;
  readonly #model: VersionModel;
  readonly #underWay = new Set<Promise<void>>();
  readonly #resource: ResourceName = 'secrets';
  #answered = 0;
  #failed = 0;

  constructor(ledger: Ledger, store: ReadStore, model: VersionModel) {
    this.#ledger = ledger;
    this.#store = store;
    this.#model = model;
  }

  /** Reads that brought something, or nothing. */
  get answered(): number {
    return this.#answered;
  }

  /** Reads that were rejected. */
  get failed(): number {
    return this.#failed;
  }

  /** Reads something, unless much is being read already. */
  readSome(random: Random): void {
    if (this.#underWay.size >= MOST_AT_ONCE) return;
    const resource = RESOURCES[this.#resource];
    const { namespace, name } = placeOf(resource, random.between(0, resource.slots));
    const keys = random.chance(NAMESPACE_SHARE) ? [namespace] : [namespace, name];
    const read = this.read(keys).finally(() => this.#underWay.delete(read));
    this.#underWay.add(read);
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** One read; a rejection is as good as an answer. */
  async read(keys: readonly string[]): Promise<void> {
    const said = this.#store.refs(...keys);
    let resources: readonly Resource<KubernetesObject>[];
    try {
      resources = await this.#store.get(...keys);
    } catch {
      this.#failed++;
      return;
    }
    this.#answered++;
    const found = new Map(resources.map((resource) => [identityOf(placeIn(resource)), resource]));
    for (const ref of said) this.#judgeReference(ref, found.get(identityOf(ref)));
    for (const resource of resources) await this.#judgeExistence(resource as KubernetesObject);
    const saidOf = new Set(said.map(identityOf));
    for (const identity of found.keys())
      this.#says(
        saidOf.has(identity),
        () => `get(${keys.join(', ')}) gave ${identity}, of which the watch had not told`,
      );
  }

  /** What had been said of a resource is the least that may be shown of it. */
  #judgeReference(ref: ResourceRef, found: Resource<KubernetesObject> | undefined): void {
    const { uid = '', resourceVersion = '' } = ref;
    if (found === undefined) {
      const isGone = this.#model.mayBeGone(uid);
      this.#says(
        isGone,
        () => `get gave nothing for ${identityOf(ref)}@${resourceVersion}, which nobody has deleted`,
      );
      return;
    }
    const shown = found.metadata?.resourceVersion ?? '';
    const order = compareResourceVersions(shown, resourceVersion);
    const isCurrent = order === 0 || order === 1;
    this.#says(
      isCurrent,
      () => `get gave ${identityOf(ref)}@${shown}, the watch had told of @${resourceVersion}`,
    );
    const isSame = found.metadata?.uid === uid || this.#model.mayBeGone(uid);
    this.#says(isSame, () => `get gave another ${identityOf(ref)} than the watch had told of`);
  }

  /** It has existed, with these contents. */
  async #judgeExistence(resource: KubernetesObject): Promise<void> {
    const place = placeIn(resource);
    const { resourceVersion = '', uid = '' } = resource.metadata ?? {};
    const find = () => this.#model.find(this.#resource, place, resourceVersion);
    for (const until = performance.now() + PATIENCE; find() === undefined && performance.now() < until; )
      await new Promise((resolve) => setTimeout(resolve, 20));
    const version = find();
    const exists = version?.uid === uid && version.content === contentOf(resource);
    this.#says(
      exists,
      () => `get gave ${identityOf(place)}@${resourceVersion}, which has never been written so`,
    );
  }

  #says(holds: boolean, why: () => string): void {
    this.#ledger.check('on-demand reads are current', holds, why);
  }
}

function placeIn({
  metadata,
}: {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}): Place {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}
