/** The history of a collection as the API server tells it to anybody who watches from an older version: the oracle. */
import type { ChangeType } from '@firn/core';
import type { Cluster } from '../harness/cluster.ts';
import { loopbackRequest } from '../harness/loopback-request.ts';

const TYPES: Readonly<Record<string, ChangeType>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
};

/** One change as `type name@resourceVersion`. */
export type HistoryLine = `${ChangeType} ${string}@${string}`;

/** Everything that happened to a collection since a resource version, in order. */
export async function watchHistory(cluster: Cluster, path: string, since: string): Promise<HistoryLine[]> {
  const url = `${cluster.url}${path}?watch=1&timeoutSeconds=2&resourceVersion=${since}`;
  const { status, body } = await loopbackRequest(url, { token: cluster.token, ca: cluster.ca });
  if (status !== 200) throw new Error(`watch of ${path}: ${status} ${body}`);
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line): HistoryLine => {
      const { type, object } = JSON.parse(line);
      const change = TYPES[type];
      if (change === undefined) throw new Error(`watch of ${path}: ${line}`);
      return `${change} ${object.metadata.name}@${object.metadata.resourceVersion}`;
    });
}
