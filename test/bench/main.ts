/** Owns the command: which measures are run, and where their results go. */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseCommandLine } from './command-line.ts';
import type { Result } from './harness/figure.ts';
import { environmentOf, formatEnvironment, formatResult, type Report } from './harness/report.ts';
import { MEASURES } from './measures/measures.ts';

const README = new URL('./README.md', import.meta.url);
const BEGIN = '<!-- figures: written by `pnpm bench --write-readme` -->';
const END = '<!-- end of figures -->';

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine === undefined) process.exit(process.exitCode ?? 0);

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
const versions = {
  '@kubernetes/client-node': versionOf('@kubernetes/client-node'),
  undici: versionOf('undici'),
};
const { measures, options, json, writeReadme } = commandLine;
const environment = environmentOf(options, versions);

console.log(`${formatEnvironment(environment)}\n`);
const results: Result[] = [];
for (const name of measures) {
  for (const result of await MEASURES[name].run(options)) {
    results.push(result);
    console.log(formatResult(result));
  }
}
const report: Report = { environment, results };
await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
console.log(`All figures: ${json}`);
if (writeReadme) {
  const text = await readFile(README, 'utf8');
  const figures = [formatEnvironment(environment), '', ...results.map(formatResult)].join('\n');
  const [before = '', rest = ''] = text.split(BEGIN);
  const [, after = ''] = rest.split(END);
  await writeFile(README, `${before}${BEGIN}\n\n${figures}\n${END}${after}`);
}
