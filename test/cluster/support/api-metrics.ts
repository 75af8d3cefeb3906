/** What the API server itself counted: how a client really asked, told by nobody but the one who was asked. */
import type { Cluster } from '../harness/cluster.ts';
import { loopbackRequest } from '../harness/loopback-request.ts';

/** How often one resource type was asked for since the API server started. */
export interface RequestCounts {
  /** Plain lists, one a page. */
  readonly lists: number;
  /** Streaming lists that reached their end. */
  readonly watchLists: number;
  /** Watches that are open. */
  readonly openWatches: number;
}

type Labels = Readonly<Record<string, string>>;

/** Reads the counts of a resource type; with a `scope`, only of requests over `cluster` or one `namespace`. */
export async function requestCounts(cluster: Cluster, labels: Labels): Promise<RequestCounts> {
  const url = `${cluster.url}/metrics`;
  const { body } = await loopbackRequest(url, { token: cluster.token, ca: cluster.ca });
  const lines = body.split('\n');
  return {
    lists: sum(lines, 'apiserver_request_total', { ...labels, verb: 'LIST' }),
    watchLists: sum(lines, 'apiserver_watch_list_duration_seconds_count', labels),
    openWatches: sum(lines, 'apiserver_longrunning_requests', { ...labels, verb: 'WATCH' }),
  };
}

function sum(lines: readonly string[], name: string, labels: Labels): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return lines
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((part) => line.includes(part)))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
