/** The kubeconfig that leads to a cluster. */

/** Where the API server is, whom to trust (PEM), and who asks. */
export interface KubeconfigOptions {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

/** A kubeconfig as YAML, with one context, named `firn`. */
export function formatKubeconfig({ url, ca, token }: KubeconfigOptions): string {
  return `apiVersion: v1
kind: Config
current-context: firn
clusters:
  - name: firn
    cluster:
      server: ${JSON.stringify(url)}
      certificate-authority-data: ${Buffer.from(ca).toString('base64')}
users:
  - name: firn
    user:
      token: ${JSON.stringify(token)}
contexts:
  - name: firn
    context:
      cluster: firn
      user: firn
`;
}
