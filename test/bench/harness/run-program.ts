/** Owns the running of a whole program: started, waited for, its success checked. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/packages.ts';

/**
 * Runs Node.js with these arguments, where the packages of the workspace can be imported; gives what it printed and
 * how long that took from its start to its end.
 *
 * @throws when it fails.
 */
export function runProgram(args: readonly string[]): { readonly ms: number; readonly stdout: string } {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: join(ROOT, 'test'),
    encoding: 'utf8',
  });
  const ms = performance.now() - start;
  if (status !== 0)
    throw new Error(`node ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`, { cause: error });
  return { ms, stdout };
}
