/** Owns the books of one store as its subscribers can keep them: whether its changes add up to its snapshots. */
import type { Change, KubernetesObject, ResourceRef, Snapshot } from '@firn/core';
import type { AnyChange } from '@firn/stores';
import { contentOf } from '../world/canonical.ts';
import type { Watch } from '../world/watches.ts';
import type { Ledger } from './ledger.ts';
import { checkIndex } from './secondary-index.ts';

/** What is known of a resource. */
export interface Held {
  readonly ref: ResourceRef;
  /** Of full stores. */
  readonly content: string | undefined;
}

/** One in so many previous states is compared in full. */
const COMPARE_EVERY = 8;

/** Folds `changes$` and compares. */
export class ChangeFold {
  readonly #ledger: Ledger;
  readonly #watch: Watch;
  readonly #held = new Map<string, Held>();
  readonly #touched = new Set<string>();
  #modCount = 0;
  #last: AnyChange<KubernetesObject> | undefined;
  #count = 0;

  constructor(ledger: Ledger, watch: Watch) {
    this.#ledger = ledger;
    this.#watch = watch;
  }

  /** Changes so far. */
  get count(): number {
    return this.#count;
  }

  /** What the changes add up to, by `namespace/name`. */
  get held(): ReadonlyMap<string, Held> {
    return this.#held;
  }

  get modCount(): number {
    return this.#modCount;
  }

  /** One more change; gives what is known of the resource before and after. */
  enter(change: AnyChange<KubernetesObject>): {
    readonly before: Held | undefined;
    readonly after: Held | undefined;
  } {
    const identity = identityOf(change.ref);
    const before = this.#held.get(identity);
    this.#count++;
    this.#checkModCount(change, identity);
    this.#checkPrevious(change, before);
    this.#last = change;
    this.#touched.add(identity);
    if (change.type === 'deleted') {
      this.#held.delete(identity);
      return { before, after: undefined };
    }
    const object = 'object' in change ? (change as Change<KubernetesObject>).object : undefined;
    if (object !== undefined) this.#checkKeys(change.ref, object as KubernetesObject);
    const after = { ref: change.ref, content: object === undefined ? undefined : contentOf(object) };
    this.#held.set(identity, after);
    return { before, after };
  }

