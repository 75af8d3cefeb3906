/** A real Kubernetes API server with its etcd, for one test file, on loopback and in a folder of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from './api-server.ts';
import { ClusterError } from './cluster-error.ts';
import { Etcd, type EtcdSnapshot } from './etcd.ts';
import { type Assets, findAssets } from './find-assets.ts';
import { formatKubeconfig } from './format-kubeconfig.ts';
import type { StaticToken } from './format-token-file.ts';
import { freePorts } from './free-ports.ts';
import { ProcessGroup } from './process-group.ts';
import { type KubectlOptions, type KubectlResult, runKubectl } from './run-kubectl.ts';
import { logTail } from './server-process.ts';

const ATTEMPTS = 3;

/** How a cluster is started; everything may be left out. */
export interface ClusterOptions {
  /** The folder in which the cluster makes its own, which goes when it is closed; the system's one for temporary files. */
  readonly dir?: string;
  /** Flags of kube-apiserver; one that the harness gives too replaces it: `['--watch-cache=false']`. */
  readonly apiServerArgs?: readonly string[];
  /** Flags of etcd, in the same way. */
  readonly etcdArgs?: readonly string[];
  /** Milliseconds that each server may take to become ready, 60,000 unless told. */
  readonly startTimeoutMs?: number;
}

/**
 * A cluster of two processes. No controllers run: a namespace that is deleted stays `Terminating`, owners do not
 * take their dependents along, and the aggregated roles (`view`, `edit`, `admin`) allow nothing.
 */
export class Cluster implements AsyncDisposable {
  /** The admin's bearer token, of the group `system:masters`. */
  readonly token: string;
  readonly #assets: Assets;
  readonly #group: ProcessGroup;
  readonly #etcd: Etcd;
  readonly #apiServer: ApiServer;

