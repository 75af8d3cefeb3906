/** Owns throw-away workspaces under this repository's own rules, in which a test plants what they forbid. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PACKAGES, packageFolder, ROOT, readManifest } from '../../scripts/packages.ts';

const RULES = [
  '.gitignore',
  'biome.json',
  'examples/package.json',
  'knip.json',
  'package.json',
  'pnpm-workspace.yaml',
  'scripts',
  'test/package.json',
  'tsconfig.base.json',
  'tsconfig.json',
];

/** What a tool of the gate said. */
export interface Verdict {
  readonly code: number | null;
  readonly output: string;
}

/** A workspace with the real configuration and three packages that hold one clean file each. */
export class PlantedWorkspace implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'firn-gate-'));

  constructor() {
    for (const path of RULES) cpSync(join(ROOT, path), join(this.folder, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    for (const name of PACKAGES) {
      const folder = join('packages', name);
      for (const file of ['package.json', 'tsconfig.json']) {
        cpSync(join(packageFolder(name), file), join(this.folder, folder, file));
      }
      this.#linkAsPnpmDoes(name);
      this.plant({ [`${folder}/src/index.ts`]: "export const clean: string = 'clean';\n" });
    }
    this.plant({ 'packages/runtime/src/testing/index.ts': "export const tested: string = 'clean';\n" });
  }

  /** Writes files; the keys are paths below the workspace's root. */
  plant(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  /** Runs a tool of the gate in it. */
  run(tool: 'biome' | 'tsc' | 'knip', ...args: readonly string[]): Verdict {
    const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin', tool), args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    return { code: status, output: stdout + stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Only what a package declares can be resolved in it. */
  #linkAsPnpmDoes(name: string): void {
    const { dependencies = {} } = readManifest(name);
    for (const other of PACKAGES) {
      if (dependencies[`@firn/${other}`] === undefined) continue;
      const scope = join(this.folder, 'packages', name, 'node_modules/@firn');
      mkdirSync(scope, { recursive: true });
      symlinkSync(join('../../..', other), join(scope, other));
    }
  }
}
