/** Builds the packages into their dist folders, from nothing: no file of a deleted source may survive. */
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES, packageFolder, readManifest } from './packages.ts';
import { run } from './run.ts';

for (const name of PACKAGES) rmSync(join(packageFolder(name), 'dist'), { recursive: true, force: true });

const code = await run('tsc', ['-b', 'tsconfig.json']);
if (code !== 0) process.exit(code);

for (const name of PACKAGES) {
  for (const [command, file] of Object.entries(readManifest(name).bin ?? {})) {
    const path = join(packageFolder(name), file);
    if (!readFileSync(path, 'utf8').startsWith('#!/usr/bin/env node\n')) {
      throw new Error(`${path} is the command ${command}: its source must begin with '#!/usr/bin/env node'`);
    }
    chmodSync(path, 0o755);
  }
}
