/** Owns the built packages: they are there, and no older than their sources. */
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES, packageFolder, ROOT } from '../../../scripts/packages.ts';
import { runProgram } from './run-program.ts';

function isOutdated(name: string): boolean {
  const folder = packageFolder(name);
  const built = join(folder, 'dist', 'index.js');
  if (!existsSync(built)) return true;
  const { mtimeMs } = statSync(built);
  return globSync('src/**/*.ts', { cwd: folder }).some(
    (source) => statSync(join(folder, source)).mtimeMs > mtimeMs,
  );
}

/** Builds the packages unless they are built from what lies in their sources. */
export function buildPackages(): void {
  if (PACKAGES.some(isOutdated)) runProgram([join(ROOT, 'scripts', 'build.ts')]);
}
