/** The real kube-apiserver keeps the contract that the embedded one is held to. */
import { startCluster } from '../cluster/harness/cluster.ts';
import { describeApiServer } from './contract/api-server-contract.ts';

describeApiServer('kube-apiserver', async () => {
  const cluster = await startCluster();
  return {
    url: cluster.url,
    authorization: `Bearer ${cluster.token}`,
    ca: cluster.ca,
    forget: async () => {
      await cluster.compact();
    },
    close: () => cluster.close(),
  };
});
