/** Owns the embedded API server as a soak writes to it: in process, without sockets. */
import type { KubernetesObject } from '@firn/core';
import { type ApiServer, type RecordedRequest, startApiServer } from '@firn/runtime/testing';
import type { Place, SoakResource } from './resources.ts';
import type { SoakServer, Upstream } from './soak-server.ts';

/** Often, because a silent watch is only looked after once it has shown one; milliseconds of the machine's clock. */
const BOOKMARK_INTERVAL = 250;

class EmbeddedSoakServer implements SoakServer {
  readonly concurrency = 1;
  readonly #server: ApiServer;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  get upstream(): Upstream {
    return { url: this.#server.url };
  }

  create(_resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject> {
    return this.#server.create(object);
  }

  update(_resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject> {
    return this.#server.update(object);
  }

  patch(_resource: SoakResource, object: KubernetesObject): Promise<KubernetesObject> {
    return this.#server.patch(object);
  }

  async delete({ apiVersion, kind }: SoakResource, { namespace, name }: Place): Promise<void> {
    const metadata = namespace === '' ? { name } : { namespace, name };
    await this.#server.delete({ apiVersion, kind, metadata });
  }

  list({ gvr }: SoakResource): Promise<readonly KubernetesObject[]> {
    return this.#server.list(gvr);
  }

  compact(): boolean {
    this.#server.compact();
    return true;
  }

  forgetRequests(): void {
    (this.#server.requests as RecordedRequest[]).length = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.close();
  }
}

/** Starts the embedded API server; it remembers little, so that long stalls end with a 410. */
export async function startEmbedded(seed: number): Promise<SoakServer> {
  return new EmbeddedSoakServer(
    await startApiServer({ seed, history: 4000, bookmarkInterval: BOOKMARK_INTERVAL, versionWait: 300 }),
  );
}
