/** Owns the resources that tests put into stores, and how they write down what stores tell. */
import { type ResourceEvent, type ResourceRef, StoreError } from '@firn/core';
import type { Clock } from './clock.ts';

export interface Pod {
  metadata: {
    namespace?: string;
    name: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    managedFields?: unknown[];
  };
  spec?: unknown;
}

/** A pod of `namespace/name`. */
export function pod(path: string, metadata: Partial<Pod['metadata']> = {}, spec?: unknown): Pod {
  const [namespace = '', name = ''] = path.split('/');
  return { metadata: { namespace, name, ...metadata }, ...(spec === undefined ? undefined : { spec }) };
}

export function pods(...paths: string[]): Pod[] {
  return paths.map((path) => pod(path));
}

/** A list whose resources all have the same version. */
export function list(paths: string[], version = '1', resourceVersion = '100'): ResourceEvent<Pod> {
  const objects = paths.map((path) => pod(path, { uid: path, resourceVersion: version }));
  return { type: 'REPLACED', objects, resourceVersion };
}

/** A change in one line. */
export function told({ type, ref }: { readonly type: string; readonly ref: ResourceRef }): string {
  return `${type} ${ref.namespace}/${ref.name}`;
}

/** `namespace/name` of resources. */
export function paths(
  resources: Iterable<{ readonly metadata: { readonly namespace?: string; readonly name: string } }>,
): string[] {
  return Array.from(resources, ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
}

/** The StoreError that a call throws. */
export function refused(call: () => unknown): StoreError {
  try {
    call();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A clock on which every look takes `step` milliseconds. */
export function steppingClock(step: number): Clock {
  let time = 0;
  return {
    now: () => 0,
    monotonic: () => {
      time += step;
      return time;
    },
    setTimeout: () => undefined,
    clearTimeout: () => undefined,
  };
}

/** A clock that stands still: lists are told at once, however busy the machine is. */
export const stillClock: Clock = steppingClock(0);
