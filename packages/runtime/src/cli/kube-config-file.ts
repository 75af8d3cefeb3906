/** Owns the kubeconfig file of a server that a command starts: readable by its owner only, gone at the end. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A kubeconfig on disk. */
export interface KubeConfigFile {
  readonly path: string;
  remove(): Promise<void>;
}

/** Writes a kubeconfig into a folder of its own; removed by `remove`, or when the process ends without it. */
export async function writeKubeConfigFile(yaml: string): Promise<KubeConfigFile> {
  const folder = await mkdtemp(join(tmpdir(), 'firn-kubeconfig-'));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow);
  const path = join(folder, 'kubeconfig');
  await writeFile(path, yaml, { mode: 0o600 });
  return {
    path,
    remove: async () => {
      process.off('exit', removeNow);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
