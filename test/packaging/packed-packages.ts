/** Packs the packages as they would be published, and unpacks them to be looked at. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PACKAGES, packageFolder, ROOT } from '../../scripts/packages.ts';

/** One packed package. */
export interface Packed {
  readonly name: string;
  readonly tarball: string;
  /** Where it is unpacked. */
  readonly folder: string;
  /** Paths below the folder, sorted. */
  readonly files: readonly string[];
}

/** Packs all packages, as built in dist, into a folder. */
export function packPackages(into: string): readonly Packed[] {
  return PACKAGES.map((name) => {
    execFileSync('pnpm', ['--dir', packageFolder(name), 'pack', '--out', join(into, `${name}.tgz`)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const tarball = join(into, `${name}.tgz`);
    const folder = join(into, name);
    mkdirSync(folder);
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder]);
    return { name: `@firn/${name}`, tarball, folder, files: filesBelow(folder) };
  });
}

/** What a tool of the workspace says about a tarball; throws if it finds fault with it. */
export function examine(tool: string, ...args: readonly string[]): string {
  return execFileSync(join(ROOT, 'node_modules/.bin', tool), args, { encoding: 'utf8' });
}

/** The text of a file in a packed package. */
export function textOf(packed: Packed, file: string): string {
  return readFileSync(join(packed.folder, file), 'utf8');
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(folder, path))
    .sort();
}
