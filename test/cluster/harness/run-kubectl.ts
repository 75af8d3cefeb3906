/** Runs kubectl against a cluster. */
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ClusterError } from './cluster-error.ts';
import { killGroup, type ProcessGroup } from './process-group.ts';

/** `input` goes to its stdin (`-f -`); aborting `signal` kills it. */
export interface KubectlOptions {
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** What it printed, and its exit code: -1 if it was killed. */
export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/**
 * Resolves to what kubectl said, whatever its exit code.
 *
 * @throws {ClusterError} if it cannot be run at all.
 */
export async function runKubectl(
  group: ProcessGroup,
  command: string,
  args: readonly string[],
  { input, signal }: KubectlOptions,
): Promise<KubectlResult> {
  const { PATH = '' } = process.env;
  // HOME: its discovery cache and its preferences are the cluster's, not the user's.
  const env = { PATH, HOME: group.folder, KUBECONFIG: join(group.folder, 'kubeconfig.yaml') };
  const child = group.spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || !stdin || !stdout || !stderr) {
    const [cause] = await once(child, 'error');
    throw new ClusterError(`${command} cannot be run`, { cause });
  }
  const kill = (): void => killGroup(pid, 'SIGKILL');
  signal?.addEventListener('abort', kill);
  if (signal?.aborted) kill();
  try {
    // Its exit code says what went wrong if it ends before it has read everything.
    stdin.on('error', () => {});
    stdin.end(input);
    const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'close')]);
    return { stdout: out, stderr: err, code: code ?? -1 };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}
