/** The objects that the suite writes: small, valid, and told apart by name. */
import type {
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1Ingress,
  V1Namespace,
  V1Pod,
  V1Secret,
} from '@kubernetes/client-node';

type Labels = Record<string, string>;

/** What is said of each object: where it is, and its labels. */
export interface Named {
  readonly namespace?: string;
  readonly labels?: Labels;
}

function metadata(name: string, { namespace = 'default', labels }: Named) {
  return { name, namespace, ...(labels && { labels }) };
}

export function namespaceManifest(name: string): V1Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function configMap(name: string, value: string, named: Named = {}): V1ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(name, named), data: { value } };
}

export function secret(name: string, value: string, named: Named & { type?: string } = {}): V1Secret {
  const { type = 'Opaque', ...rest } = named;
  return { apiVersion: 'v1', kind: 'Secret', type, metadata: metadata(name, rest), stringData: { value } };
}

export function ingress(name: string, host: string, named: Named = {}): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadata(name, named),
    spec: { rules: [{ host, http }] },
  };
}

/** A custom resource: `example.com/v1/certificates`. */
export interface Certificate {
  apiVersion: 'example.com/v1';
  kind: 'Certificate';
  metadata: { name: string; namespace?: string; resourceVersion?: string; uid?: string };
  spec: { host: string };
}

export function certificate(name: string, host: string, named: Named = {}): Certificate {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Certificate',
    metadata: metadata(name, named),
    spec: { host },
  };
}

/** Registers `example.com/v1/certificates`. */
export function certificateDefinition(): V1CustomResourceDefinition {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'certificates.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'certificates', singular: 'certificate', kind: 'Certificate' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema as Record<string, unknown> },
        },
      ],
    },
  };
}

/** A pod that nobody runs: its status is what a test says. */
export function pod(name: string, named: Named = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(name, named),
    spec: { containers: [{ name: 'web', image: 'web' }] },
  };
}
