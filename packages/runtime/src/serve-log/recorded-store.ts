/** Owns the objects of a served log: each resource type as it was recorded, with the versions that it had. */
import { ObjectStore } from '../testing/api-server/object-store.ts';
import type { ObjectTable } from '../testing/api-server/object-table.ts';
import type { ResourceType } from '../testing/api-server/resource-type.ts';
import { VersionCounter } from '../testing/api-server/version-counter.ts';

/** What is served of one recorded resource type. */
export interface ServedObjects {
  readonly table: ObjectTable;
  readonly versions: VersionCounter;
}

/** Tables of recorded types, and empty ones of all others. */
export class RecordedStore extends ObjectStore {
  readonly #served = new Map<ResourceType, ServedObjects>();

  /** @param history how many events of each type are remembered. */
  constructor(history: number) {
    super(new VersionCounter(0n, 1), history);
  }

  serve(type: ResourceType, objects: ServedObjects): void {
    this.#served.set(type, objects);
  }

  override versionsOf(type: ResourceType): VersionCounter {
    return this.#served.get(type)?.versions ?? super.versionsOf(type);
  }

  override table(type: ResourceType): ObjectTable {
    return this.#served.get(type)?.table ?? super.table(type);
  }
}
