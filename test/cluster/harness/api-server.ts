/** The kube-apiserver of a cluster: how it is run, and when it is ready. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServiceAccountKey } from './create-service-account-key.ts';
import { formatTokenFile, type StaticToken } from './format-token-file.ts';
import { loopbackRequest } from './loopback-request.ts';
import { mergeArgs } from './merge-args.ts';
import type { ProcessGroup } from './process-group.ts';
import { readAuthority } from './read-authority.ts';
import { ServerProcess } from './server-process.ts';

/** What a kube-apiserver is run with; `token` is let in as a member of `system:masters`. */
export interface ApiServerOptions {
  readonly group: ProcessGroup;
  readonly command: string;
  readonly port: number;
  readonly etcdUrl: string;
  readonly token: string;
  readonly args: readonly string[];
  readonly startTimeoutMs: number;
}

const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/namespaces';

/** What answers 200 once it is ready; it is a hundred writes away from what it makes last, the bindings of roles. */
const READY = [
  '/readyz',
  '/api/v1/namespaces/default',
  `${BINDINGS}/kube-public/rolebindings/system:controller:bootstrap-signer`,
  `${BINDINGS}/kube-system/rolebindings/system:controller:token-cleaner`,
];

/** A kube-apiserver on loopback, over TLS, with RBAC. */
export class ApiServer {
  readonly url: string;
  readonly #options: ApiServerOptions;
  readonly logFile: string;
  readonly #certificates: string;
  readonly #keyFile: string;
  readonly #tokenFile: string;
  #ca = '';
  #process: ServerProcess | undefined;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const { folder } = options.group;
    this.url = `https://127.0.0.1:${options.port}`;
    this.logFile = join(folder, 'kube-apiserver.log');
    this.#certificates = join(folder, 'certificates');
    this.#keyFile = join(folder, 'service-account.key');
    this.#tokenFile = join(folder, 'tokens.csv');
  }

  /** The certificate authority (PEM) of its serving certificate: of its own making, so empty before the first start. */
  get ca(): string {
    return this.#ca;
  }

  /** Writes what it needs beside etcd before its first start. */
  async prepare(): Promise<void> {
    await mkdir(this.#certificates, { mode: 0o700 });
    await writeFile(this.#keyFile, createServiceAccountKey(), { mode: 0o600 });
    await this.writeTokens([]);
  }

  /** The admin's token and these are let in from the next start on: the server never reads the file again. */
  async writeTokens(tokens: readonly StaticToken[]): Promise<void> {
    const admin = { token: this.#options.token, user: 'admin', uid: '1', groups: ['system:masters'] };
    await writeFile(this.#tokenFile, formatTokenFile([admin, ...tokens]), { mode: 0o600 });
  }

  /** Starts it and waits until it is ready and has made what it makes for itself; does nothing if it runs. */
  async start(): Promise<void> {
    this.#options.group.assertOpen();
    if (this.#process && !this.#process.hasEnded) return;
    const { group, command, args, startTimeoutMs } = this.#options;
    this.#process = await ServerProcess.start({
      group,
      command,
      args: mergeArgs(this.#defaultArgs(), args),
      logFile: this.logFile,
      startTimeoutMs,
      isReady: (signal) => this.#isReady(signal),
    });
  }

  /** Ends it: SIGKILL is a crash, SIGTERM an orderly end of the streams under way. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#process?.stop(signal);
  }

  async #isReady(signal: AbortSignal): Promise<boolean> {
    const ca = await readAuthority(this.#certificates);
    if (ca === undefined) return false;
    this.#ca = ca;
    const { token } = this.#options;
    for (const path of READY) {
      const { status } = await loopbackRequest(`${this.url}${path}`, { token, ca, signal });
      if (status !== 200) return false;
    }
    return true;
  }

  #defaultArgs(): string[] {
    return [
      `--etcd-servers=${this.#options.etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${this.#options.port}`,
      // Nobody reaches it but from here, and a machine without a network has no other address.
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--cert-dir=${this.#certificates}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${this.#keyFile}`,
      `--service-account-signing-key-file=${this.#keyFile}`,
      `--token-auth-file=${this.#tokenFile}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      // There is no controller that would make the service account of a namespace, which pods would wait for.
      '--disable-admission-plugins=ServiceAccount',
      // History ends when a test says so, not every five minutes.
      '--etcd-compaction-interval=0',
      // Asked to end, it ends its streams at once; without a grace period it would wait a minute for them.
      '--shutdown-watch-termination-grace-period=10s',
      '--profiling=false',
    ];
  }
}
