/** The etcd of a cluster: its life, its revision, compaction, and going back to an older state. */
import { constants } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError } from './cluster-error.ts';
import { type LoopbackAnswer, loopbackRequest } from './loopback-request.ts';
import { mergeArgs } from './merge-args.ts';
import { killGroup, type ProcessGroup } from './process-group.ts';
import { ServerProcess } from './server-process.ts';

const FREEZE_TIMEOUT_MS = 5_000;

/** A state of etcd to go back to, as often as wanted, while its cluster is open. */
export interface EtcdSnapshot {
  /** etcd's revision, which is the highest resourceVersion, just before it was taken. */
  readonly revision: number;
  readonly folder: string;
}

/** Where an etcd keeps its data, what it listens on and how it is run. */
export interface EtcdOptions {
  readonly group: ProcessGroup;
  readonly command: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly args: readonly string[];
  readonly startTimeoutMs: number;
}

/** A single etcd member on loopback. */
export class Etcd {
  readonly url: string;
  readonly #options: EtcdOptions;
  readonly #data: string;
  #process: ServerProcess | undefined;
  #snapshots = 0;

  constructor(options: EtcdOptions) {
    this.#options = options;
    this.#data = join(options.group.folder, 'etcd');
    this.url = `http://127.0.0.1:${options.clientPort}`;
  }

  /** Starts it on the data that is there; does nothing if it runs. */
  async start(): Promise<void> {
    this.#options.group.assertOpen();
    if (this.#process && !this.#process.hasEnded) return;
    const { group, command, clientPort, peerPort, args, startTimeoutMs } = this.#options;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    const defaults = [
      '--name=firn',
      `--data-dir=${this.#data}`,
      `--listen-client-urls=http://127.0.0.1:${clientPort}`,
      `--advertise-client-urls=${this.url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=firn=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ];
    await mkdir(this.#data, { recursive: true, mode: 0o700 });
    this.#process = await ServerProcess.start({
      group,
      command,
      args: mergeArgs(defaults, args),
      logFile: join(group.folder, 'etcd.log'),
      startTimeoutMs,
      isReady: async (signal) => (await loopbackRequest(`${this.url}/health`, { signal })).status === 200,
    });
  }

  /** Kills it, as a crash would. */
  async stop(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  /** Resolves to the revision of the last write. */
  async revision(): Promise<number> {
    return revisionOf(await this.#post('/v3/maintenance/status', {}));
  }

  /** Writes something that is no Kubernetes object; resolves to the revision that this made. */
  async touch(): Promise<number> {
    return this.put('firn', '');
  }

  /** Writes a value behind the API server's back; resolves to the revision that this made. */
  async put(key: string, value: string): Promise<number> {
    const [keyInBase64, valueInBase64] = [key, value].map((text) => Buffer.from(text).toString('base64'));
    return revisionOf(await this.#post('/v3/kv/put', { key: keyInBase64, value: valueInBase64 }));
  }

  /** Removes a key behind the API server's back. */
  async remove(key: string): Promise<void> {
    revisionOf(await this.#post('/v3/kv/deleterange', { key: Buffer.from(key).toString('base64') }));
  }

  /** Forgets all history before `revision`; resolves once that is done, or was done before. */
  async compact(revision: number): Promise<void> {
    const answer = await this.#post('/v3/kv/compaction', { revision: String(revision), physical: true });
    if (answer.status === 200 || answer.body.includes('has been compacted')) return;
    throw new ClusterError(`etcd did not compact at revision ${revision}: ${answer.status} ${answer.body}`);
  }

  /**
   * Copies the data while etcd is frozen for a fraction of a second: to its clients it is slow, not gone.
   * That is what a crash would leave at this instant: every acknowledged write is in it.
   */
  async snapshot(): Promise<EtcdSnapshot> {
    const revision = await this.revision();
    const pid = this.#process?.pid;
    if (pid === undefined)
      throw new ClusterError('etcd does not run: there is nothing to take a snapshot of');
    this.#snapshots += 1;
    const folder = join(this.#options.group.folder, `etcd-snapshot-${this.#snapshots}`);
    killGroup(pid, 'SIGSTOP');
    try {
      await frozen(pid);
      await copyData(this.#data, folder);
    } finally {
      killGroup(pid, 'SIGCONT');
    }
    return { revision, folder };
  }

  /** Kills etcd, puts the data of the snapshot in place of its own, and starts it. */
  async restore(snapshot: EtcdSnapshot): Promise<void> {
    await this.stop();
    await rm(this.#data, { recursive: true, force: true });
    await copyData(snapshot.folder, this.#data);
    await this.start();
  }

  #post(path: string, body: unknown): Promise<LoopbackAnswer> {
    return loopbackRequest(`${this.url}${path}`, { method: 'POST', body });
  }
}

function revisionOf({ status, body }: LoopbackAnswer): number {
  if (status !== 200) throw new ClusterError(`etcd answered with ${status} ${body} instead of its revision`);
  const { header } = JSON.parse(body) as { readonly header: { readonly revision: string } };
  return Number(header.revision);
}

async function copyData(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  // wal/*.tmp are 64 MiB of empty space that etcd prepares for later; it makes them anew.
  const filter = (path: string): boolean => !path.endsWith('.tmp');
  await cp(from, to, { recursive: true, filter, mode: constants.COPYFILE_FICLONE });
}

/** SIGSTOP is delivered a moment after it is sent: waits until no thread of the process can write any more. */
async function frozen(pid: number): Promise<void> {
  const deadline = AbortSignal.timeout(FREEZE_TIMEOUT_MS);
  while (!(await allThreadsStopped(pid))) {
    if (deadline.aborted) throw new ClusterError(`etcd (process ${pid}) did not stop for a snapshot`);
    await sleep(1);
  }
}

async function allThreadsStopped(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    // Without /proc: far longer than the system needs.
    await sleep(100);
    return true;
  }
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  );
  // "pid (command) state …"; the command may contain spaces and parentheses.
  return stats.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'));
}
