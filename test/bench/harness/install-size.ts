/** Owns the size of what an installation brings: the built packages, and what they depend on. */
import { existsSync, globSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGES, packageFolder, readManifest } from '../../../scripts/packages.ts';

/** A folder of an installation. */
export interface Installed {
  readonly name: string;
  readonly bytes: number;
}

interface Dependent {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function bytesOf(folder: string): number {
  const files = globSync('**/*', { cwd: folder, exclude: (name) => name === 'node_modules' }).map((name) =>
    statSync(join(folder, name)),
  );
  return files.reduce((bytes, file) => bytes + (file.isFile() ? file.size : 0), 0);
}

/** Where a package finds another one: in its own node_modules, or in one further up. */
function findPackage(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
  return dirname(from) === from ? undefined : findPackage(name, dirname(from));
}

/** The dist folders as they are published: without what only the build needs. */
export function builtSizes(): Installed[] {
  return PACKAGES.map((name) => {
    const dist = join(packageFolder(name), 'dist');
    const leftOut = globSync('**/*.tsbuildinfo', { cwd: dist }).map(
      (file) => statSync(join(dist, file)).size,
    );
    return {
      name: readManifest(name).name,
      bytes: bytesOf(dist) - leftOut.reduce((sum, size) => sum + size, 0),
    };
  });
}

/** Every package that the published ones need, directly or not, the largest first. */
export function dependencySizes(): Installed[] {
  const own = new Set(PACKAGES.map((name) => readManifest(name).name));
  const found = new Map<string, Installed>();
  const visit = (folder: string): void => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Dependent;
    const { dependencies = {}, optionalDependencies = {} } = manifest;
    const names = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
    for (const name of names.difference(own)) {
      const dependency = findPackage(name, folder);
      // One for another operating system.
      if (dependency === undefined && name in optionalDependencies) continue;
      if (dependency === undefined) throw new Error(`${name}, which ${folder} depends on, is not installed.`);
      if (found.has(dependency)) continue;
      found.set(dependency, { name, bytes: bytesOf(dependency) });
      visit(dependency);
    }
  };
  for (const name of PACKAGES) visit(packageFolder(name));
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}
