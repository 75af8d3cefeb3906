/** Owns the processes and the folder of one cluster: neither outlives the Node process that asked for them. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { ClusterError } from './cluster-error.ts';

// The guard reads the process groups alive, one line each time they change. Its input ends when this process
// closes it or dies, be it by SIGKILL: then it kills what the last line named and removes the folder ($0).
// The loop is for files that a dying process still writes.
const GUARD = `
while read -r line; do alive=$line; done
for pid in $alive; do kill -s KILL -- "-$pid" 2>/dev/null; done
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$0" 2>/dev/null && break
  sleep 0.1
done`;

/** Spawns processes that are killed, and removes the folder, when it is closed or when this process dies. */
export class ProcessGroup implements AsyncDisposable {
  readonly folder: string;
  readonly #guard: ChildProcess;
  readonly #alive = new Map<number, ChildProcess>();
  #closing: Promise<void> | undefined;

  constructor(folder: string) {
    this.folder = folder;
    this.#guard = spawn('/bin/sh', ['-c', GUARD, folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
    });
    // A guard that somebody killed must not take the tests with it: close() does its work as well.
    this.#guard.stdin?.on('error', () => {});
    this.#guard.on('error', () => {});
    this.#guard.unref();
  }

  /**
   * Like `spawn` of node:child_process, in a process group of its own, so that Ctrl-C on the terminal reaches
   * this process only, which then decides.
   *
   * @throws {ClusterError} once the group is closed.
   */
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    this.assertOpen();
    const child = spawn(command, args, { ...options, detached: true });
    const { pid } = child;
    if (pid === undefined) return child;
    this.#alive.set(pid, child);
    this.#tellGuard();
    child.once('exit', () => {
      this.#alive.delete(pid);
      this.#tellGuard();
    });
    return child;
  }

  /** @throws {ClusterError} once the group is closed: nothing may be put into its folder any more. */
  assertOpen(): void {
    if (this.#closing) throw new ClusterError('the cluster is closed: start another one');
  }

  /** Kills everything that still runs and removes the folder. Calling it again gives the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const exits = [...this.#alive].map(async ([pid, child]) => {
      const exit = once(child, 'exit');
      killGroup(pid, 'SIGKILL');
      await exit;
    });
    await Promise.all(exits);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return;
    const exit = once(this.#guard, 'exit');
    this.#guard.ref();
    this.#guard.stdin?.end();
    await exit;
  }

  #tellGuard(): void {
    if (this.#guard.stdin?.writable) this.#guard.stdin.write(`${[...this.#alive.keys()].join(' ')}\n`);
  }
}

/** Signals a process and what it spawned; one that has ended already is fine. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
