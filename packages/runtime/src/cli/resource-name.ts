/** Owns how kubectl names a resource, and takes it: `ingress.networking.k8s.io/cart`. */
import type { GroupVersionResource } from '@firn/core';
import { visibleText } from '../visible-text.ts';

/** The name as `-o name` prints it; `kind` may be empty where it is not known. */
export function resourceName({ group, resource }: GroupVersionResource, kind: string, name: string): string {
  const type = visibleText(kind.toLowerCase()) || resource;
  return `${type}${group === '' ? '' : `.${group}`}/${visibleText(name)}`;
}
