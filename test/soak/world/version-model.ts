/** Owns what the writers know: every version of every object that has existed, in order. */
import type { KubernetesObject } from '@firn/core';
import { contentOf, withoutIgnored } from './canonical.ts';
import { isSelected, type Place, type ResourceName } from './resources.ts';

/** One version of an object, or its deletion. */
export interface Version {
  /** Counts the versions and deletions of its place, whichever objects they are of. */
  readonly number: number;
  readonly uid: string;
  /** Unknown of deletions. */
  readonly resourceVersion: string | undefined;
  /** Digest of its contents. */
  readonly content: string;
  readonly selected: boolean;
  readonly gone: boolean;
}

/** Everything that was at one place, oldest first; of before the last `forget` only the last. */
interface History {
  readonly versions: Version[];
  readonly byResourceVersion: Map<string, Version>;
}

/** Which versions a watcher is told of. */
export type Visibility = 'all' | 'selected';

/** The versions that have existed, by place. */
export class VersionModel {
  readonly #histories = new Map<string, History>();
  /** Objects of which the deletion has been asked for: from then on anybody may find them gone. */
  readonly #goneSoon = new Set<string>();
  #count = 0;

  /** Versions and deletions so far. */
  get count(): number {
    return this.#count;
  }

  /** The object that is at a place, as far as the writers know. */
  current(resource: ResourceName, place: Place): Version | undefined {
    const last = this.#histories.get(keyOf(resource, place))?.versions.at(-1);
    return last?.gone === false ? last : undefined;
  }

  /** A write was answered with this object. */
  wrote(resource: ResourceName, object: KubernetesObject): void {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata ?? {};
    const history = this.#history(resource, { namespace, name });
    if (history.byResourceVersion.has(resourceVersion)) return;
    const content = contentOf(withoutIgnored(object));
    const version = { uid, resourceVersion, content, selected: isSelected(object), gone: false };
    history.byResourceVersion.set(resourceVersion, this.#append(history, version));
  }

  /** The deletion of what is at a place is under way. */
  deleting(resource: ResourceName, place: Place): void {
    const current = this.current(resource, place);
    if (current !== undefined) this.#goneSoon.add(current.uid);
  }

  /** The deletion was answered. */
  deleted(resource: ResourceName, place: Place): void {
    const history = this.#history(resource, place);
    const { uid = '', selected = false } = history.versions.at(-1) ?? {};
    this.#append(history, { uid, resourceVersion: undefined, content: '', selected, gone: true });
  }

  /** Whether an object may be gone by now. */
  mayBeGone(uid: string): boolean {
    return this.#goneSoon.has(uid);
  }

  find(resource: ResourceName, place: Place, resourceVersion: string): Version | undefined {
    return this.#histories.get(keyOf(resource, place))?.byResourceVersion.get(resourceVersion);
  }

  /** The deletion of an object; undefined while it is unknown. */
  deletionOf(resource: ResourceName, place: Place, uid: string): Version | undefined {
    return this.#histories
      .get(keyOf(resource, place))
      ?.versions.findLast((version) => version.gone && version.uid === uid);
  }

  /** How many versions that a watcher should be told of are between two of the same place. */
  between(resource: ResourceName, place: Place, from: number, to: number, visibility: Visibility): number {
    const versions = this.#histories.get(keyOf(resource, place))?.versions ?? [];
    const first = versions[0]?.number ?? 0;
    let count = 0;
    for (let number = Math.max(from + 1, first); number < to; number++) {
      const version = versions[number - first];
      const before = versions[number - first - 1];
      if (version === undefined) continue;
      if (visibility === 'all' || isShown(version) || (before !== undefined && isShown(before))) count++;
    }
    return count;
  }

  /** Everybody has seen the newest versions: nobody may show an older one from now on. */
  forget(): void {
    for (const { versions, byResourceVersion } of this.#histories.values()) {
      for (const { resourceVersion } of versions.splice(0, versions.length - 1))
        if (resourceVersion !== undefined) byResourceVersion.delete(resourceVersion);
    }
    this.#goneSoon.clear();
  }

  #history(resource: ResourceName, place: Place): History {
    const key = keyOf(resource, place);
    const known = this.#histories.get(key);
    if (known !== undefined) return known;
    const history: History = { versions: [], byResourceVersion: new Map() };
    this.#histories.set(key, history);
    return history;
  }

  #append({ versions }: History, version: Omit<Version, 'number'>): Version {
    const numbered = { ...version, number: (versions.at(-1)?.number ?? -1) + 1 };
    versions.push(numbered);
    this.#count++;
    return numbered;
  }
}

function isShown({ selected, gone }: Version): boolean {
  return selected && !gone;
}

function keyOf(resource: ResourceName, { namespace, name }: Place): string {
  return `${resource}/${namespace}/${name}`;
}
