/** Owns what the resources of the demo's shop look like. */
import type { KubernetesObject } from '@firn/core';
import type { Random } from '../../random.ts';

/** One application of the shop: two ingresses, a service, an endpoint slice and a secret belong to it. */
export interface ShopApp {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly replicas: number;
}

/** A resource of the shop, with identity. */
export interface ShopObject extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const CREATED = '2026-01-15T09:30:00Z';

function labelsOf(app: ShopApp): Readonly<Record<string, string>> {
  return {
    app: app.name,
    'app.kubernetes.io/part-of': 'shop',
    'app.kubernetes.io/version': app.version,
  };
}

/** The set of fields that a manager owns, as server-side apply records it. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [`f:${key}`, fieldsOf(field)]));
}

/** The object as kubectl would have applied it: with the last-applied annotation and managedFields. */
function applied(object: ShopObject): ShopObject {
  const { metadata, ...rest } = object;
  const annotations = (metadata.annotations ?? {}) as Readonly<Record<string, string>>;
  const { apiVersion, kind, ...fields } = rest;
  return {
    ...rest,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(object)}\n` },
      managedFields: [
        {
          manager: 'kubectl-client-side-apply',
          operation: 'Update',
          apiVersion,
          time: CREATED,
          fieldsType: 'FieldsV1',
          fieldsV1: fieldsOf({ metadata: { annotations, labels: metadata.labels }, ...fields }),
        },
      ],
    },
  };
}

/** A rule's path to a service, as ingresses list them. */
export function ingressPath(app: ShopApp, path: string): unknown {
  return {
    path,
    pathType: 'Prefix',
    backend: { service: { name: app.name, port: { number: app.port } } },
  };
}

/** An ingress of about 1.7 KB. */
export function ingressOf(app: ShopApp, suffix: string, paths: readonly string[]): ShopObject {
  const host = suffix === 'web' ? app.host : `${suffix}.${app.host}`;
  return applied({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      namespace: app.namespace,
      name: `${app.name}-${suffix}`,
      labels: labelsOf(app),
      annotations: { 'shop.example/rate-limit': '100' },
    },
    spec: {
      ingressClassName: 'shop',
      rules: [{ host, http: { paths: paths.map((path) => ingressPath(app, path)) } }],
      tls: [{ hosts: [host], secretName: `${app.name}-tls` }],
    },
  });
}

/** The service of an application. */
export function serviceOf(app: ShopApp, name: string = app.name): ShopObject {
  return applied({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: app.namespace, name, labels: labelsOf(app) },
    spec: {
      type: 'ClusterIP',
      selector: { app: app.name, 'app.kubernetes.io/version': app.version },
      ports: [{ name: 'http', port: app.port, protocol: 'TCP', targetPort: 'http' }],
    },
  });
}

/** One endpoint of a slice. */
export function endpointOf(app: ShopApp, index: number, ready: boolean): unknown {
  const address = `10.${(app.port >> 4) % 256}.${app.port % 256}.${10 + index}`;
  return {
    addresses: [address],
    conditions: { ready, serving: ready, terminating: false },
    nodeName: `node-${index % 3}`,
    targetRef: { kind: 'Pod', namespace: app.namespace, name: `${app.name}-${index}` },
  };
}

/** The endpoint slice of an application. */
export function endpointSliceOf(app: ShopApp, id: string): ShopObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: app.namespace,
      name: `${app.name}-${id}`,
      labels: {
        'kubernetes.io/service-name': app.name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    endpoints: Array.from({ length: app.replicas }, (_, index) => endpointOf(app, index, true)),
    ports: [{ name: 'http', port: app.port, protocol: 'TCP' }],
  };
}

/** Random text where a Secret has its data: nothing of it opens anything. */
export function secretValue(random: Random, length: number): string {
  return btoa(random.text(length));
}

/** The secret of an application. */
export function secretOf(app: ShopApp, random: Random): ShopObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { namespace: app.namespace, name: `${app.name}-tls`, labels: labelsOf(app) },
    data: { 'tls.crt': secretValue(random, 200), 'tls.key': secretValue(random, 300) },
  };
}
