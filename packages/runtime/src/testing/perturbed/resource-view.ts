/** Owns what one client knows of one resource: every event that it gets is one that can follow what it had. */
import type { LoggedObject } from '../../event-log/log-event.ts';
import { identityIn } from '../../event-log/logged-identity.ts';
import { keyOf, type ListedOnTape, type TapeEvent } from './tape.ts';

/** The objects that a client knows, and how it got to know them. */
export class ResourceView {
  #objects = new Map<string, LoggedObject>();
  #version: string | undefined;

  /** Whether a list has been complete. */
  get isListed(): boolean {
    return this.#version !== undefined;
  }

  /** The event as this client gets it; undefined where there is nothing to tell. */
  take(event: TapeEvent): TapeEvent | undefined {
    if (event.type === 'LISTED') {
      this.#objects = new Map(event.objects.map((object) => [keyOf(object), object]));
      this.#version = event.resourceVersion;
      return event;
    }
    if (event.type === 'BOOKMARK') {
      if (this.isListed) this.#version = event.resourceVersion;
      return event;
    }
    const key = keyOf(event.object);
    const isKnown = this.#objects.has(key);
    if (this.isListed) this.#version = identityIn(event.object).resourceVersion ?? this.#version;
    if (event.type === 'DELETED') {
      this.#objects.delete(key);
      return isKnown ? event : undefined;
    }
    this.#objects.set(key, event.object);
    return { ...event, type: isKnown ? 'MODIFIED' : 'ADDED' };
  }

  /** All of it, as a list. */
  list(sequence: number): ListedOnTape {
    const objects = [...this.#objects.values()];
    return { type: 'LISTED', objects, resourceVersion: this.#version ?? '', sequence };
  }
}
