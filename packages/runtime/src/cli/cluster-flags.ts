/** Owns the flags that choose a cluster and resources in it: kubectl's names and meanings. */
import type { Flag } from './command.ts';

/** Which cluster, and as whom. */
export const CONNECTION_FLAGS: readonly Flag[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    description: 'Kubeconfig; otherwise KUBECONFIG, then ~/.kube/config.',
  },
  { name: 'context', value: 'NAME', description: 'Context of the kubeconfig; otherwise its current one.' },
];

/** Which resources. */
export const SELECTION_FLAGS: readonly Flag[] = [
  { name: 'namespace', short: 'n', value: 'NAME', description: "Namespace; otherwise the context's." },
  { name: 'all-namespaces', short: 'A', description: 'All namespaces.' },
  {
    name: 'selector',
    short: 'l',
    value: 'LABELS',
    description: 'Label selector, such as app=shop,tier!=web.',
  },
  { name: 'field-selector', value: 'FIELDS', description: 'Field selector, such as metadata.name=cart.' },
];

/** Makes a command log. */
export const LOG_FLAG: Flag = {
  name: 'log-level',
  value: 'LEVEL',
  choices: ['silent', 'error', 'warn', 'info', 'debug'],
  description: 'Log lines on the error output; silent when left out.',
};

/** Names what is watched in a file. */
export const CONFIG_FLAG: Flag = {
  name: 'config',
  value: 'FILE',
  description: 'Watched resources as a YAML file, instead of RESOURCE...',
};
