/** Owns who an object of a record is, whatever form it has: a resource, a reference, or an entry. */
import type { ResourceRef } from '@firn/core';
import type { LoggedObject } from './log-event.ts';

/** An identity as it was recorded; nothing about it is checked. */
export type LoggedIdentity = Pick<ResourceRef, 'namespace' | 'name'> & {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
};

/** Reads it. */
export function identityIn(object: LoggedObject): LoggedIdentity {
  const {
    namespace = '',
    name = '',
    uid,
    resourceVersion,
  } = (('metadata' in object ? object.metadata : object) ?? {}) as Partial<ResourceRef>;
  return { namespace, name, uid, resourceVersion };
}
