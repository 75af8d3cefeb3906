/** Owns what is served of one resource type: the states of its recordings, and the events between them. */
import {
  type Change,
  compareResourceVersions,
  diff,
  emptySnapshot,
  type KubernetesObject,
  type Snapshot,
} from '@firn/core';
import { type Entry, entryOf, stateOf } from '@firn/core/engine';
import { ObjectTable } from '../testing/api-server/object-table.ts';
import { formatGroupResource, type ResourceType } from '../testing/api-server/resource-type.ts';
import {
  type ApiObject,
  atVersion,
  objectKey,
  type StoredObject,
  storeAsItIs,
} from '../testing/api-server/stored-object.ts';
import { VersionCounter } from '../testing/api-server/version-counter.ts';
import type { ServedObjects } from './recorded-store.ts';

type State = Snapshot<KubernetesObject>;

const NUMBER = /^\d{1,39}$/;
const NOTHING: State = emptySnapshot({ numKeys: 2 });
/** Beyond what a JavaScript number holds exactly, versions are counted from somewhere below them. */
const LARGE = 2n ** 52n;
const ROOM = 2n ** 51n;

/** Serves one type. Several recordings of it (other namespaces, other selectors) are served as one. */
export class ServedResource implements ServedObjects {
  readonly table: ObjectTable;
  readonly #type: ResourceType;
  readonly #recordings = new Map<string, State>();
  #versions = new VersionCounter(0n, 1);

  constructor(type: ResourceType, history: number) {
    this.#type = type;
    this.table = new ObjectTable(1, history);
  }

  get versions(): VersionCounter {
    return this.#versions;
  }

  /** As kubectl takes it, such as `widgets.example.com`. */
  get resourceName(): string {
    return formatGroupResource(this.#type);
  }

  /** Serves states by the names of their recordings, without events. */
  begin(states: ReadonlyMap<string, State>): void {
    for (const [name, state] of states) if (isKnown(state)) this.#recordings.set(name, state);
    this.#restart();
  }

  /**
   * Goes on to a later state: watches get what changed as the server sent it. A state without a version, as after the
   * start of a new run, says nothing yet; one with an earlier version is another past, and watches have to begin anew.
   *
   * @returns how many events were sent.
   */
  goTo(name: string, state: State): number {
    if (!isKnown(state)) return 0;
    const before = this.#recordings.get(name) ?? NOTHING;
    this.#recordings.set(name, state);
    const version = state.resourceVersion ?? '';
    if (this.#recordings.size === 1 && before === NOTHING) this.#countTowards(version);
    if (compareResourceVersions(version, before.resourceVersion ?? '') === -1) {
      this.#restart();
      return 0;
    }
    // Another recording of the same type, or a call in the recorded process, may have brought later versions before.
    const next = this.#versions.current + 1;
    const moves = movesBetween(before, state, (text) => Math.max(this.#versions.parse(text), next));
    let sent = 0;
    for (const { change, at } of moves) {
      if (!this.#apply(name, change, at)) continue;
      this.#versions.moveTo(at);
      sent++;
    }
    this.#versions.moveTo(Math.max(this.#versions.current, this.#versions.parse(version)));
    return sent;
  }

  /** Nothing has been served yet: there is no version to go on from. */
  #countTowards(version: string): void {
    this.#versions = counterFor([version]);
    this.#versions.moveTo(1);
  }

  #apply(recording: string, change: Change<KubernetesObject>, at: number): boolean {
    const { namespace, name } = change.ref;
    const stored = this.table.get(namespace, name);
    if (change.type !== 'deleted') {
      const object = this.#stored(entryOf(change), at);
      // Recorded twice, or stored once more by a call: the server never spoke of it.
      if (stored !== undefined && versionOf(stored) === versionOf(object)) return false;
      this.table.apply(stored === undefined ? 'ADDED' : 'MODIFIED', object);
      return true;
    }
    if (stored === undefined || this.#isInOther(recording, namespace, name)) return false;
    this.table.apply('DELETED', atVersion(stored, { number: at, text: this.#versions.text(at) }));
    return true;
  }

  #isInOther(recording: string, namespace: string, name: string): boolean {
    return this.#recordings
      .entries()
      .some(([other, state]) => other !== recording && state.find(namespace, name) !== undefined);
  }

  #restart(): void {
    const versions = [...this.#recordings.values()].flatMap(({ resourceVersion = '' }) => resourceVersion);
    this.#versions = counterFor(versions);
    const objects = new Map<string, StoredObject>();
    for (const state of this.#recordings.values()) {
      for (const entry of stateOf(state).identity) {
        const object = this.#stored(entry, this.#position(entry.resourceVersion ?? ''));
        const key = objectKey(object.namespace, object.name);
        const other = objects.get(key);
        if (other === undefined || other.version < object.version) objects.set(key, object);
      }
    }
    this.table.restart(objects.values(), this.#versions.current);
  }

  /** A look is enough: what is served is kept as bytes. */
  #stored(entry: Entry<KubernetesObject>, at: number): StoredObject {
    return storeAsItIs(this.#type, entry.glimpse as ApiObject, at);
  }

  #position(version: string): number {
    return NUMBER.test(version) ? this.#versions.parse(version) : 1;
  }
}

/** Whether a state can be named by a version: it has been listed, by a server that counts. */
export function isKnown({ resourceVersion = '' }: State): boolean {
  return NUMBER.test(resourceVersion);
}

function versionOf({ body, versionStart, versionEnd }: StoredObject): string {
  return body.toString('latin1', versionStart, versionEnd);
}

/** A counter that stands at the highest of these versions. */
function counterFor(versions: readonly string[]): VersionCounter {
  let highest = 1n;
  for (const version of versions) if (BigInt(version) > highest) highest = BigInt(version);
  const base = highest > LARGE ? highest - ROOM : 0n;
  return new VersionCounter(base, Number(highest - base));
}

interface Move {
  readonly change: Change<KubernetesObject>;
  readonly at: number;
}

/** What happened between two states, in the order in which a server sends it: that of versions. */
function movesBetween(older: State, newer: State, position: (version: string) => number): readonly Move[] {
  const last = newer.resourceVersion ?? '';
  const changes = [...diff(older, newer)];
  const moves = changes.map((change, i): Move => {
    const following = changes[i + 1];
    // A recreated resource goes just before it comes; when others went is not known but for the end.
    const isRecreated =
      change.type === 'deleted' &&
      following?.ref.name === change.ref.name &&
      following.ref.namespace === change.ref.namespace;
    const version = (isRecreated ? following : change).resourceVersion ?? last;
    return { change, at: position(NUMBER.test(version) ? version : last) };
  });
  return moves.sort((a, b) => a.at - b.at);
}
