/** One server of the cluster as a process: started until it is ready, stopped, and its log. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError } from './cluster-error.ts';
import { killGroup, type ProcessGroup } from './process-group.ts';

const POLL_MS = 25;
const PROBE_TIMEOUT_MS = 5_000;
const LOG_LINES = 20;

/** What to run, where its log goes, and how to find out that it is ready. */
export interface ServerProcessOptions {
  readonly group: ProcessGroup;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly startTimeoutMs: number;
  /** Resolves to true once the server serves; a rejection counts as "not yet". */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
}

/** A server that runs, from a successful `start` on. */
export class ServerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
  }

  /**
   * Starts the server and waits until it is ready.
   *
   * @throws {ClusterError} if it ends or is not ready in time; the message has the last lines of its log.
   */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    // Its log goes to a file, not to a pipe: a test that keeps the event loop busy must not stall the server.
    const log = await open(options.logFile, 'a');
    const child = options.group.spawn(options.command, options.args, { stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    if (child.pid === undefined) {
      const [cause] = await once(child, 'error');
      throw new ClusterError(`${options.command} cannot be run`, { cause });
    }
    const server = new ServerProcess(child, child.pid);
    try {
      await server.#becomeReady(options);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends the signal and waits for the end of the process; does nothing if it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.#child, 'exit');
    killGroup(this.pid, signal);
    await exit;
  }

  async #becomeReady({ command, logFile, startTimeoutMs, isReady }: ServerProcessOptions): Promise<void> {
    const deadline = AbortSignal.timeout(startTimeoutMs);
    for (;;) {
      if (this.hasEnded) {
        const end = this.#child.signalCode ?? `code ${this.#child.exitCode}`;
        throw new ClusterError(
          `${basename(command)} ended with ${end} before it was ready:\n${await logTail(logFile)}`,
        );
      }
      if (deadline.aborted) {
        throw new ClusterError(
          `${basename(command)} was not ready after ${startTimeoutMs} ms:\n${await logTail(logFile)}`,
        );
      }
      const signal = AbortSignal.any([deadline, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
      if (await isReady(signal).catch(() => false)) return;
      await sleep(POLL_MS);
    }
  }
}

/** The last lines of a log file, long ones cut. */
export async function logTail(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines
    .slice(-LOG_LINES)
    .map((line) => line.slice(0, 500))
    .join('\n');
}
