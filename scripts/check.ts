/** The whole local gate: every stage runs, with its duration, and one that fails fails the gate. */
import { run } from './run.ts';

interface Stage {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Stages without which this one says nothing. */
  readonly needs?: readonly string[];
}

const stages: readonly Stage[] = [
  // Also import cycles, layers and the purity of core.
  { name: 'lint', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'build', command: 'node', args: ['scripts/build.ts'] },
  { name: 'types', command: 'tsc', args: ['-b', 'tsconfig.check.json'], needs: ['build'] },
  // The compiled scanner is what its source gives. Its compiler is a project of its own.
  { name: 'scanner', command: 'pnpm', args: ['build:scanner', '--check'] },
  { name: 'dead-code', command: 'knip', args: ['--no-progress', '--no-config-hints'] },
  { name: 'test', command: 'vitest', args: ['run'] },
  {
    name: 'packaging',
    command: 'vitest',
    args: ['run', '--config', 'vitest.packaging.config.ts'],
    needs: ['build'],
  },
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`no stage ${unknown.join(', ')}; there are: ${stages.map(({ name }) => name).join(' ')}`);
  process.exit(2);
}
const chosen = stages.filter(({ name }) => asked.length === 0 || asked.includes(name));

const failed: string[] = [];
const summary: string[] = [];
for (const { name, command, args, needs = [] } of chosen) {
  const missing = needs.filter((need) => failed.includes(need));
  if (missing.length > 0) {
    failed.push(name);
    summary.push(`${name}: not run, it needs ${missing.join(', ')}`);
    continue;
  }
  console.log(`\n== ${name}: ${[command, ...args].join(' ')}`);
  const started = performance.now();
  const code = await run(command, args);
  if (code !== 0) failed.push(name);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  summary.push(`${name}: ${code === 0 ? 'ok' : `FAILED with code ${code}`}, ${seconds} s`);
}
console.log(`\n== check\n${summary.join('\n')}`);
process.exit(failed.length === 0 ? 0 : 1);
