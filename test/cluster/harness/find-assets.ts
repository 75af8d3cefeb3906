/** Finds the binaries of the real API server, and has them built where there are none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ClusterError } from './cluster-error.ts';

/** Absolute paths of the three binaries. */
export interface Assets {
  readonly apiServer: string;
  readonly etcd: string;
  readonly kubectl: string;
}

/**
 * Resolves to the binaries of `KUBEBUILDER_ASSETS`, else to those in the cache folder, which are built from
 * Go modules first if need be: minutes the first time, then a few milliseconds. Progress goes to stderr.
 *
 * @throws {ClusterError} if there are none and they cannot be built; stderr says what to install.
 */
export async function findAssets(): Promise<Assets> {
  const script = fileURLToPath(new URL('../assets/build.sh', import.meta.url));
  const build = spawn('bash', [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(build.stdout), once(build, 'close')]);
  const folder = output.trim();
  if (code !== 0 || folder === '') {
    throw new ClusterError(
      `${script} ended with code ${code}: there is no kube-apiserver to test with, see its messages above`,
    );
  }
  return {
    apiServer: join(folder, 'kube-apiserver'),
    etcd: join(folder, 'etcd'),
    kubectl: join(folder, 'kubectl'),
  };
}
