/** Owns the entry that has its resource: built when it is first read, and the same object from then on. */
import { Entry, type Filing } from './entry.ts';
import type { Resource } from './resource.ts';

/** An entry with a resource, which is frozen when it is first read. */
export abstract class ResourceEntry<T> extends Entry<T> {
  readonly #filing: Filing | undefined;
  #resource: Resource<T> | undefined;

  constructor(namespace: string, name: string, filing: Filing | undefined) {
    super(namespace, name);
    this.#filing = filing;
  }

  protected get filing(): Filing | undefined {
    return this.#filing;
  }

  get hasResource(): boolean {
    return true;
  }

  get resource(): Resource<T> {
    if (this.#resource !== undefined) return this.#resource;
    const resource = this.build();
    this.#resource = resource;
    this.letGo();
    return resource;
  }

  /** The resource, if somebody has read it. */
  protected get held(): Resource<T> | undefined {
    return this.#resource;
  }

  /** The resource as a new object, frozen to its depth. */
  protected abstract build(): Resource<T>;

  /** The resource has been built and is kept: nothing else has to be. */
  protected abstract letGo(): void;
}
