/** Owns the secrets of the benchmark: about 4 KB, a certificate with its key. */
import { namespaceOf, type Slots } from './slots.ts';

const CERTIFICATE = base64Like(2_000, 7);
const KEY = base64Like(1_200, 11);

/** Looks like base64 of something random, and is always the same. */
function base64Like(length: number, seed: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return alphabet[(state >>> 16) & 63];
  }).join('');
}

/** One TLS secret as cert-manager writes it. */
export function secret(slots: Slots): object {
  const name = `shop-tls-${slots.index}`;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: {
      annotations: {
        'cert-manager.io/alt-names': `${name}.example.com`,
        'cert-manager.io/issuer-kind': 'ClusterIssuer',
        'cert-manager.io/issuer-name': 'letsencrypt',
      },
      creationTimestamp: '2026-05-04T08:15:30Z',
      labels: { 'controller.cert-manager.io/fao': 'true' },
      managedFields: [
        {
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { '.': {}, 'f:tls.crt': {}, 'f:tls.key': {} }, 'f:type': {} },
          manager: 'cert-manager-certificates-issuing',
          operation: 'Update',
          time: '2026-05-04T08:15:30Z',
        },
      ],
      name,
      namespace: namespaceOf(slots),
      resourceVersion: slots.resourceVersion,
      uid: `9b1d6e42-0c57-4f2e-8a6b-00000${slots.index}`,
    },
    data: { 'tls.crt': CERTIFICATE, 'tls.key': `${KEY}${slots.index}==` },
  };
}
