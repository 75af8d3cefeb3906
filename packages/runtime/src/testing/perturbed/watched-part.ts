/** Owns which part of the world a recorded resource is: its namespace and its selectors. */
import { ConfigError, parseGvr } from '@firn/core';
import type { LoggedResource } from '../../event-log/log-header.ts';
import { parseFieldSelector } from '../api-server/field-selector.ts';
import { parseLabelSelector } from '../api-server/label-selector.ts';
import type { TableEvent } from '../api-server/object-table.ts';
import type { ResourceType } from '../api-server/resource-type.ts';
import type { StoredObject } from '../api-server/stored-object.ts';

/** What a watch of one recorded resource shows. */
export class WatchedPart {
  readonly name: string;
  readonly gvr: string;
  readonly #description: LoggedResource;

  /** @throws {ConfigError} `RECORDED_ON_DEMAND`. */
  constructor(name: string, description: LoggedResource) {
    if (description.store === 'on-demand')
      throw new ConfigError(
        `${name} was recorded on demand: the log has references to it, and not what the world was like. Record it with a full store.`,
        { code: 'RECORDED_ON_DEMAND' },
      );
    parseGvr(description.gvr);
    this.name = name;
    this.gvr = description.gvr;
    this.#description = description;
  }

  /** Whether a stored object is in it. */
  has(type: ResourceType, stored: StoredObject): boolean {
    const { namespace = '', labelSelector, fieldSelector } = this.#description;
    const labels = parseLabelSelector(labelSelector as string | undefined);
    const fields = parseFieldSelector(type, fieldSelector as string | undefined);
    return (
      (namespace === '' || stored.namespace === namespace) &&
      (labels === undefined || labels(stored.labels)) &&
      (fields === undefined || fields(stored))
    );
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
