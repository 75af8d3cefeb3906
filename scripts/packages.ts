/** Owns the list of published packages, in the order of their imports. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder names below packages/; each imports only from those before it. */
export const PACKAGES = ['core', 'stores', 'runtime'] as const;

/** The part of a package.json that scripts and tests read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The workspace's root folder. */
export const ROOT: string = join(import.meta.dirname, '..');

/** Absolute path of a package's folder. */
export function packageFolder(name: string): string {
  return join(ROOT, 'packages', name);
}

/** The package.json of a package. */
export function readManifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8'));
}
