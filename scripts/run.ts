/** Runs one command of the workspace in the foreground. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './packages.ts';

/** Runs a command in the root folder, showing what it prints; resolves to its exit code (1 if a signal ended it). */
export async function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
  const [code] = await once(child, 'close');
  return code ?? 1;
}
