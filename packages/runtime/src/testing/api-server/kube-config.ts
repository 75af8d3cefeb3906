/** Owns the kubeconfig by which clients reach the server. */
import { stringify } from 'yaml';

/** What a client needs to know. */
export interface KubeConfigSource {
  readonly url: string;
  /** PEM of the CA, with TLS. */
  readonly ca?: string | undefined;
  readonly token?: string | undefined;
}

/** Writes a kubeconfig with one context named `firn`. */
export function writeKubeConfig(source: KubeConfigSource): string {
  const cluster = {
    server: source.url,
    // Without TLS there is nothing to verify, and client-node 2 refuses plain HTTP unless it is told so.
    ...(source.ca === undefined
      ? { 'insecure-skip-tls-verify': true }
      : { 'certificate-authority-data': Buffer.from(source.ca).toString('base64') }),
  };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'firn',
    clusters: [{ name: 'firn', cluster }],
    users: [{ name: 'firn', user: source.token === undefined ? {} : { token: source.token } }],
    contexts: [{ name: 'firn', context: { cluster: 'firn', user: 'firn', namespace: 'default' } }],
  });
}
