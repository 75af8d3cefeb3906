/** Owns what a contract test acts on: a store, and the server that holds the same resources. */
import { type Indexer, type Resource, type ResourceEvent, type ResourceRef, StoreError } from '@firn/core';
import type { Store } from '@firn/stores';

/** The resource that contract tests store. */
export interface Pod {
  metadata: {
    namespace?: string;
    name: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    managedFields?: unknown[];
    creationTimestamp?: Date | string;
  };
  spec?: { image?: string; ports?: number[] };
}

/** What a store is made with. An on-demand store fetches from `server`; a full one has no use for it. */
export interface ContractOptions {
  readonly numKeys?: number;
  readonly indexer?: Indexer;
  readonly server: ReadonlyMap<string, Pod>;
}

/** Makes an empty store of the implementation under test. */
export type CreateStore = (options: ContractOptions) => Store<Pod>;

/** What one implementation does beyond the contract. */
export interface Extras {
  /** Whether `add` and `update` take keys without a resource. */
  readonly takesKeysAlone?: boolean;
}

/** Adds a test to the suite under a name that the table of promises can refer to. */
export type Contract = (name: string, test: (create: CreateSubject) => Promise<void>) => void;

/** Makes a store for one test: by number of keys, 2 when left out, or by indexer. */
export type CreateSubject = (options?: { numKeys?: number; indexer?: Indexer }) => Subject;

/** A store and its server: whatever is written through it reaches both. */
export class Subject {
  readonly store: Store<Pod>;
  readonly takesKeysAlone: boolean;
  readonly #server: Map<string, Pod>;

  constructor(
    create: CreateStore,
    options: { numKeys?: number; indexer?: Indexer } = { numKeys: 2 },
    { takesKeysAlone = false }: Extras = {},
  ) {
    this.takesKeysAlone = takesKeysAlone;
    this.#server = new Map();
    this.store = create({ ...options, server: this.#server });
  }

  add(object: Pod, ...keys: string[]): void {
    this.#serve(object);
    this.store.add(object, keys.length === 0 ? undefined : keys);
  }

  update(object: Pod, ...keys: string[]): void {
    this.#serve(object);
    this.store.update(object, keys.length === 0 ? undefined : keys);
  }

  apply(...events: ResourceEvent<Pod>[]): void {
    for (const event of events) {
      if (event.type === 'REPLACED') {
        this.#server.clear();
        for (const object of event.objects) this.#serve(object);
      } else if (event.type === 'ADDED' || event.type === 'MODIFIED') {
        if ('metadata' in event.object) this.#serve(event.object);
      }
    }
    this.store.apply(events.length === 1 ? (events[0] as ResourceEvent<Pod>) : events);
  }

  #serve(object: Pod | Resource<Pod>): void {
    this.#server.set(pathOf(object), object as Pod);
  }

  /** `namespace/name` of what `get` gives; everything without keys. */
  async paths(...keys: string[]): Promise<string[]> {
    const found = await (keys.length === 0 ? this.store.list() : this.store.get(...keys));
    return found.map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`);
  }

  /** Everything that may not move when a call is refused. */
  async state(): Promise<unknown> {
    const { size, modCount } = this.store;
    return { size, modCount, refs: this.store.refs(), list: await this.store.list() };
  }
}

/** A pod of `namespace/name`. */
export function pod(path: string, metadata: Partial<Pod['metadata']> = {}, image?: string): Pod {
  const [namespace = '', name = ''] = path.split('/');
  const object: Pod = { metadata: { ...(namespace !== '' && { namespace }), name, ...metadata } };
  return image === undefined ? object : { ...object, spec: { image } };
}

function pathOf({ metadata: { namespace = '', name } }: Pod | Resource<Pod>): string {
  return `${namespace}/${name}`;
}

/** A change in one line. */
export function told({ type, ref }: { readonly type: string; readonly ref: ResourceRef }): string {
  return `${type} ${ref.namespace}/${ref.name}`;
}

/** The StoreError that a call throws or rejects with. */
export async function refused(call: () => unknown): Promise<StoreError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
