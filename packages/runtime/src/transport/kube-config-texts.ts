/** Owns that names and addresses in a kubeconfig are text: YAML reads an unquoted 7 as a number, and nobody checks. */
import { ConfigError } from '@firn/core';
import type { KubeConfig } from '@kubernetes/client-node';

const FIELDS = {
  clusters: ['name', 'server', 'proxyUrl', 'tlsServerName'],
  contexts: ['name', 'cluster', 'user', 'namespace'],
  users: ['name'],
} as const;

function refuse(where: string): never {
  throw new ConfigError(`${where} of the kubeconfig is not text. Put it in quotes, or correct it.`, {
    code: 'INVALID_KUBECONFIG',
  });
}

/** Throws `ConfigError` `INVALID_KUBECONFIG` where something is of another type; what it is, is not said. */
export function assertTexts(kubeConfig: KubeConfig): void {
  const isText = (value: unknown): boolean =>
    value === undefined || value === null || typeof value === 'string';
  for (const [list, fields] of Object.entries(FIELDS)) {
    const entries = (kubeConfig[list as keyof typeof FIELDS] ?? []) as readonly object[];
    for (const [index, entry] of entries.entries()) {
      const wrong = fields.find((field) => !isText((entry as Readonly<Record<string, unknown>>)[field]));
      if (wrong !== undefined) refuse(`${list}[${index}].${wrong}`);
    }
  }
  if (!isText(kubeConfig.getCurrentContext())) refuse('current-context');
}
