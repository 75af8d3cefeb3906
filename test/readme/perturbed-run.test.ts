/** Owns the proof that the README's example of a perturbed run is a program, and passes. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(root, 'examples/perturbed-run.ts');

it('the example of a perturbed run is the one in the README, and passes', async () => {
  const readme = await readFile(join(root, 'packages/runtime/README.md'), 'utf8');
  const [, block = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const example = await readFile(EXAMPLE, 'utf8');
  expect(example.slice(example.indexOf('\n') + 1)).toBe(block);
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
  const args = ['--conditions=@firn/source', '--test', EXAMPLE];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  expect(stdout).toMatch(/pass 1\n/);
});