  /** A batch has been told to its end: compares what it touched, and sometimes everything. */
  batchEnded(snapshot: Snapshot<KubernetesObject>, everything: boolean): void {
    const { modCount, size } = snapshot;
    this.#says(
      'modCount counts events',
      modCount === this.#modCount,
      () => `the snapshot says modCount ${modCount}, its last change ${this.#modCount}`,
    );
    this.#says(
      'changes add up',
      size === this.#held.size,
      () => `the snapshot has ${size} resources, its changes make ${this.#held.size}`,
    );
    for (const identity of everything ? this.#held.keys() : this.#touched) {
      const [namespace = '', name = ''] = identity.split('/');
      const found = snapshot.find(namespace, name)?.metadata;
      const held = this.#held.get(identity)?.ref;
      const same = found?.uid === held?.uid && found?.resourceVersion === held?.resourceVersion;
      this.#says(
        'changes add up',
        same,
        () =>
          `${identity} is at ${found?.resourceVersion} in the snapshot, at ${held?.resourceVersion} by its changes`,
      );
    }
    this.#touched.clear();
    if (!everything) return;
    this.#checkOrder(snapshot);
    checkIndex(this.#ledger, this.#watch, snapshot);
  }

  /** Compares with the references of a store that has no snapshots. */
  compare(refs: readonly ResourceRef[], modCount: number): void {
    this.#says(
      'modCount counts events',
      modCount === this.#modCount,
      () => `the store says modCount ${modCount}, its last change ${this.#modCount}`,
    );
    this.#says(
      'changes add up',
      refs.length === this.#held.size,
      () => `the store has ${refs.length} references, its changes make ${this.#held.size}`,
    );
    for (const ref of refs) {
      const held = this.#held.get(identityOf(ref))?.ref;
      const same = held?.uid === ref.uid && held?.resourceVersion === ref.resourceVersion;
      this.#says(
        'changes add up',
        same,
        () => `${identityOf(ref)} is at ${ref.resourceVersion}, at ${held?.resourceVersion} by its changes`,
      );
    }
  }

  /** Rises by one for each event: the changes of a list share theirs, and so do both of a recreated resource. */
  #checkModCount(change: AnyChange<KubernetesObject>, identity: string): void {
    const { modCount, cause, type } = change;
    const last = this.#last;
    const isOfList = (cause === 'relist' || cause === 'initial') && last?.cause === cause;
    const isRecreated = type === 'added' && last?.type === 'deleted' && identityOf(last.ref) === identity;
    const mayStay = (isOfList || isRecreated) && modCount === this.#modCount;
    const holds = modCount === this.#modCount + 1 || mayStay;
    const before = this.#modCount;
    this.#modCount = modCount;
    this.#says(
      'modCount counts events',
      holds,
      () => `${type} ${identity} (${cause}) has modCount ${modCount} after ${before}`,
    );
  }

  #checkPrevious(change: AnyChange<KubernetesObject>, before: Held | undefined): void {
    const { type, ref } = change;
    const told = () =>
      `${type} ${identityOf(ref)}@${ref.resourceVersion} (${change.cause}, modCount ${change.modCount})`;
    if (type === 'added') {
      this.#says(
        'changes add up',
        before === undefined,
        () => `${told()}: it was there, at ${before?.ref.resourceVersion}`,
      );
      return;
    }
    const previous = previousOf(change);
    const same =
      before !== undefined &&
      previous?.uid === before.ref.uid &&
      previous?.resourceVersion === before.ref.resourceVersion;
    this.#says(
      'changes add up',
      same,
      () => `${told()}: previous is ${previous?.resourceVersion}, ${before?.ref.resourceVersion} was told`,
    );
    const differs = type === 'deleted' || ref.resourceVersion !== before?.ref.resourceVersion;
    this.#says('changes add up', differs, () => `${told()}: it is what was told before`);
    if (!('previous' in change) || before?.content === undefined || this.#count % COMPARE_EVERY !== 0) return;
    const content = contentOf((change as Change<KubernetesObject>).previous);
    this.#says(
      'changes add up',
      content === before.content,
      () => `${told()}: previous is not what was told`,
    );
  }

  #checkKeys(ref: ResourceRef, object: KubernetesObject): void {
    const keys = this.#watch.keysOf(object);
    const same = keys.length === ref.keys.length && keys.every((key, i) => key === ref.keys[i]);
    this.#says(
      'changes add up',
      same,
      () => `${identityOf(ref)} is filed under ${ref.keys.join(', ')} instead of ${keys.join(', ')}`,
    );
  }

  /** What is asked for by keys is what the list has, and the list is in order. */
  #checkOrder(snapshot: Snapshot<KubernetesObject>): void {
    let before = '';
    for (const ref of snapshot.refs()) {
      const at = `${ref.namespace}\0${ref.name}`;
      this.#says('changes add up', before < at, () => `${identityOf(ref)} stands out of order`);
      before = at;
      const filed = snapshot
        .refs(...ref.keys)
        .some(({ name, namespace }) => name === ref.name && namespace === ref.namespace);
      this.#says('changes add up', filed, () => `${identityOf(ref)} is not found under its keys`);
    }
  }

  #says(invariant: 'changes add up' | 'modCount counts events', holds: boolean, why: () => string): void {
    this.#ledger.check(invariant, holds, () => `${this.#watch.name}: ${why()}`);
  }
}

/** `namespace/name`. */
export function identityOf({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${namespace}/${name}`;
}

interface Versioned {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Of the state before: of full stores as the resource says it, of others as the reference does. */
function previousOf(change: AnyChange<KubernetesObject>): Versioned | undefined {
  if ('previousRef' in change) return change.previousRef;
  return (change as Change<KubernetesObject>).previous?.metadata;
}
