/** Owns a real kube-apiserver as a soak writes to it: over HTTPS, beside the proxy. */
import type { KubernetesObject } from '@firn/core';
import { Agent, request } from 'undici';
import { type Cluster, startCluster } from '../../cluster/harness/cluster.ts';
import { NAMESPACES, type Place, pathOf, type SoakResource } from './resources.ts';
import type { SoakServer, Upstream } from './soak-server.ts';

class RealSoakServer implements SoakServer {
  readonly concurrency = 16;
  readonly #cluster: Cluster;
  readonly #agent: Agent;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#agent = new Agent({ connect: { ca: cluster.ca } });
  }

  get upstream(): Upstream {
    const { url, ca, token } = this.#cluster;
    return { url, ca, authorization: `Bearer ${token}` };
  }

  async createNamespaces(): Promise<void> {
    for (const name of NAMESPACES)
      await this.#send('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
  }

  create(resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject> {
    const path = pathOf(resource, placeIn(object));
    return this.#send('POST', path.slice(0, path.lastIndexOf('/')), object);
  }

  update(resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject> {
    return this.#send('PUT', pathOf(resource, placeIn(object)), object);
  }

  patch(resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject> {
    return this.#send('PATCH', pathOf(resource, placeIn(object)), object, 'application/merge-patch+json');
  }

  async delete(resource: SoakResource, place: Place): Promise<void> {
    await this.#send('DELETE', pathOf(resource, place));
  }

  async list({ path, apiVersion, kind }: SoakResource): Promise<readonly KubernetesObject[]> {
    const list = (await this.#send('GET', path)) as { readonly items: readonly KubernetesObject[] };
    // Items of built-in types carry neither.
    return list.items.map((item) => ({ apiVersion, kind, ...item }));
  }

  /** Streams of a server whose etcd is compacted go on: there is nothing to forget without a restart. */
  compact(): boolean {
    return false;
  }

  forgetRequests(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
    await this.#cluster.close();
  }

  async #send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<KubernetesObject> {
    const { url, authorization = '' } = this.upstream;
    const answer = await request(`${url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { authorization, ...(body === undefined ? undefined : { 'content-type': contentType }) },
      ...(body === undefined ? undefined : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return JSON.parse(text) as KubernetesObject;
  }
}

function placeIn({ metadata }: KubernetesObject): Place {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}

/** Starts a kube-apiserver with its etcd, which need not survive a loss of power. */
export async function startReal(): Promise<SoakServer> {
  const cluster = await startCluster({ etcdArgs: ['--unsafe-no-fsync'] });
  const server = new RealSoakServer(cluster);
  await server.createNamespaces();
  return server;
}
