/** Owns a list on its way into a store: collected apart in slices, then swapped in at once. */
import { added, type Change, type ChangeCause, deleted, modified } from './change.ts';
import { Entry, isSameVersion } from './entry.ts';
import { compareIdentity, findEntry } from './entry-tree.ts';
import { type FirnError, IndexError } from './errors.ts';
import type { Resource } from './resource.ts';
import {
  checkResourceVersion,
  type EntryContext,
  type Identity,
  identityOf,
  ownForm,
  toEntry,
} from './snapshot-entry.ts';
import { emptyState, type SnapshotState } from './snapshot-state.ts';
import { treeDifferences } from './tree-difference.ts';
import { TreeEditor } from './tree-editor.ts';

/** What a committed list gives. */
export interface ReplacedState<T> {
  readonly state: SnapshotState<T>;
  /** Deletes, then adds and updates, each by namespace and name (rule 19); built while they are read, every time. */
  readonly changes: Iterable<Change<T>>;
  readonly errors: readonly FirnError[];
}

/** Errors of one list that are told one by one; a server may send any number of resources without keys. */
const MOST_ERRORS = 1000;

/** Collects the resources of one list. A resource whose version is stored already keeps its entry. */
export class StagedList<T> {
  readonly #base: SnapshotState<T>;
  readonly #context: EntryContext;
  readonly #editor: TreeEditor<T>;
  readonly #errors: IndexError[] = [];
  /** Stands for those that are not told of one by one. */
  #lastError: IndexError | undefined;
  #untold = 0;
  #kept = 0;

  constructor(base: SnapshotState<T>, context: EntryContext) {
    this.#base = base;
    this.#context = context;
    this.#editor = new TreeEditor(emptyState<T>(base.shape));
  }

  get size(): number {
    return this.#editor.size;
  }

  /** What it has so far, by namespace and name. */
  get entries(): Iterable<Entry<T>> {
    return this.#editor.state(0, undefined).identity;
  }

  /** Adds a slice; of two resources with one identity the later one counts. */
  append(objects: Iterable<T | Resource<T> | Entry<T>>): void {
    for (const object of objects) {
      const own = ownForm(object, this.#context);
      const identity = identityOf(own, this.#context);
      const { namespace, name } = identity;
      const stored = findEntry(this.#base.identity, namespace, name);
      const same = stored !== undefined && isSameVersion(stored, identity);
      if (same && own !== stored) letGo(own);
      const entry = same ? stored : this.#entry(own, identity);
      if (entry === undefined || !this.#editor.add(entry)) {
        this.#drop(namespace, name);
        if (entry === undefined) continue;
        this.#editor.add(entry);
      }
      if (same) this.#kept++;
    }
  }

  /** Takes a resource out again: it was deleted before the list was complete (rule 2). */
  remove(identity: { readonly namespace: string; readonly name: string }): void {
    this.#drop(identity.namespace, identity.name);
  }

  /** Swaps the list in for `onto`: the state it was begun with, or one that came after it. */
  commit(resourceVersion: string, onto: SnapshotState<T> = this.#base): ReplacedState<T> {
    checkResourceVersion(resourceVersion, this.#context);
    const cause: ChangeCause = onto.resourceVersion === undefined ? 'initial' : 'relist';
    if (onto !== this.#base) this.#keepWrittenSince(onto);
    const modCount = onto.modCount + 1;
    const next = this.#editor.state(modCount, resourceVersion);
    const changes = { [Symbol.iterator]: () => replacedChanges(onto, next, cause) };
    const unchanged =
      onto === this.#base
        ? this.#kept === onto.identity.size && this.size === onto.identity.size
        : changes[Symbol.iterator]().next().done === true;
    const state = unchanged ? { ...onto, resourceVersion } : next;
    return { state, changes: unchanged ? [] : changes, errors: this.#allErrors() };
  }

  #drop(namespace: string, name: string): void {
    const before = this.#editor.find(namespace, name);
    if (before === undefined) return;
    this.#editor.remove(before);
    if (before === findEntry(this.#base.identity, namespace, name)) this.#kept--;
    else before.release();
  }

  /** A call may have stored a version of the list after the list was begun: its entry stays. */
  #keepWrittenSince(onto: SnapshotState<T>): void {
    for (const { after } of treeDifferences(this.#base.identity, onto.identity)) {
      if (after === undefined) continue;
      const staged = this.#editor.find(after.namespace, after.name);
      if (staged === undefined || staged === after || !isSameVersion(staged, after)) continue;
      this.#editor.put(after);
      staged.release();
    }
  }

  #entry(own: unknown, identity: Identity): Entry<T> | undefined {
    try {
      return toEntry<T>(own, identity, undefined, this.#editor.shape, this.#context);
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      if (this.#errors.length < MOST_ERRORS) this.#errors.push(error);
      else {
        this.#lastError = error;
        this.#untold++;
      }
      return undefined;
    }
  }

  #allErrors(): readonly FirnError[] {
    const last = this.#lastError;
    return last === undefined ? this.#errors : [...this.#errors, furtherErrors(last, this.#untold)];
  }
}

function furtherErrors(last: IndexError, count: number): IndexError {
  const { code, gvr, namespace, resourceName, expression } = last;
  return new IndexError(`${last.message} The list has ${count} like it that are not told of one by one.`, {
    code,
    gvr,
    namespace,
    resourceName,
    expression,
    count,
  });
}

/** What was not taken into the list needs its bytes no more. */
function letGo(own: unknown): void {
  if (own instanceof Entry) own.release();
}

/** The entries of an older state that a newer one has not; `undefined` at each step over one that stayed. */
export function* departedEntries<T>(
  older: SnapshotState<T>,
  newer: SnapshotState<T>,
): Generator<Entry<T> | undefined, undefined> {
  for (const [before, after] of pairs(older, newer)) yield before === after ? undefined : before;
}

/** What a reader of the older state has to be told to reach the newer one. */
function* replacedChanges<T>(
  older: SnapshotState<T>,
  newer: SnapshotState<T>,
  cause: ChangeCause,
): Generator<Change<T>, undefined> {
  const { modCount, resourceVersion } = newer;
  for (const [before, after] of pairs(older, newer)) {
    if (before !== undefined && (after === undefined || before.isRecreatedAs(after))) {
      yield deleted(before, cause, modCount, resourceVersion);
    }
  }
  for (const [before, after] of pairs(older, newer)) {
    if (after === undefined || after === before) continue;
    yield before === undefined || before.isRecreatedAs(after)
      ? added(after, cause, modCount)
      : modified(after, before, cause, modCount);
  }
}

/** Walks two states side by side in the order of namespace and name. */
function* pairs<T>(
  older: SnapshotState<T>,
  newer: SnapshotState<T>,
): Generator<[Entry<T> | undefined, Entry<T> | undefined], undefined> {
  const left = older.identity[Symbol.iterator]();
  const right = newer.identity[Symbol.iterator]();
  let before = left.next();
  let after = right.next();
  while (before.done !== true || after.done !== true) {
    const order =
      before.done === true ? 1 : after.done === true ? -1 : compareIdentity(before.value, after.value);
    yield [order <= 0 ? before.value : undefined, order >= 0 ? after.value : undefined];
    if (order <= 0) before = left.next();
    if (order >= 0) after = right.next();
  }
}
