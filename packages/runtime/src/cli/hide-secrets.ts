/** Owns that the data of Secrets is not shown. */
import type { WhatChanged } from './what-changed.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const HIDDEN = '(hidden)';

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hideValues(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, HIDDEN]));
}

/** A Secret without its data: the keys stay, each value reads `(hidden)`; any other resource as it is. */
export function hideSecrets<T>(resource: T): T {
  if (!isObject(resource) || resource.kind !== 'Secret') return resource;
  const shown: Record<string, unknown> = { ...resource };
  for (const field of ['data', 'stringData']) {
    if (Object.hasOwn(shown, field)) shown[field] = hideValues(shown[field]);
  }
  if (isObject(shown.metadata) && isObject(shown.metadata.annotations)) {
    const annotations = { ...shown.metadata.annotations };
    if (Object.hasOwn(annotations, LAST_APPLIED)) annotations[LAST_APPLIED] = HIDDEN;
    shown.metadata = { ...shown.metadata, annotations };
  }
  return shown as T;
}

/** What kubectl applied to a Secret holds its data too: hidden wherever it stands in what came or went. */
function hideApplied(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, key === LAST_APPLIED ? HIDDEN : hideApplied(field)]),
  );
}

/** The differences between two versions of a resource, without the values of a Secret's data. */
export function hideSecretChanges(resource: unknown, changed: WhatChanged): WhatChanged {
  if (!isObject(resource) || resource.kind !== 'Secret') return changed;
  const hideAll = (value: unknown): unknown => (value === undefined ? undefined : HIDDEN);
  return {
    ...changed,
    changes: changed.changes.map(({ path, from, to }) => {
      const hide = /^(?:data|stringData)\b/.test(path) ? hideAll : hideApplied;
      return { path, from: hide(from), to: hide(to) };
    }),
  };
}
