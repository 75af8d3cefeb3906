/** Owns what each event does to the contents: the fold behind `reduce`, several events at a time. */
import {
  added,
  type Change,
  type ChangeCause,
  deleted,
  entryOf,
  modified,
  previousEntryOf,
} from './change.ts';
import type { Entry } from './entry.ts';
import { type FirnError, IndexError, StoreError } from './errors.ts';
import type { Resource } from './resource.ts';
import type { ResourceEvent, ResourceWritten } from './resource-event.ts';
import { compareResourceVersions } from './resource-version.ts';
import { shownValue } from './shown-value.ts';
import {
  checkResourceVersion,
  type EntryContext,
  type Identity,
  identityOf,
  ownForm,
  toEntry,
} from './snapshot-entry.ts';
import type { SnapshotState } from './snapshot-state.ts';
import { StagedList } from './staged-list.ts';
import { TreeEditor } from './tree-editor.ts';

/** A state being changed by a batch of events; thrown away as a whole when one of them is refused. */
export class Draft<T> {
  /** Resources that were left out because their keys cannot be extracted (semantics 7). */
  readonly errors: FirnError[] = [];
  readonly #context: EntryContext;
  #editor: TreeEditor<T>;
  #modCount: number;
  #resourceVersion: string | undefined;

  /** `adopts`: the state is edited itself, since nobody has seen it; if an event is refused, `undo` puts it right. */
  constructor(state: SnapshotState<T>, context: EntryContext, adopts = false) {
    this.#context = context;
    this.#editor = new TreeEditor(state, adopts);
    this.#modCount = state.modCount;
    this.#resourceVersion = state.resourceVersion;
  }

  /** The state after the events so far. */
  state(): SnapshotState<T> {
    return this.#editor.state(this.#modCount, this.#resourceVersion);
  }

  /** Takes changes back, the last one first; for a draft that adopted its state. */
  undo(changes: readonly Change<T>[]): void {
    for (const change of changes.toReversed()) {
      const entry = entryOf(change);
      const previous = previousEntryOf(change);
      if (change.type === 'added') this.#editor.remove(entry);
      else if (previous !== undefined) this.#editor.put(previous);
    }
  }

