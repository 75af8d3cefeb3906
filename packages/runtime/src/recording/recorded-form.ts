/** Owns the form in which a resource is recorded: its bytes as they came, less what is ignored and what is redacted. */
import { IndexError, type Indexer, type KubernetesObject } from '@firn/core';
import { Entry, type EntryContext, identityOf } from '@firn/core/engine';
import type { JournaledObject } from '@firn/stores/engine';
import { type Redaction, stepsOf } from './redaction.ts';

type Pieces = readonly Uint8Array[];

const REFERENCE: EntryContext = { operation: 'apply', owned: true };

/** Turns what a journal hears of into JSON, in pieces that are to be copied in the same turn. */
export class RecordedForm {
  readonly #keepsResources: boolean;
  readonly #indexer: Indexer;
  readonly #redaction: Redaction;
  readonly #steps: ReturnType<typeof stepsOf>;

  /** @param keepsResources - whether the store does; otherwise nothing but references is recorded. */
  constructor(indexer: Indexer, redaction: Redaction, redacted: readonly string[], keepsResources = true) {
    this.#keepsResources = keepsResources;
    this.#indexer = indexer;
    this.#redaction = redaction;
    this.#steps = stepsOf(redacted);
  }

  /** Whether digests of the store are those of what is recorded. */
  get isWhole(): boolean {
    return this.#steps.length === 0;
  }

  /** The value of an entry as it is recorded. */
  valueOf<T>(entry: Entry<T>): unknown {
    return JSON.parse(Buffer.concat(this.of(entry) ?? []).toString());
  }

  /** Nothing of what a store of references cannot file. */
  of<T>(object: JournaledObject<T>): Pieces | undefined {
    if (!this.#keepsResources) return this.#reference(object);
    if (object instanceof Entry) {
      if (this.isWhole || !object.hasResource) return object.jsonPieces();
      return this.#redacted(JSON.parse(Buffer.concat(object.jsonPieces()).toString()));
    }
    const filtered = this.#indexer.filterFields(object);
    const text = JSON.stringify(filtered);
    return this.isWhole ? [Buffer.from(text)] : this.#redacted(JSON.parse(text));
  }

  /** What was fetched on demand, less what is ignored and what is redacted. */
  fetched(object: KubernetesObject): KubernetesObject {
    const copy = JSON.parse(JSON.stringify(this.#indexer.filterFields(object)));
    this.#redaction.apply(copy, this.#steps);
    return copy;
  }

  #reference<T>(object: JournaledObject<T>): Pieces | undefined {
    if (object instanceof Entry) return [Buffer.from(JSON.stringify(object.ref))];
    try {
      const { namespace, name, uid, resourceVersion } = identityOf(object, REFERENCE);
      const keys = this.#indexer.extractKeys(object);
      return [Buffer.from(JSON.stringify({ namespace, name, uid, resourceVersion, keys }))];
    } catch (error) {
      if (error instanceof IndexError) return undefined;
      throw error;
    }
  }

  #redacted(copy: unknown): Pieces {
    this.#redaction.apply(copy, this.#steps);
    return [Buffer.from(JSON.stringify(copy))];
  }
}
