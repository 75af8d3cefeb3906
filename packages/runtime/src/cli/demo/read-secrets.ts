/** Owns the demo's reader of secrets: it fetches the certificate of each ingress that changes, as an ingress controller would. */
import type { Change, FirnError } from '@firn/core';
import type { CachedStore, MemoryStore } from '@firn/stores';
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import { EMPTY, from, mergeMap, type Observable, type Subscription } from 'rxjs';

/** Of the first list so many are read; a large shop would be read for minutes. */
const MOST_AT_FIRST = 100;

/** Whose secrets are read, from where. */
export interface ReadSecretsOptions {
  readonly ingresses: MemoryStore<V1Ingress>;
  readonly secrets: CachedStore<V1Secret>;
  /** Hears of a secret that could not be fetched. */
  readonly failed: (error: FirnError) => void;
}

/** Reads until it is unsubscribed. */
export function readSecrets({ ingresses, secrets, failed }: ReadSecretsOptions): Subscription {
  let first = 0;
  const read = (change: Change<V1Ingress>): Observable<unknown> => {
    if (change.type === 'deleted' || (change.cause === 'initial' && ++first > MOST_AT_FIRST)) return EMPTY;
    const { namespace } = change.ref;
    const names = (change.object.spec?.tls ?? []).map(({ secretName }) => secretName);
    return from(new Set(names)).pipe(
      mergeMap((name) => (name === undefined ? EMPTY : secrets.get(namespace, name).catch(failed))),
    );
  };
  return ingresses.changes$.pipe(mergeMap(read)).subscribe();
}
