/** Owns the way from what a client gave to what is shown: checked, copied, filtered, frozen. */
import { type Indexer, type Resource, StoreError } from '@firn/core';
import { type EntryContext, freezeJson, identityOf } from '@firn/core/engine';
import type { FetchSubject } from './fetch-error.ts';
import type { CachedResource } from './resource-cache.ts';

const CONTEXT: EntryContext = { operation: 'fetch', owned: true };

/** A response, ready to be cached and shown, and whose it is. */
export interface FetchedObject<T> extends CachedResource<T> {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Takes an object of a response that nobody else holds.
 *
 * @throws {StoreError} `INVALID_OBJECT` when it is none; `WRONG_RESPONSE` when it is another one than was asked for.
 */
export function takeObject<T>(
  object: object,
  indexer: Indexer | undefined,
  subject?: FetchSubject,
): FetchedObject<T> {
  const { namespace, name, uid, resourceVersion } = identityOf(object, CONTEXT, subject?.keys);
  if (
    subject !== undefined &&
    (name !== subject.name || (namespace !== '' && namespace !== subject.namespace))
  ) {
    throw new StoreError(
      `${subject.verb} ${subject.resource}: the API server answered with another resource than was asked for.`,
      { code: 'WRONG_RESPONSE', operation: 'fetch', keys: subject.keys },
    );
  }
  const filtered = indexer === undefined ? object : indexer.filterFields(object);
  return { resource: freezeJson(filtered) as Resource<T>, namespace, name, uid, resourceVersion };
}
