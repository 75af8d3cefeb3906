/** Owns the command line of the benchmark. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './harness/bench-options.ts';
import { MEASURES, type MeasureName } from './measures/measures.ts';
import { KINDS, type KindName } from './objects/kinds.ts';

/** A command line: what is measured, on what, and where the figures go. */
export interface CommandLine {
  readonly measures: readonly MeasureName[];
  readonly options: BenchOptions;
  readonly json: string;
  readonly writeReadme: boolean;
}

const CONFIG = {
  rounds: { type: 'string', default: '5' },
  objects: { type: 'string', default: '50000' },
  events: { type: 'string', default: '50000' },
  kind: { type: 'string', default: 'ingresses' },
  'one-namespace': { type: 'boolean', default: false },
  million: { type: 'boolean', default: false },
  json: { type: 'string', default: join(tmpdir(), 'firn-bench.json') },
  'write-readme': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function help(): string {
  const measures = Object.entries(MEASURES).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`);
  return `pnpm bench [MEASURE...] [options]

Measures (all when none is named):
${measures.join('\n')}

Options:
  --objects N      objects in the store (50000): 1000, 10000, 50000, 200000
  --events N       events in a burst (50000)
  --kind KIND      ingresses (1.7 KB), secrets (4 KB) or pods (8 to 10 KB)
  --one-namespace  all objects in one namespace instead of 100
  --million        measures of scale go up to 1,000,000 objects
  --rounds N       rounds in which contenders take turns (5)
  --json FILE      where all figures go (a file in the folder for temporary ones)
  --write-readme   puts the figures into test/bench/README.md
`;
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} ${text}: give a whole number from 1.`);
  return number;
}

function oneOf<K extends string>(what: string, name: string, known: object): K {
  if (Object.hasOwn(known, name)) return name as K;
  throw new Error(`${what} ${name} is not known. There are: ${Object.keys(known).join(', ')}.`);
}

function read(args: readonly string[]): CommandLine | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: CONFIG, allowPositionals: true });
  if (values.help) return undefined;
  const named = positionals.map((name) => oneOf<MeasureName>('Measure', name, MEASURES));
  return {
    measures: named.length > 0 ? named : (Object.keys(MEASURES) as MeasureName[]),
    options: {
      rounds: positive('rounds', values.rounds),
      objects: positive('objects', values.objects),
      events: positive('events', values.events),
      kind: oneOf<KindName>('Kind', values.kind, KINDS),
      oneNamespace: values['one-namespace'],
      million: values.million,
    },
    json: values.json,
    writeReadme: values['write-readme'],
  };
}

/** The options; `undefined` where nothing is to be measured, with the exit code set and the reason told. */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  try {
    const options = read(args);
    if (options === undefined) console.log(help());
    return options;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help()}`);
    process.exitCode = 2;
    return undefined;
  }
}
