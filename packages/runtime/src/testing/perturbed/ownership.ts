/** Owns what of a recorded run was the controller's own doing, and is left out when it runs again. */
import { ConfigError, type KubernetesObject } from '@firn/core';
import { shownValue } from '@firn/core/engine';
import { nearestNames } from '../../nearest-name.ts';

/** A recorded event, for the question whose doing it was. */
export interface OwnedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Of a deletion: the last known state. */
  readonly object: KubernetesObject;
}

/**
 * What the controller writes: names of resources, all of whose recorded events were its doing; or by name, which of
 * them were.
 */
export type Owns = readonly string[] | Readonly<Record<string, true | ((event: OwnedEvent) => boolean)>>;

/** Tells the doings of the controller from those of others. */
export class Ownership {
  readonly #owns: Readonly<Record<string, true | ((event: OwnedEvent) => boolean)>>;

  /** @throws {ConfigError} `UNKNOWN_NAME`. */
  constructor(owns: Owns, resources: readonly string[]) {
    this.#owns = isNames(owns) ? Object.fromEntries(owns.map((name) => [name, true])) : owns;
    for (const name of this.resources) {
      if (resources.includes(name)) continue;
      const [suggestion] = nearestNames(name, resources);
      throw new ConfigError(
        `owns names ${shownValue(name)}, which the log does not have. There are: ${resources.join(', ')}.`,
        { code: 'UNKNOWN_NAME', suggestion },
      );
    }
  }

  get resources(): readonly string[] {
    return Object.keys(this.#owns);
  }

  isOwned(resource: string, event: OwnedEvent): boolean {
    const owns = Object.hasOwn(this.#owns, resource) ? this.#owns[resource] : undefined;
    return typeof owns === 'function' ? owns(event) : owns === true;
  }
}

function isNames(owns: Owns): owns is readonly string[] {
  return Array.isArray(owns);
}
