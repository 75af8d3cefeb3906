/** Owns all objects of the server: one table for each resource type, one version over all of them. */
import { ObjectTable } from './object-table.ts';
import { type ResourceType, tableName } from './resource-type.ts';
import { type ApiObject, atVersion, type StoredObject, storeObject } from './stored-object.ts';
import type { VersionCounter } from './version-counter.ts';

/** Objects by resource type; versions of one type share their objects. */
export class ObjectStore {
  readonly versions: VersionCounter;
  readonly #historyLimit: number;
  readonly #tables = new Map<string, ObjectTable>();
  #oldest: number;

  constructor(versions: VersionCounter, historyLimit: number) {
    this.versions = versions;
    this.#historyLimit = historyLimit;
    this.#oldest = versions.current;
  }

  /** The counter that the versions of a type come from. */
  versionsOf(_type: ResourceType): VersionCounter {
    return this.versions;
  }

  table(type: ResourceType): ObjectTable {
    const name = tableName(type);
    let table = this.#tables.get(name);
    if (!table) {
      table = new ObjectTable(this.#oldest, this.#historyLimit);
      this.#tables.set(name, table);
    }
    return table;
  }

  /** Puts an object in without an event. */
  load(type: ResourceType, object: ApiObject): void {
    this.table(type).load(storeObject(type, object, this.#take()));
  }

  /** Writes a new object at the next version. */
  add(type: ResourceType, object: ApiObject): StoredObject {
    const stored = storeObject(type, object, this.#take());
    this.table(type).apply('ADDED', stored);
    return stored;
  }

  /** Writes over an object, at the next version, what `preview` gave. */
  modify(type: ResourceType, preview: StoredObject): StoredObject {
    const stored = atVersion(preview, this.#take());
    this.table(type).apply('MODIFIED', stored);
    return stored;
  }

  /** Removes an object at the next version; gives its last state at that version. */
  remove(type: ResourceType, stored: StoredObject): StoredObject {
    const last = atVersion(stored, this.#take());
    this.table(type).apply('DELETED', last);
    return last;
  }

  /** The object as it would be stored at a version, without storing it. */
  preview(type: ResourceType, object: ApiObject, version: number): StoredObject {
    return storeObject(type, object, { number: version, text: this.versions.text(version) });
  }

  /** Forgets the past of everything. */
  compact(): void {
    this.#oldest = this.versions.current;
    for (const table of this.#tables.values()) table.compact(this.#oldest);
  }

  #take(): { number: number; text: string } {
    const number = this.versions.next();
    return { number, text: this.versions.text(number) };
  }
}
