/** Books kept by a subscriber of `changes$` alone: whether they always add up, and what they add up to. */
import type { Change, ChangeType, KubernetesObject, Resource, ResourceRef } from '@firn/core';
import type { Observable } from 'rxjs';
import { byIdentity } from './kubectl.ts';
import type { HistoryLine } from './watch-history.ts';

/** A change in short: `added default/name`. */
type Line = `${ChangeType} ${string}`;

function identityOf({ ref }: { readonly ref: ResourceRef }): string {
  return ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** Applies each change to what it knew before, and notes every one that does not fit. */
export class ChangeLedger<T extends KubernetesObject> {
  readonly changes: Change<T>[] = [];
  /** What a lost, doubled or reordered change would leave behind; empty when all is well. */
  readonly contradictions: string[] = [];
  readonly #held = new Map<string, Resource<T>>();
  #modCount = 0;

  constructor(changes$: Observable<Change<T>>) {
    changes$.subscribe((change) => this.#enter(change));
  }

  /** What the changes add up to, in the order of stores. */
  get resources(): Resource<T>[] {
    return [...this.#held.values()].sort((a, b) => byIdentity(a as KubernetesObject, b as KubernetesObject));
  }

  /** The changes from the `first` on in short. */
  lines(first = 0): Line[] {
    return this.changes.slice(first).map((change): Line => `${change.type} ${identityOf(change)}`);
  }

  /** The changes as `watchHistory` tells them. */
  history(): HistoryLine[] {
    return this.changes.map(
      ({ type, ref, resourceVersion }): HistoryLine => `${type} ${ref.name}@${resourceVersion ?? ''}`,
    );
  }

  #enter(change: Change<T>): void {
    const identity = identityOf(change);
    const held = this.#held.get(identity);
    const contradiction = this.#contradiction(change, held);
    if (contradiction !== undefined) this.contradictions.push(`${change.type} ${identity}: ${contradiction}`);
    this.#modCount = change.modCount;
    this.changes.push(change);
    if (change.type === 'deleted') this.#held.delete(identity);
    else this.#held.set(identity, change.object);
  }

  #contradiction(change: Change<T>, held: Resource<T> | undefined): string | undefined {
    if (change.modCount < this.#modCount) return `modCount ${change.modCount} after ${this.#modCount}`;
    if (change.previous !== held) return 'previous is not what was known';
    if (change.type === 'added') return held === undefined ? undefined : 'was there';
    if (held === undefined) return 'was not there';
    if (change.type === 'deleted') return undefined;
    const { uid, resourceVersion } = metadataOf(held);
    const now = metadataOf(change.object);
    if (now.uid !== uid) return 'has another uid';
    return now.resourceVersion === resourceVersion ? 'has the same resourceVersion' : undefined;
  }
}

function metadataOf(resource: unknown): NonNullable<KubernetesObject['metadata']> {
  return (resource as KubernetesObject).metadata ?? {};
}
