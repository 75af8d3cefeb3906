/** Owns the ingresses of the benchmark: about 1.7 KB, as a real cluster has them. */
import { namespaceOf, type Slots } from './slots.ts';

/** One ingress with managedFields and a last-applied annotation. */
export function ingress(slots: Slots): object {
  const namespace = namespaceOf(slots);
  const name = `shop-frontend-${slots.index}`;
  const host = `${name}.${namespace}.example.com`;
  const labels = {
    'app.kubernetes.io/name': 'shop',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'Helm',
  };
  const backend = { service: { name: `${name}-svc`, port: { number: 8080 } } };
  const spec = {
    ingressClassName: 'nginx',
    tls: [{ hosts: [host], secretName: `${name}-tls` }],
    rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
  };
  const applied = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { annotations: {}, labels, name, namespace },
    spec,
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(applied)}\n`,
        'nginx.ingress.kubernetes.io/rewrite-target': '/',
      },
      creationTimestamp: '2026-05-04T08:15:30Z',
      generation: 1,
      labels,
      managedFields: [
        {
          apiVersion: 'networking.k8s.io/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': {
              'f:annotations': { '.': {}, 'f:nginx.ingress.kubernetes.io/rewrite-target': {} },
            },
            'f:spec': { 'f:ingressClassName': {}, 'f:rules': {}, 'f:tls': {} },
          },
          manager: 'helm',
          operation: 'Update',
          time: '2026-05-04T08:15:30Z',
        },
      ],
      name,
      namespace,
      resourceVersion: slots.resourceVersion,
      uid: `3f2c8a10-5d1e-4b7a-9c3d-00000${slots.index}`,
    },
    spec,
    status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
  };
}
