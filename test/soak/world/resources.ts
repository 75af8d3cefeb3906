/** Owns what is written in a soak: four resource types, the objects of each, and what can be different in them. */
import type { KubernetesObject } from '@firn/core';

export type ResourceName = 'configmaps' | 'secrets' | 'ingresses' | 'clusterroles';

/** What changes from one version of an object to the next. */
export interface Content {
  /** Whether the label that selectors ask for says so. */
  readonly selected: boolean;
  /** A label, and in ingresses the class and host: what indexes are made of. */
  readonly tier: string;
  readonly text: string;
}

/** One resource type. */
export interface SoakResource {
  readonly name: ResourceName;
  readonly gvr: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Path of all objects, below the server's URL. */
  readonly path: string;
  readonly namespaced: boolean;
  /** How many different objects there can be. */
  readonly slots: number;
  /** What an object has beside its metadata. */
  readonly body: (content: Content) => object;
}

/** Where the objects are; those of cluster-scoped types are in none. */
export const NAMESPACES: readonly string[] = ['soak-a', 'soak-b', 'soak-c'];

export const TIERS: readonly string[] = ['web', 'db', 'queue', 'cache'];

/** Names of the objects that a soak writes begin so: whatever else a server has is left alone. */
const PREFIX = 'soak-';

export const RESOURCES: Readonly<Record<ResourceName, SoakResource>> = {
  configmaps: {
    name: 'configmaps',
    gvr: 'v1/configmaps',
    apiVersion: 'v1',
    kind: 'ConfigMap',
    path: '/api/v1/configmaps',
    namespaced: true,
    slots: 150,
    body: ({ tier }) => ({ data: { tier } }),
  },
  secrets: {
    name: 'secrets',
    gvr: 'v1/secrets',
    apiVersion: 'v1',
    kind: 'Secret',
    path: '/api/v1/secrets',
    namespaced: true,
    slots: 90,
    body: ({ tier }) => ({ type: 'Opaque', data: { tier: Buffer.from(tier).toString('base64') } }),
  },
  ingresses: {
    name: 'ingresses',
    gvr: 'networking.k8s.io/v1/ingresses',
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    path: '/apis/networking.k8s.io/v1/ingresses',
    namespaced: true,
    slots: 60,
    body: ({ tier }) => ({
      spec: {
        ingressClassName: tier,
        rules: [{ host: `${tier}.example.com` }, { host: 'all.example.com' }],
        defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      },
    }),
  },
  clusterroles: {
    name: 'clusterroles',
    gvr: 'rbac.authorization.k8s.io/v1/clusterroles',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    namespaced: false,
    slots: 30,
    body: ({ tier }) => ({
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [tier], verbs: ['get'] }],
    }),
  },
};

/** Namespace and name of an object. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** Where the object of a slot is. */
export function placeOf({ namespaced }: SoakResource, slot: number): Place {
  const namespace = namespaced ? (NAMESPACES[slot % NAMESPACES.length] as string) : '';
  return { namespace, name: `${PREFIX}${slot}` };
}

/** Whether an object is one that the soak writes. */
export function isOurs({ name }: { readonly name: string }): boolean {
  return name.startsWith(PREFIX);
}

/** The object of a slot with this content. */
export function manifestOf(resource: SoakResource, slot: number, content: Content): KubernetesObject {
  const { apiVersion, kind } = resource;
  const { namespace, name } = placeOf(resource, slot);
  const { selected, tier, text } = content;
  return {
    apiVersion,
    kind,
    metadata: {
      ...(namespace === '' ? undefined : { namespace }),
      name,
      labels: { soak: selected ? 'in' : 'out', tier },
      annotations: { text },
    },
    ...resource.body(content),
  };
}

/** Whether the label selectors of the soak's watchers select an object. */
export function isSelected(object: KubernetesObject): boolean {
  return object.metadata?.labels?.soak === 'in';
}

/** Path of the object of a place. */
export function pathOf({ path, namespaced, name: plural }: SoakResource, { namespace, name }: Place): string {
  if (!namespaced) return `${path}/${name}`;
  return `${path.slice(0, -plural.length)}namespaces/${namespace}/${plural}/${name}`;
}