  /** Use `startCluster`. */
  constructor(assets: Assets, group: ProcessGroup, ports: readonly number[], options: ClusterOptions) {
    const [port = 0, clientPort = 0, peerPort = 0] = ports;
    const { startTimeoutMs = 60_000, apiServerArgs = [], etcdArgs = [] } = options;
    const common = { group, startTimeoutMs };
    this.token = `firn-${randomBytes(16).toString('hex')}`;
    this.#assets = assets;
    this.#group = group;
    this.#etcd = new Etcd({ ...common, command: assets.etcd, clientPort, peerPort, args: etcdArgs });
    this.#apiServer = new ApiServer({
      ...common,
      command: assets.apiServer,
      port,
      etcdUrl: this.#etcd.url,
      token: this.token,
      args: apiServerArgs,
    });
  }

  /** The API server's URL, `https://127.0.0.1:PORT`: the same over restarts. */
  get url(): string {
    return this.#apiServer.url;
  }

  /** etcd's client URL, plain HTTP. */
  get etcdUrl(): string {
    return this.#etcd.url;
  }

  /** The certificate authority (PEM) of the API server: the same over restarts. */
  get ca(): string {
    return this.#apiServer.ca;
  }

  /** The admin's kubeconfig. TLS is verified against `ca`. */
  get kubeconfigYaml(): string {
    return this.kubeconfigFor(this.token);
  }

  /** The file that holds `kubeconfigYaml`, for programs that want a path. */
  get kubeconfigPath(): string {
    return join(this.#group.folder, 'kubeconfig.yaml');
  }

  /** A kubeconfig for somebody else's token, see `setTokens`. */
  kubeconfigFor(token: string): string {
    return formatKubeconfig({ url: this.url, ca: this.ca, token });
  }

  /** Runs kubectl as the admin; `--kubeconfig` or `--token` in `args` make it somebody else. Never rejects for its exit code. */
  kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<KubectlResult> {
    return runKubectl(this.#group, this.#assets.kubectl, args, options);
  }

  /** The last lines of the API server's log. */
  apiServerLog(): Promise<string> {
    return logTail(this.#apiServer.logFile);
  }

  /** Starts both servers; `startCluster` has done it. */
  async start(): Promise<void> {
    await this.#etcd.start();
    await this.#apiServer.prepare();
    await this.#apiServer.start();
    await writeFile(this.kubeconfigPath, this.kubeconfigYaml, { mode: 0o600 });
  }

  /** Starts the API server on the same port and data; resolves once it is ready. Nothing happens if it runs. */
  startApiServer(): Promise<void> {
    return this.#apiServer.start();
  }

  /** Kills the API server. With `graceful` it is asked to end: its streams end in order, which takes about a second. */
  stopApiServer({ graceful = false }: { readonly graceful?: boolean } = {}): Promise<void> {
    return this.#apiServer.stop(graceful ? 'SIGTERM' : 'SIGKILL');
  }

  /** Kills the API server and starts it again on the same port and data. */
  async restartApiServer(): Promise<void> {
    await this.#apiServer.stop('SIGKILL');
    await this.#apiServer.start();
  }

  /** Keeps the state of etcd as it is now. Neither server ends and no stream breaks; writes under way may be in it. */
  snapshotEtcd(): Promise<EtcdSnapshot> {
    return this.#etcd.snapshot();
  }

  /** Puts etcd back to an older state, revision included, while both servers are down; then starts them again. */
  async restoreEtcd(snapshot: EtcdSnapshot): Promise<void> {
    await this.#apiServer.stop('SIGKILL');
    await this.#etcd.restore(snapshot);
    await this.#apiServer.start();
  }

  /** Replaces what etcd holds for an object, such as `secrets/shop/a`, by what the API server cannot read. */
  async damage(object: string): Promise<void> {
    await this.#etcd.put(`/registry/${object}`, 'damaged');
  }

  /** Takes an object, such as `secrets/shop/a`, out of etcd without a word to the API server. */
  async erase(object: string): Promise<void> {
    await this.#etcd.remove(`/registry/${object}`);
  }

  /**
   * Makes what was before `revision` (everything up to now if left out) unavailable: a watch from an older
   * resourceVersion gets an ERROR event with 410; a list at one, or continued from one, the status 410.
   * Resolves to the revision.
   *
   * The API server is killed and started again, since its watch cache would go on serving what etcd has
   * forgotten; no watch can then start before the restart, whatever `revision` is (a restart without a
   * compaction does that much, too). With `restart: false` only etcd forgets, and streams stay open: enough
   * where the watch cache is off (`apiServerArgs: ['--watch-cache=false']` or
   * `['--watch-cache-sizes=configmaps#0']`). A watch from the newest resourceVersion then misses nothing and is fine.
   */
  async compact(revision?: number, { restart = true }: { readonly restart?: boolean } = {}): Promise<number> {
    // etcd keeps the last revision, so that an exact list would still find it: one more makes it the past.
    const compacted = revision ?? (await this.#etcd.touch());
    await this.#etcd.compact(compacted);
    if (restart) await this.restartApiServer();
    return compacted;
  }

  /**
   * Lets in exactly these tokens beside the admin's. The API server reads the file only when it starts,
   * so it is killed and started again; so is every open stream.
   *
   * @throws {ClusterError} for a token that the file's format cannot express; nothing has changed then.
   */
  async setTokens(tokens: readonly StaticToken[]): Promise<void> {
    await this.#apiServer.writeTokens(tokens);
    await this.restartApiServer();
  }

  /** Kills everything, a kubectl under way too, and removes the folder; harmless when called again. */
  close(): Promise<void> {
    return this.#group.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Resolves to a cluster that is ready to serve: some seconds, minutes if the binaries have to be built first.
 * It goes with this process, however that ends.
 *
 * @example
 * await using cluster = await startCluster();
 * await cluster.kubectl(['create', 'namespace', 'shop']);
 *
 * @throws {ClusterError} if there are no binaries or a server does not start; with the end of its log.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const assets = await findAssets();
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(join(options.dir ?? tmpdir(), 'firn-cluster-'));
    const cluster = new Cluster(assets, new ProcessGroup(folder), await freePorts(3), options);
    try {
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster.close();
      const lostPort = error instanceof ClusterError && error.message.includes('address already in use');
      if (!lostPort || attempt === ATTEMPTS) throw error;
    }
  }
}
