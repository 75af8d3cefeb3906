/** Kubeconfigs of a cluster as programs load them: the admin's, a token's, and one that reads its token from a file. */
import { KubeConfig } from '@kubernetes/client-node';
import type { Cluster } from '../harness/cluster.ts';

/** The admin's kubeconfig, or that of whoever the token belongs to. */
export function kubeConfigOf(cluster: Cluster, token: string = cluster.token): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(cluster.kubeconfigFor(token));
  return kubeConfig;
}

/** A kubeconfig whose user reads the token from a file, as the one of a pod does. */
export function tokenFileKubeConfigOf(cluster: Cluster, tokenFile: string): KubeConfig {
  const admin = kubeConfigOf(cluster);
  const [user] = admin.getUsers();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: admin.getClusters(),
    contexts: admin.getContexts(),
    users: [{ name: user?.name ?? '', authProvider: { name: 'tokenFile', config: { tokenFile } } }],
    currentContext: admin.getCurrentContext(),
  });
  return kubeConfig;
}
