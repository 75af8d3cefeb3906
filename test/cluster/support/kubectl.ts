/** kubectl as the tests use it: it must succeed, and what it lists comes in firn's order. */
import type { KubernetesObject } from '@firn/core';
import type { Cluster } from '../harness/cluster.ts';

/** Runs kubectl as the admin and gives what it printed. */
export async function kubectl(cluster: Cluster, args: readonly string[], input?: object): Promise<string> {
  const result = await cluster.kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
  if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

/** Has kubectl write objects in one call: `create`, `apply`, `replace` or `delete`. */
export async function kubectlWrite(
  cluster: Cluster,
  verb: 'create' | 'apply' | 'replace' | 'delete',
  ...items: readonly KubernetesObject[]
): Promise<void> {
  const more = verb === 'delete' ? ['--wait=false'] : [];
  await kubectl(cluster, [verb, '-f', '-', ...more], { apiVersion: 'v1', kind: 'List', items });
}

/** What `kubectl get … -o json` shows with everything in it, by namespace and name in UTF-16 code units. */
export async function kubectlList(cluster: Cluster, args: readonly string[]): Promise<KubernetesObject[]> {
  const text = await kubectl(cluster, ['get', ...args, '-o', 'json', '--show-managed-fields']);
  const { items } = JSON.parse(text) as { items: KubernetesObject[] };
  return items.sort(byIdentity);
}

/** The order of stores and snapshots. */
export function byIdentity(a: KubernetesObject, b: KubernetesObject): number {
  return (
    compareText(a.metadata?.namespace, b.metadata?.namespace) ||
    compareText(a.metadata?.name, b.metadata?.name)
  );
}

function compareText(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