  /**
   * Applies one event; gives the changes, which for REPLACED and CLEARED are built while they are read, every time.
   *
   * @throws {StoreError} when a call's resource or keys are refused.
   */
  apply(event: ResourceEvent<T>): Iterable<Change<T>> {
    switch (event?.type) {
      case 'ADDED':
      case 'MODIFIED':
        return this.#write(event);
      case 'DELETED':
        return this.#delete(event);
      case 'REPLACED':
        return this.#replace(event.objects, event.resourceVersion);
      case 'BOOKMARK':
        checkResourceVersion(event.resourceVersion, this.#context);
        this.#advance(event.resourceVersion);
        return [];
      case 'CLEARED':
        return this.#clear();
      default:
        throw new StoreError(
          `${shownValue((event as { type?: unknown } | null)?.type)} is not an event type. Use ADDED, MODIFIED, DELETED, REPLACED, BOOKMARK or CLEARED.`,
          { code: 'UNKNOWN_EVENT', operation: this.#context.operation },
        );
    }
  }

  #write(event: ResourceWritten<T>): Change<T>[] {
    const own = ownForm(event.object, this.#context, event.keys);
    const identity = identityOf(own, this.#context, event.keys);
    const { resourceVersion } = identity;
    const isWatched = event.origin === 'watch';
    // Even if a call brought this version first: the watch has reached it now.
    if (isWatched) this.#advance(resourceVersion);
    const entry = this.#entry(own, identity, event);
    if (entry instanceof IndexError) return this.#leaveOut(identity, entry);
    const previous = this.#editor.put(entry);
    if (isWatched && previous !== undefined && !isNews(previous.resourceVersion, resourceVersion)) {
      // Old news are rare: to put the newer one back costs less than to look before.
      this.#editor.put(previous);
      entry.release();
      return [];
    }
    const modCount = ++this.#modCount;
    const cause = event.origin ?? 'call';
    if (previous === undefined) return [added(entry, cause, modCount)];
    if (previous.isRecreatedAs(entry)) {
      return [deleted(previous, cause, modCount, resourceVersion), added(entry, cause, modCount)];
    }
    return [modified(entry, previous, cause, modCount)];
  }

  /** A watch brought a resource whose keys cannot be extracted: what was stored of it before is out of date. */
  #leaveOut({ namespace, name, resourceVersion }: Identity, error: IndexError): Change<T>[] {
    const previous = this.#editor.find(namespace, name);
    if (previous !== undefined && !isNews(previous.resourceVersion, resourceVersion)) return [];
    this.errors.push(error);
    return previous === undefined ? [] : this.#remove(previous, 'watch', resourceVersion);
  }

  /** The entry of a written resource; why there is none, if a watch brought one whose keys cannot be extracted. */
  #entry(own: unknown, identity: Identity, event: ResourceWritten<T>): Entry<T> | IndexError {
    try {
      return toEntry<T>(own, identity, event.keys, this.#editor.shape, this.#context);
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      if (event.origin === 'watch') return error;
      throw new StoreError(`${this.#context.operation}: ${error.message}`, {
        code: error.code,
        operation: this.#context.operation,
        cause: error,
      });
    }
  }

  #delete(event: ResourceWritten<T>): Change<T>[] {
    const { namespace, name, resourceVersion } = identityOf(event.object, this.#context, event.keys);
    const previous = this.#editor.find(namespace, name);
    if (event.origin === 'watch') {
      this.#advance(resourceVersion);
      if (previous !== undefined && isOlder(resourceVersion, previous.resourceVersion)) return [];
    }
    return previous === undefined ? [] : this.#remove(previous, event.origin ?? 'call', resourceVersion);
  }

  #remove(entry: Entry<T>, cause: ChangeCause, resourceVersion: string | undefined): Change<T>[] {
    this.#editor.remove(entry);
    return [deleted(entry, cause, ++this.#modCount, resourceVersion)];
  }

  #replace(objects: Iterable<T | Resource<T>>, resourceVersion: string): Iterable<Change<T>> {
    if (typeof objects?.[Symbol.iterator] !== 'function') {
      throw new StoreError(
        `${this.#context.operation}: the objects of REPLACED cannot be iterated. Give an array.`,
        { code: 'INVALID_EVENT', operation: this.#context.operation },
      );
    }
    const list = new StagedList<T>(this.state(), this.#context);
    list.append(objects);
    const replaced = list.commit(resourceVersion);
    this.errors.push(...replaced.errors);
    this.#editor = new TreeEditor(replaced.state);
    this.#modCount = replaced.state.modCount;
    this.#resourceVersion = resourceVersion;
    return replaced.changes;
  }

  #clear(): Iterable<Change<T>> {
    if (this.#editor.size === 0) return [];
    const modCount = ++this.#modCount;
    const { identity } = this.state();
    this.#editor.reset();
    return {
      *[Symbol.iterator]() {
        for (const entry of identity) yield deleted(entry, 'call', modCount, undefined);
      },
    };
  }

  /** Moves the resource version on; nothing but a REPLACED ever moves it back (rule 21). */
  #advance(resourceVersion: string | undefined): void {
    if (!resourceVersion || isOlder(resourceVersion, this.#resourceVersion)) return;
    this.#resourceVersion = resourceVersion;
  }
}

function isOlder(resourceVersion: string | undefined, than: string | undefined): boolean {
  if (resourceVersion === undefined || than === undefined) return false;
  return compareResourceVersions(resourceVersion, than) === -1;
}

/** Whether a watch event says something that is not stored yet (rule 21). */
function isNews(stored: string | undefined, resourceVersion: string | undefined): boolean {
  if (stored === undefined || resourceVersion === undefined) return true;
  return stored !== resourceVersion && !isOlder(resourceVersion, stored);
}
