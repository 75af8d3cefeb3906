/** Owns which objects of a type a list, watch or deletecollection is about. */
import type { ApiRequest } from './api-request.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import type { ResourceType } from './resource-type.ts';
import type { StoredObject } from './stored-object.ts';

/** The objects of one namespace, or of all, that selectors pick. */
export interface Selection {
  /** `''`: all. */
  readonly namespace: string;
  /** Whether only the namespace decides. */
  readonly everything: boolean;
  readonly matches: (object: StoredObject) => boolean;
}

/** What a list, a watch or a deletecollection names of a type. */
export interface Selectors {
  /** `''` or left out: all. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** @throws {StatusError} 400 when a selector is not understood. */
export function selectionOf(
  type: ResourceType,
  { namespace = '', labelSelector, fieldSelector }: Selectors,
): Selection {
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(type, fieldSelector);
  const everything = labels === undefined && fields === undefined;
  return {
    namespace,
    everything,
    matches:
      everything && namespace === ''
        ? () => true
        : (object) =>
            (namespace === '' || object.namespace === namespace) &&
            (labels === undefined || labels(object.labels)) &&
            (fields === undefined || fields(object)),
  };
}

/** @throws {StatusError} 400 when a selector is not understood. */
export function readSelection(type: ResourceType, { target, query }: ApiRequest): Selection {
  const { labelSelector, fieldSelector } = query;
  return selectionOf(type, { namespace: target?.namespace, labelSelector, fieldSelector });
}
