/** Installs the packed packages into an empty project outside the workspace, as a user would. */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/packages.ts';
import type { Packed } from './packed-packages.ts';

/** The oldest Node.js that the packages' `engines` allow. */
export const OLDEST_NODE = '22.19.0';

/** What a command of the project printed. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A project that depends on the packages, and has the oldest Node.js beside the one that runs the tests. */
export class ConsumerProject {
  readonly folder: string;
  /** Absolute path of the oldest Node.js. */
  readonly oldestNode: string;

  constructor(folder: string, packages: readonly Packed[]) {
    this.folder = folder;
    this.oldestNode = join(folder, 'node_modules/node/bin/node');
    const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    this.#write('package.json', {
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: tarballs,
      devDependencies: {
        '@types/node': devDependencies['@types/node'],
        // client-node's isomorphic-ws has types that need those of ws, and brings none.
        '@types/ws': '^8',
        node: OLDEST_NODE,
      },
    });
    // JSON is YAML. The packages depend on each other's published versions, which are these tarballs.
    this.#write('pnpm-workspace.yaml', { overrides: tarballs, allowBuilds: { node: true } });
    cpSync(join(import.meta.dirname, 'consumer'), folder, { recursive: true });
    execFileSync('pnpm', ['install', '--prefer-offline', '--no-frozen-lockfile'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** Runs a command in the project; rejects if its exit code is not 0. */
  run(command: string, ...args: readonly string[]): Promise<Output> {
    const oldestFirst = `${join(this.folder, 'node_modules/.bin')}:${process.env.PATH}`;
    return promisify(execFile)(command, args, {
      cwd: this.folder,
      env: { ...process.env, PATH: oldestFirst, NODE_OPTIONS: '', NO_COLOR: '1' },
      timeout: 30_000,
    });
  }

  #write(file: string, content: unknown): void {
    writeFileSync(join(this.folder, file), JSON.stringify(content));
  }
}
