/** Owns the `firn` command as a child process of a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../packages/runtime/src/cli/main.ts', import.meta.url));

/** A run of the command. */
export interface FirnProcess {
  readonly child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves to the exit code when the process has ended. */
  readonly ended: Promise<number | null>;
  /** Resolves as soon as the condition holds; rejects if the process ends before. */
  until(condition: (run: FirnProcess) => boolean): Promise<void>;
}

/** Lines of JSON, each parsed; the last one may still be arriving. */
export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Starts `firn` from its sources; it does not outlive the test that calls this. */
export function firn(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdout: 'pipe' | number = 'pipe',
): FirnProcess {
  const child = spawn(process.execPath, ['--conditions=@firn/source', MAIN, ...args], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['ignore', stdout, 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const written = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const run: FirnProcess = {
    child,
    ended,
    get stdout() {
      return written.stdout;
    },
    get stderr() {
      return written.stderr;
    },
    until(condition) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        if (!condition(run)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() => {
        look();
        reject(new Error(`firn ended early.\n${written.stdout.slice(-2000)}\n${written.stderr}`));
      });
      return promise;
    },
  };
  return run;
}
