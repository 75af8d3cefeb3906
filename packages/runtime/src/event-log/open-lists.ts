/** Owns which lists are under way: a segment must not end inside of one. */
import type { EventBytes } from './event-bytes.ts';
import { type LogEvent, WHOLE_LOG } from './log-event.ts';

/** Follows the lists of all resources by the events that begin and end them, which are never given as bytes. */
export class OpenLists {
  readonly #open = new Set<string>();

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  saw(resource: string, event: LogEvent | EventBytes): void {
    if ('pieces' in event || event.type !== 'REPLACED' || resource === WHOLE_LOG) return;
    if (event.part === 'begin') this.#open.add(resource);
    if (event.part === 'end' || event.part === 'discarded') this.#open.delete(resource);
  }
}
