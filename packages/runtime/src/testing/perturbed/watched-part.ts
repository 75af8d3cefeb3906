/** Owns which part of the world a recorded resource is: its namespace and its selectors. */
import { ConfigError, parseGvr } from '@firn/core';
import type { LoggedResource } from '../../event-log/log-header.ts';
import type { TableEvent } from '../api-server/object-table.ts';
import { type ResourceType, tableName } from '../api-server/resource-type.ts';
import { type Selection, type Selectors, selectionOf } from '../api-server/selection.ts';
import type { StoredObject } from '../api-server/stored-object.ts';

/** What a watch of one recorded resource shows. */
export class WatchedPart {
  readonly name: string;
  readonly gvr: string;
  /** The table that its type has, in any version. */
  readonly table: string;
  readonly #selectors: Selectors;
  readonly #selections = new Map<ResourceType, Selection>();

  /** @throws {ConfigError} `RECORDED_ON_DEMAND`. */
  constructor(name: string, description: LoggedResource) {
    if (description.store === 'on-demand')
      throw new ConfigError(
        `${name} was recorded on demand: the log has references to it, and not what the world was like. Record it with a full store.`,
        { code: 'RECORDED_ON_DEMAND' },
      );
    this.table = tableName(parseGvr(description.gvr));
    this.name = name;
    this.gvr = description.gvr;
    this.#selectors = description as LoggedResource & Selectors;
  }

  /** Whether a stored object is in it. */
  has(type: ResourceType, stored: StoredObject): boolean {
    const selection = this.#selections.get(type) ?? selectionOf(type, this.#selectors);
    this.#selections.set(type, selection);
    return selection.matches(stored);
  }

  /** What its watch tells of a write; undefined where it tells nothing. */
  typeOf(
    type: ResourceType,
    { type: written, object, previous }: TableEvent,
  ): TableEvent['type'] | undefined {
    const was = previous !== undefined && this.has(type, previous);
    const is = written !== 'DELETED' && this.has(type, object);
    if (is) return was ? 'MODIFIED' : 'ADDED';
    return was ? 'DELETED' : undefined;
  }
}
