/** Owns the kinds of objects that the benchmark knows. */
import { ingress } from './ingress.ts';
import { pod } from './pod.ts';
import { secret } from './secret.ts';
import { namespaceOf, type Slots, slotsOf } from './slots.ts';

/** A kind, and how its objects are made and named. */
export interface Kind {
  readonly gvr: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  /** The path of all its objects on a server. */
  readonly path: string;
  readonly make: (slots: Slots) => object;
}

export type KindName = 'ingresses' | 'secrets' | 'pods';

export const KINDS: Readonly<Record<KindName, Kind>> = {
  ingresses: {
    gvr: 'networking.k8s.io/v1/ingresses',
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    listKind: 'IngressList',
    path: '/apis/networking.k8s.io/v1/ingresses',
    make: ingress,
  },
  secrets: {
    gvr: 'v1/secrets',
    apiVersion: 'v1',
    kind: 'Secret',
    listKind: 'SecretList',
    path: '/api/v1/secrets',
    make: secret,
  },
  pods: {
    gvr: 'v1/pods',
    apiVersion: 'v1',
    kind: 'Pod',
    listKind: 'PodList',
    path: '/api/v1/pods',
    make: pod,
  },
};

/** What firn is told to leave out, here as in any real use. */
export const IGNORED: readonly string[] = [
  'metadata.managedFields',
  "metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
];

/** What is served. */
export interface Load {
  readonly kind: KindName;
  readonly objects: number;
  readonly oneNamespace: boolean;
}

interface Named {
  metadata: {
    name: string;
    namespace: string;
    managedFields?: unknown;
    annotations?: Record<string, string>;
  };
}

/** An object in one version, as the server sends it. */
export function objectOf({ kind, oneNamespace }: Load, index: number, version: number): object {
  return KINDS[kind].make(slotsOf(index, version, oneNamespace));
}

/** Who the object of an index is. */
export function identityOf(load: Load, index: number): { namespace: string; name: string } {
  const slots = slotsOf(index, index, load.oneNamespace);
  const { metadata } = KINDS[load.kind].make(slots) as Named;
  return { namespace: namespaceOf(slots), name: metadata.name };
}

/** An object without what firn is told to leave out. */
export function withoutIgnored(object: object): object {
  const { metadata, ...rest } = structuredClone(object) as Named;
  delete metadata.managedFields;
  delete metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  return { ...rest, metadata };
}
