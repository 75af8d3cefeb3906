/** Owns the turns of a run that is made up while it is played. */
import type { LoggedResource } from '../../event-log/log-header.ts';
import type { Turn } from '../../replay/turn.ts';
import type { TurnSource } from '../../replay/turn-source.ts';

/** Gives what it is given; the run is over when there is nothing more. */
export class TurnFeed implements TurnSource {
  readonly resources: Readonly<Record<string, LoggedResource>>;
  #turns: Turn[] = [];

  constructor(resources: Readonly<Record<string, LoggedResource>>) {
    this.resources = resources;
  }

  push(turns: readonly Turn[]): void {
    this.#turns.push(...turns);
  }

  async *turns(): AsyncGenerator<readonly Turn[]> {
    for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) yield [turn];
  }
}
